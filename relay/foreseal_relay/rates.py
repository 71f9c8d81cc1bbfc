"""How often something may be done, by whoever asks and by all together. Kept in memory and forgotten with the process.

An address is never kept: what is, is its HMAC under a key that this process made and holds alone, for as long as it
still has to wait and no longer.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from typing import Final

__all__ = ["MAX_SOURCES", "Rates"]

MAX_SOURCES: Final = 10_000
"""Sources remembered at once. When they are all still waiting, newcomers share one place."""
_SHARED: Final = b""


class Rates:
    """`every`: seconds that one costs a source; `burst`: how many it may spend at once; `all_every`: seconds that one
    costs everybody. `key`: random bytes. The algorithm is the generic cell rate algorithm (ITU-T I.371)."""

    def __init__(self, key: bytes, *, every: float, burst: int, all_every: float) -> None:
        self._key = key
        self._every = every
        self._burst = burst
        self._all_every = all_every
        self._due: dict[bytes, float] = {}
        self._all_due = 0.0

    def take(self, source: str, now: float) -> int:
        """0, or how many seconds to wait; what has to wait costs nothing. `now`: seconds, of any clock that does not
        go back."""
        name = hmac.digest(self._key, source.encode("utf-8", "surrogateescape"), hashlib.sha256)[:16]
        if name not in self._due and len(self._due) >= MAX_SOURCES:
            self._forget(now)
            name = _SHARED if len(self._due) >= MAX_SOURCES else name
        own, everybody = max(self._due.get(name, now), now), max(self._all_due, now)
        wait = max(own - now - self._every * (self._burst - 1), everybody - now - self._all_every * (self._burst - 1))
        if wait > 0:
            return math.ceil(wait)
        self._due[name], self._all_due = own + self._every, everybody + self._all_every
        return 0

    def _forget(self, now: float) -> None:
        self._due = {name: due for name, due in self._due.items() if due > now}
