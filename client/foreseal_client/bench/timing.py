"""How long calls take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["at_share", "calls_a_second", "median", "timed"]

T = TypeVar("T")


def timed(
    call: Callable[[T], object],
    arguments: Iterable[T],
    between: Callable[[], object] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> list[float]:
    """Seconds that `call` takes for each argument. `between`: done before each, and not counted. `clock`: seconds of
    some kind."""
    spent = []
    for argument in arguments:
        if between is not None:
            between()
        began = clock()
        call(argument)
        spent.append(clock() - began)
    return spent


def calls_a_second(call: Callable[[T], object], arguments: Sequence[T], threads: int) -> float:
    """How many calls so many threads make a second, together; each makes all of them."""
    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        list(pool.map(lambda _: timed(call, arguments), range(threads)))
        return threads * len(arguments) / (time.perf_counter() - began)


def at_share(values: Sequence[float], share: float) -> float:
    """The value that this share (0..1) of all do not exceed; nearest rank. Raises `ValueError` for none."""
    if not values:
        raise ValueError("nothing was measured")
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return at_share(values, 0.5)
