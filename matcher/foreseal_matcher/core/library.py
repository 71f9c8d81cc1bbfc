"""How Python calls the compiled core: one method for each function of `foreseal_core.h`, by ctypes.

Calls let other threads run meanwhile, and the library keeps nothing between them.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from ctypes import POINTER, byref, c_char, c_char_p, c_int32, c_int64, c_uint8, c_uint32, c_uint64, c_void_p, cast
from functools import cached_property
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Final

__all__ = ["Block", "Library", "Searchable", "load"]

VERSION: Final = 2
"""`FORESEAL_CORE_VERSION` that these declarations were written for."""
_HASH: Final = 32
_ROOM: Final = 256
"""Rows that a search has room for at first; one that finds more is made again."""


class Block:
    """Memory that the core reads: a writable buffer (an array of bytes, or a private mapping of a file, which ctypes
    can take the address of and nobody writes to). It stays where it is as long as the block lives."""

    __slots__ = ("_held", "address", "size")

    def __init__(self, buffer: memoryview | bytearray) -> None:
        self.size = memoryview(buffer).nbytes
        self._held: ctypes.Array[c_char] | None = (c_char * self.size).from_buffer(buffer)
        self.address = ctypes.addressof(self._held)

    def release(self) -> None:
        """Lets go of the buffer, which can then be closed. The block must not be used again."""
        self._held = None


class _Band(ctypes.Structure):
    _fields_ = (("bits", c_uint8), ("radius", c_uint8))


class _Index(ctypes.Structure):
    _fields_ = (("bands", POINTER(_Band)), ("band_count", c_uint64), ("body", c_void_p), ("body_size", c_uint64))


class _Found(ctypes.Structure):
    _fields_ = (("row", c_uint32), ("distance", c_uint32))


class _Cost(ctypes.Structure):
    _fields_ = (("compared", c_uint64), ("scanned", c_uint64))


class _Part(ctypes.Structure):
    _fields_ = tuple((side, c_uint32) for side in ("top", "left", "bottom", "right"))


class Searchable:
    """A column with its ids and, if it has one, its index, as the core is handed them. `bands`: pairs of bits and
    radius."""

    __slots__ = ("_bands", "_blocks", "column", "count", "ids", "index")

    def __init__(self, column: Block, ids: Block, bands: Sequence[tuple[int, int]] = (), body: Block | None = None):
        count = column.size // _HASH
        _check(column.size == count * _HASH and ids.size == count * 8, "a row has 32 bytes, its id 8")
        self._blocks = (column, ids, body)
        self._bands = _bands(bands)
        self.count = count
        self.column, self.ids = column.address, ids.address
        address, size = (body.address, body.size) if body else (None, 0)
        self.index = _Index(self._bands, len(bands) if body else 0, address, size)


class Library:
    """The functions of the core. Wrong sizes raise `ValueError`; they are our mistake and never a caller's."""

    def __init__(self, path: Path) -> None:
        self._functions = ctypes.CDLL(str(path))
        self.path = path

    @cached_property
    def version(self) -> int:
        """What `FORESEAL_CORE_VERSION` was when it was built."""
        function = self._functions.foreseal_core_version
        function.argtypes, function.restype = (), c_int32
        return int(function())

    def pdq(
        self, luma: bytes, stride: int, part: tuple[int, int, int, int], full: tuple[int, int], positions: int
    ) -> list[tuple[bytes, int]]:
        """Hash and quality in each of the first 1, 2 or 8 positions. `luma`: rows of `stride` bytes, of which only the
        `part` (top, left, bottom, right) is looked at. See `fingerprints.pdq`."""
        top, left, bottom, right = part
        _check(0 <= top < bottom and 0 <= left < right <= stride and bottom * stride <= len(luma), "a part of the luma")
        hashed = ctypes.create_string_buffer(positions * _HASH)
        qualities = ctypes.create_string_buffer(positions)
        corner = (cast(c_char_p(luma), c_void_p).value or 0) + top * stride + left
        _checked(self._pdq(corner, bottom - top, right - left, stride, *full, positions, hashed, qualities))
        return [(hashed.raw[at * _HASH : (at + 1) * _HASH], qualities.raw[at]) for at in range(positions)]

    def border(self, luma: bytes, rows: int, columns: int) -> tuple[int, int, int, int] | None:
        """What lies inside a border, as top, left, bottom, right. See `border.inside_border`."""
        _check(len(luma) == rows * columns, "luma has a byte for each pixel")
        part = _Part()
        found = _checked(self._border(luma, rows, columns, byref(part)))
        return (part.top, part.left, part.bottom, part.right) if found else None

    def within(self, where: Searchable, query: bytes, radius: int) -> list[tuple[int, int]]:
        """Row and distance of all at most `radius` away, in the order of rows."""
        _check(len(query) == _HASH, "a query has 32 bytes")
        room = _ROOM
        while True:
            found = (_Found * room)()
            met = _checked(
                self._within(where.column, where.count, byref(where.index), query, radius, found, room, None)
            )
            if met <= room:
                return [(each.row, each.distance) for each in found[:met]]
            room = met

    def nearest(self, where: Searchable, query: bytes, radius: int) -> tuple[tuple[int, int] | None, int, bool]:
        """Row and distance of the nearest with the lowest id; how many were compared; whether that was all."""
        _check(len(query) == _HASH, "a query has 32 bytes")
        best, cost = _Found(), _Cost()
        met = self._nearest(
            where.column, where.ids, where.count, byref(where.index), query, radius, byref(best), byref(cost)
        )
        found = (best.row, best.distance) if _checked(met) else None
        return found, cost.compared, bool(cost.scanned)

    def build_band(self, column: Block, bands: Sequence[tuple[int, int]], band: int, body: Block) -> None:
        """Writes one band of an index into `body`."""
        shape = _bands(bands)
        count = column.size // _HASH
        _checked(self._build(column.address, count, shape, len(bands), band, body.address, body.size))

    def ascending(self, rows: Block, width: int) -> bool:
        """Whether no row of `width` bytes is less than the one before it."""
        return bool(self._ascending(rows.address, rows.size // width, width))

    @cached_property
    def _pdq(self) -> ctypes._NamedFuncPointer:
        shape = (c_void_p, c_uint32, c_uint32, c_uint64, c_uint32, c_uint32, c_uint32, c_char_p, c_char_p)
        return self._declared("foreseal_pdq", c_int32, *shape)

    @cached_property
    def _border(self) -> ctypes._NamedFuncPointer:
        return self._declared("foreseal_border", c_int32, c_char_p, c_uint32, c_uint32, POINTER(_Part))

    @cached_property
    def _within(self) -> ctypes._NamedFuncPointer:
        shape = (c_void_p, c_uint64, POINTER(_Index), c_char_p, c_uint32, POINTER(_Found), c_uint64, POINTER(_Cost))
        return self._declared("foreseal_within", c_int64, *shape)

    @cached_property
    def _nearest(self) -> ctypes._NamedFuncPointer:
        shape = (c_uint64, POINTER(_Index), c_char_p, c_uint32, POINTER(_Found), POINTER(_Cost))
        return self._declared("foreseal_nearest", c_int32, c_void_p, c_void_p, *shape)

    @cached_property
    def _build(self) -> ctypes._NamedFuncPointer:
        shape = (c_void_p, c_uint64, POINTER(_Band), c_uint64, c_uint64, c_void_p, c_uint64)
        return self._declared("foreseal_index_build", c_int32, *shape)

    @cached_property
    def _ascending(self) -> ctypes._NamedFuncPointer:
        return self._declared("foreseal_ascending", c_int32, c_void_p, c_uint64, c_uint64)

    def _declared(self, name: str, result: type, *arguments: type) -> ctypes._NamedFuncPointer:
        function = self._functions[name]
        function.argtypes, function.restype = arguments, result
        return function


def load() -> Library | None:
    """The library beside this file, if it was built, fits these declarations and this machine's byte order."""
    if sys.byteorder != "little":
        return None
    for suffix in EXTENSION_SUFFIXES:
        path = Path(__file__).with_name(f"_foreseal_core{suffix}")
        if path.exists():
            try:
                found = Library(path)
                return found if found.version == VERSION else None
            except (OSError, AttributeError):
                return None  # Built for another machine, or something else under that name.
    return None


def _bands(bands: Sequence[tuple[int, int]]) -> ctypes.Array[_Band]:
    return (_Band * len(bands))(*(_Band(*band) for band in bands))


def _check(fits: bool, must: str) -> None:
    if not fits:
        raise ValueError(must)


def _checked(answer: int) -> int:
    if answer < 0:
        raise ValueError(f"the core refuses these sizes ({answer})")
    return answer
