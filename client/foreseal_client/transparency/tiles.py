"""The hashes of a log in small files, as one finds them by level and place.

A tile holds up to eight hashes of one level; tile levels are three tree levels apart, and what lies between is computed
from it. A file's name tells how many hashes it has: what is signed once is never written again, and who wants a proof
fetches the few tiles on its way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from foreseal_client.transparency.merkle import HASH_BYTES, node_hash

__all__ = ["HEIGHT", "TILE_BYTES", "WIDTH", "BrokenTile", "Tiles", "extended", "tile_name"]

HEIGHT: Final = 3
"""Levels of the tree from one level of tiles to the next."""
WIDTH: Final = 2**HEIGHT
"""Hashes of a full tile."""
TILE_BYTES: Final = WIDTH * HASH_BYTES


class BrokenTile(Exception):
    """A tile has not the length that its name tells. The log cannot be read further; nothing else is known by it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The log's file {name} is not as long as it must be. Get the log again.")
        self.name = name


class Tiles:
    """The hashes of a tree of `size` entries. `read`: the content of a tile by its name; what it raises is raised."""

    def __init__(self, size: int, read: Callable[[str], bytes]) -> None:
        self.size = size
        self._read = read
        self._known: dict[str, bytes] = {}

    def hash(self, level: int, index: int) -> bytes:
        """The hash over 2**level entries from index * 2**level on, all of which the tree must have. Raises
        `BrokenTile`."""
        high, between = divmod(level, HEIGHT)
        first = index << between
        number = first // WIDTH
        tile = self._tile(high, number, min(WIDTH, (self.size >> high * HEIGHT) - number * WIDTH))
        at = first % WIDTH
        return _over([tile[HASH_BYTES * place :][:HASH_BYTES] for place in range(at, at + (1 << between))])

    def _tile(self, level: int, number: int, width: int) -> bytes:
        name = tile_name(level, number, width)
        known = self._known.get(name)
        if known is None:
            known = self._read(name)
            if len(known) != width * HASH_BYTES:
                raise BrokenTile(name)
            self._known[name] = known
        return known


def tile_name(level: int, number: int, width: int) -> str:
    """Where a tile lies in the folder of a log. `width`: how many hashes it has, 1 to 8."""
    return f"tiles/{level}/{number}.{width}"


def extended(tiles: Tiles, leaves: Sequence[bytes]) -> dict[str, bytes]:
    """The tiles, by name, that come to a tree when these hashes of entries are put at its end."""
    files: dict[str, bytes] = {}
    level, start, row = 0, tiles.size, list(leaves)
    while row:
        first = start // WIDTH
        row = [tiles.hash(level * HEIGHT, index) for index in range(first * WIDTH, start)] + row
        whole = []
        for at in range(0, len(row), WIDTH):
            tile = row[at : at + WIDTH]
            files[tile_name(level, first + at // WIDTH, len(tile))] = b"".join(tile)
            if len(tile) == WIDTH:
                whole.append(_over(tile))
        level, start, row = level + 1, first, whole
    return files


def _over(hashes: Sequence[bytes]) -> bytes:
    """The hash over a power of two of them."""
    while len(hashes) > 1:
        hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]
