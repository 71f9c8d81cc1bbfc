"""PDQ: a 256-bit fingerprint that stays near itself when a picture is re-saved, resized or made grey.

Written from the published description ("The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm",
Facebook, 2019, chapters 3 and 4; github.com/facebook/threatexchange, hashing/hashing.pdf). It is computed by the
compiled core (core/pdq.c) where there is one, and by its twin `plain_pdq` where not: both give the same bits.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from foreseal_matcher.core import compiled

__all__ = [
    "BITS",
    "BYTES",
    "MATCH_AT",
    "MAX_SIDE",
    "MIN_QUALITY",
    "POSITIONS",
    "Part",
    "Pdq",
    "both_ways",
    "bytes_of",
    "dihedral",
    "distance",
    "pdq",
]

BITS: Final = 256
BYTES: Final = BITS // 8
MATCH_AT: Final = 31
"""Two pictures resemble each other when at most this many bits differ (the description's recommendation)."""
MIN_QUALITY: Final = 50
"""Under this quality a fingerprint says too little to be compared (the description's recommendation)."""
MAX_SIDE: Final = 2048
"""Most rows or columns `pdq` takes."""
POSITIONS: Final = (
    "plain",
    "mirrored",
    "flipped",
    "turned 180",
    "transposed",
    "turned 270",
    "turned 90",
    "transposed, turned 180",
)
"""The eight positions in which a picture can be seen, in the order in which `dihedral` gives them. Turns are clockwise;
"flipped" is upside down."""


class Pdq(NamedTuple):
    """A fingerprint. `bits`: 32 bytes, so that `bits.hex()` reads as the reference prints it. `quality`: 0..100,
    how much there is in the picture to tell it by."""

    bits: bytes
    quality: int

    @property
    def telling(self) -> bool:
        """Whether the quality is enough for the fingerprint to be compared with others."""
        return self.quality >= MIN_QUALITY


class Part(NamedTuple):
    """The rows of a picture's luma from `top` up to and without `bottom`, and such columns."""

    top: int
    left: int
    bottom: int
    right: int


def pdq(luma: memoryview, full: tuple[int, int] | None = None) -> Pdq:
    """The fingerprint of a picture given as luma 0..255 in unsigned bytes, rows first, 1..2048 a side.

    A larger picture is reduced first (`decode` does), and `full` then tells its rows and columns before that: the
    fingerprint is the one that the picture has at its full size. Raises `ValueError` for any other shape."""
    return _positions(luma, full, 1)[0]


def dihedral(luma: memoryview, full: tuple[int, int] | None = None) -> tuple[Pdq, ...]:
    """The fingerprints of a picture in all eight `POSITIONS`: exactly those of the turned pixels, for two to three
    times the cost of one. Raises `ValueError` as `pdq` does."""
    return _positions(luma, full, len(POSITIONS))


def both_ways(luma: memoryview, full: tuple[int, int], part: Part) -> tuple[Pdq, Pdq]:
    """The fingerprints of a part of a picture, as if it had been cut out: as it is, and mirrored. Raises `ValueError`
    as `pdq` does, and for a part that is not inside."""
    plain, mirrored = _positions(luma, full, 2, part)
    return plain, mirrored


def _positions(luma: memoryview, full: tuple[int, int] | None, count: int, part: Part | None = None) -> tuple[Pdq, ...]:
    rows, columns = _shape(luma)
    full = full or (rows, columns)
    if part is not None:
        full = (
            _share(full[0], part.bottom - part.top, rows),
            _share(full[1], part.right - part.left, columns),
        )
    part = part or Part(0, 0, rows, columns)
    core = compiled()
    if core is not None:
        found = core.pdq(bytes_of(luma), columns, part, full, count)
    else:
        # Imported here because numpy takes longer to load than a check takes.
        from foreseal_matcher.fingerprints.plain_pdq import plain_pdq

        found = plain_pdq(luma, full, part, count)
    return tuple(Pdq(bits, quality) for bits, quality in found)


def _share(full: int, own: int, of: int) -> int:
    """The side that a part had before it was reduced, to the nearest whole pixel."""
    return (2 * full * own + of) // (2 * of)


def distance(one: bytes, other: bytes) -> int:
    """In how many bits two fingerprints differ, 0..256."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def bytes_of(luma: memoryview) -> bytes:
    """Its pixels, row after row; not copied where the view is of just that, as those that `decode` makes are."""
    whole = luma.obj
    if isinstance(whole, bytes) and luma.c_contiguous and len(whole) == luma.nbytes:
        return whole
    return luma.tobytes()


def _shape(luma: memoryview) -> tuple[int, int]:
    shape = luma.shape or ()
    if luma.format != "B" or len(shape) != 2 or not all(1 <= side <= MAX_SIDE for side in shape):
        raise ValueError(f"luma must be bytes in 1..{MAX_SIDE} rows and columns, not {luma.format!r} in {shape}")
    return shape[0], shape[1]
