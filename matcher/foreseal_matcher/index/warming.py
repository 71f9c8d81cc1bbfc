"""Answering while an index still lies on the disk and not in memory, as after a start of the machine.

A search through an index reads thousands of small pieces from all over it, and from a disk each is waited for: 0.4 to
0.6 s at three million entries. To read all fingerprints in order and to compare each takes a quarter of that. So the
first answers come from that, while the index is read through in the background.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
from collections.abc import Callable
from typing import Final

from foreseal_matcher.core.library import Block
from foreseal_matcher.index import Cost, Found, RadiusIndex

__all__ = ["WarmingSearch", "in_background", "in_memory", "share_in_memory"]

_ENOUGH: Final = 0.5
"""Share of an index from which on searching it is quicker than comparing every row."""
_PIECE: Final = 4 * 1024 * 1024


def in_memory(body: memoryview) -> bool:
    """Whether so much of a mapped index is in memory that it is worth searching."""
    return share_in_memory(body) >= _ENOUGH


def share_in_memory(mapped: memoryview) -> float:
    """How much of a mapped file is in memory, 0..1; all of it where the system does not tell."""
    if sys.platform != "linux":
        return 1.0
    start = Block(mapped).address
    aligned = start // mmap.PAGESIZE * mmap.PAGESIZE
    length = start + mapped.nbytes - aligned
    held = (ctypes.c_ubyte * -(-length // mmap.PAGESIZE))()
    # mincore(2): the lowest bit of each byte says it of one page.
    failed = ctypes.CDLL(None).mincore(ctypes.c_void_p(aligned), ctypes.c_size_t(length), held)
    return 1.0 if failed else bytes(held).count(1) / len(held)


class WarmingSearch:
    """A search that compares every row by `scan` until the `body` of the index was read through, and goes by `index`
    from then on. Reading begins with the first answer, which has the disk for itself. `run`: does some work in the
    background."""

    __slots__ = ("_body", "_index", "_reading", "_run", "_search")

    def __init__(
        self, scan: RadiusIndex, index: RadiusIndex, body: memoryview, run: Callable[[Callable[[], None]], None]
    ) -> None:
        self._search = scan
        self._index = index
        self._body = body
        self._run = run
        self._reading = False

    def within(self, query: bytes, radius: int) -> list[Found]:
        """All rows at most `radius` bits from `query`, in the order of rows."""
        found = self._search.within(query, radius)
        self._begin()
        return found

    def nearest(self, query: bytes, radius: int) -> Found | None:
        """The nearest row at most `radius` bits away; of several the one with the lowest id."""
        found = self._search.nearest(query, radius)
        self._begin()
        return found

    def cost(self, query: bytes, radius: int) -> Cost:
        """What `nearest` takes for this query now."""
        return self._search.cost(query, radius)

    def _begin(self) -> None:
        # Two threads that come here at once both read; that does no harm.
        if not self._reading:
            self._reading = True
            self._run(self._read)

    def _read(self) -> None:
        # Imported here because only a first answer from a cold disk needs it. It lets other threads run meanwhile.
        import zlib

        for at in range(0, self._body.nbytes, _PIECE):
            zlib.crc32(self._body[at : at + _PIECE])
        self._search = self._index


def in_background(work: Callable[[], None]) -> None:
    """Does `work` in a thread that does not keep the program from ending."""
    import threading

    threading.Thread(target=work, name="foreseal-index", daemon=True).start()
