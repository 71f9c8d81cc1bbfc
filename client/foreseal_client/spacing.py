"""When things leave: pauses between envelopes for several people, and the moment in which a day's tokens are drawn.

Who is written to in one moment, each time together, is in one group to whoever watches the relay. What pauses change
for somebody who cannot see addresses, and what they do not for somebody who can, is measured by `foreseal bench
observer` (decision 91). Why tokens are drawn apart from the login is decision 103.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

__all__ = [
    "APART", "AT_ONCE", "LONGEST_GAP", "SETTLED", "SPACED", "SPREAD", "Gap", "Pause", "Spacing", "apart", "at_once",
    "settled", "spread",
]  # fmt: skip

Pause = Callable[[float], Awaitable[None]]
"""Waits for so many seconds."""
Gap = Callable[[int], float]
"""Seconds to wait before the next envelope, where so many people wait for one."""

SPREAD: Final = 3.0
"""Seconds over which envelopes for many people are spread on average: none of them waits longer than twice this."""
LONGEST_GAP: Final = 1.0
"""Seconds that one pause lasts at most."""
SETTLED: Final = (0.5, 2.0)
"""Seconds after a login, at least and at most, at which a day's tokens are drawn."""
APART: Final = (0.25, 0.75)
"""Seconds, at least and at most, between drawing them and spending the first by what waited for it."""
_STEPS: Final = 2**20


@dataclass(frozen=True, slots=True)
class Spacing:
    """`gap`: between envelopes for several people. `settled`: seconds from a login until the day's tokens are drawn,
    whether one is needed or not; None: they are drawn when the first is needed."""

    gap: Gap
    settled: Callable[[], float] | None


def spread(people: int) -> float:
    """A pause drawn evenly from 0 to twice its mean, which is `SPREAD` shared by all, and never over `LONGEST_GAP`."""
    longest = min(LONGEST_GAP, 2 * SPREAD / max(people, 1))
    return longest * secrets.randbelow(_STEPS) / _STEPS


def at_once(people: int) -> float:
    """No pause: where somebody waits for all of it to arrive and nobody watches, as on a stage or in a test."""
    return 0.0


def settled() -> float:
    """A moment drawn evenly from `SETTLED`, which says nothing of what the person does. What needs a token meanwhile
    waits for it."""
    return _evenly(*SETTLED)


def apart() -> float:
    """A pause drawn evenly from `APART`: a draw is made by name, what follows it at once would be known by that."""
    return _evenly(*APART)


def _evenly(least: float, most: float) -> float:
    return least + (most - least) * secrets.randbelow(_STEPS) / _STEPS


SPACED: Final = Spacing(spread, settled)
"""What somebody who watches learns the least from."""
AT_ONCE: Final = Spacing(at_once, None)
"""Nothing waits, and nothing is done that nobody needs: where nobody watches."""
