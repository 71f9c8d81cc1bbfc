"""A file in memory that may be read so many times, and not once more.

Pillow walks through headers in Python: a byte at a time over what fills a JPEG, four reads for a PNG's chunk, two for
a GIF's block. A file made of nothing else would keep it busy for minutes. Counting here bounds every such walk,
whatever in the file it steps over, without a second parser that would have to agree with Pillow's.
"""

from __future__ import annotations

import io

from foreseal_matcher.errors import Undecodable
from foreseal_matcher.verdict import Reason

__all__ = ["Metered"]


class Metered(io.BytesIO):
    """The bytes of a picture. The `limit`th read is the last; after it each one raises `Undecodable(DAMAGED)`."""

    def __init__(self, data: bytes, limit: int) -> None:
        super().__init__(data)
        self._limit = limit
        self.reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to `size` bytes, counted as one read."""
        self.reads += 1
        if self.reads > self._limit:
            raise Undecodable(Reason.DAMAGED, f"it is in so many pieces that {self._limit} reads do not get through it")
        return super().read(size)
