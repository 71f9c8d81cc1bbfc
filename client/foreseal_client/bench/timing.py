"""How long calls take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

__all__ = ["at_share", "median", "timed"]

T = TypeVar("T")


def timed(
    call: Callable[[T], object], arguments: Iterable[T], between: Callable[[], object] | None = None
) -> list[float]:
    """Seconds that `call` takes for each argument. `between`: done before each, and not counted."""
    spent = []
    for argument in arguments:
        if between is not None:
            between()
        began = time.perf_counter()
        call(argument)
        spent.append(time.perf_counter() - began)
    return spent


def at_share(values: Sequence[float], share: float) -> float:
    """The value that this share (0..1) of all do not exceed; nearest rank. Raises `ValueError` for none."""
    if not values:
        raise ValueError("nothing was measured")
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return at_share(values, 0.5)
