"""PDQ: a 256-bit fingerprint that stays near itself when a picture is re-saved, resized or made grey.

Written from the published description ("The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm",
Facebook, 2019, chapters 3 and 4; github.com/facebook/threatexchange, hashing/hashing.pdf). It is computed by the
compiled core (core/pdq.c) where there is one, and by its twin `plain_pdq` where not: both give the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from foreseal_matcher.core import compiled

__all__ = [
    "BITS",
    "BYTES",
    "MATCH_AT",
    "MAX_SIDE",
    "MIN_QUALITY",
    "POSITIONS",
    "Pdq",
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


@dataclass(frozen=True, slots=True)
class Pdq:
    """A fingerprint. `bits`: 32 bytes, so that `bits.hex()` reads as the reference prints it. `quality`: 0..100,
    how much there is in the picture to tell it by."""

    bits: bytes
    quality: int

    @property
    def telling(self) -> bool:
        """Whether the quality is enough for the fingerprint to be compared with others."""
        return self.quality >= MIN_QUALITY


def pdq(luma: memoryview, full: tuple[int, int] | None = None) -> Pdq:
    """The fingerprint of a picture given as luma 0..255 in unsigned bytes, rows first, 1..2048 a side.

    A larger picture is reduced first (`decode` does), and `full` then tells its rows and columns before that: the
    fingerprint is the one that the picture has at its full size. Raises `ValueError` for any other shape."""
    rows, columns = _shape(luma)
    core = compiled()
    if core is not None:
        return Pdq(*core.pdq(_bytes_of(luma), rows, columns, full or (rows, columns)))
    # Imported here because numpy takes longer to load than a check takes.
    from foreseal_matcher.fingerprints.plain_pdq import plain_pdq

    return Pdq(*plain_pdq(luma, full or (rows, columns)))


def dihedral(luma: memoryview, full: tuple[int, int] | None = None) -> tuple[Pdq, ...]:
    """The fingerprints of a picture in all eight `POSITIONS`: exactly those of the turned pixels, for two to three
    times the cost of one. Raises `ValueError` as `pdq` does."""
    rows, columns = _shape(luma)
    core = compiled()
    if core is not None:
        found = core.pdq_dihedral(_bytes_of(luma), rows, columns, full or (rows, columns))
    else:
        from foreseal_matcher.fingerprints.plain_pdq import plain_dihedral

        found = plain_dihedral(luma, full or (rows, columns))
    return tuple(Pdq(bits, quality) for bits, quality in found)


def distance(one: bytes, other: bytes) -> int:
    """In how many bits two fingerprints differ, 0..256."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def _bytes_of(luma: memoryview) -> bytes:
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
