"""The search in the compiled core: through the buckets of an index, or over all rows."""

from __future__ import annotations

from foreseal_matcher.core.library import Block, Library, Searchable
from foreseal_matcher.index import Cost, Found
from foreseal_matcher.index.bands import Band

__all__ = ["CompiledSearch"]


class CompiledSearch:
    """A search over `column` (rows x 32 bytes) whose rows have these `ids` (8 bytes each, little-endian); both are
    writable buffers. `body`: of an index with these `bands`, or None to compare every row."""

    __slots__ = ("_core", "_where")

    def __init__(
        self,
        core: Library,
        column: memoryview,
        ids: memoryview,
        bands: tuple[Band, ...] = (),
        body: memoryview | None = None,
    ) -> None:
        self._core = core
        self._where = Searchable(Block(column), Block(ids), bands, None if body is None else Block(body))

    def within(self, query: bytes, radius: int) -> list[Found]:
        """All rows at most `radius` bits from `query`, in the order of rows."""
        return [Found(*found) for found in self._core.within(self._where, query, radius)]

    def nearest(self, query: bytes, radius: int) -> Found | None:
        """The nearest row at most `radius` bits away; of several the one with the lowest id."""
        found, _, _ = self._core.nearest(self._where, query, radius)
        return None if found is None else Found(*found)

    def cost(self, query: bytes, radius: int) -> Cost:
        """What `nearest` takes for this query."""
        _, compared, scanned = self._core.nearest(self._where, query, radius)
        return Cost(compared, scanned)
