"""Pauses between envelopes that leave one after the other for several people: what a group gets is no burst.

Who is written to in one moment, each time together, is in one group to whoever watches the relay. What pauses change
for somebody who cannot see addresses, and what they do not for somebody who can, is measured by `foreseal bench
observer` (decision 91).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

__all__ = ["LONGEST_GAP", "SPREAD", "Gap", "at_once", "spread"]

Gap = Callable[[int], float]
"""Seconds to wait before the next envelope, where so many people wait for one."""

SPREAD: Final = 3.0
"""Seconds over which envelopes for many people are spread on average: none of them waits longer than twice this."""
LONGEST_GAP: Final = 1.0
"""Seconds that one pause lasts at most."""
_STEPS: Final = 2**20


def spread(people: int) -> float:
    """A pause drawn evenly from 0 to twice its mean, which is `SPREAD` shared by all, and never over `LONGEST_GAP`."""
    longest = min(LONGEST_GAP, 2 * SPREAD / max(people, 1))
    return longest * secrets.randbelow(_STEPS) / _STEPS


def at_once(people: int) -> float:
    """No pause: where somebody waits for all of it to arrive and nobody watches, as on a stage or in a test."""
    return 0.0
