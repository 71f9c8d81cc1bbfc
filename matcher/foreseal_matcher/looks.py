"""Many looks at one picture: how a copy may have been changed on its way, undone before it is compared.

Looking an entry up costs a tenth of a millisecond, and so does a look once the picture lies on its canvas. What each
look finds, what it costs and how near it brings strangers to each other is measured in docs/measuring.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import starmap
from typing import Final, NamedTuple, Protocol

from foreseal_matcher.border import has_border
from foreseal_matcher.content import Looks
from foreseal_matcher.fingerprints.pdq import POSITIONS, Pdq, dihedral, pdq

__all__ = ["PLAIN", "Pictured", "Seen", "seen"]

PLAIN: Final = POSITIONS[0]
"""What a verdict calls the picture as it is."""


class Pictured(Protocol):
    """A picture as decoders hand it over, upright."""

    @property
    def luma(self) -> memoryview:
        """Rows x columns of luma 0..255."""

    @property
    def full(self) -> tuple[int, int]:
        """Rows and columns before it was reduced."""


class Seen(NamedTuple):
    """A fingerprint, and how the picture was looked at to make it."""

    look: str
    fingerprint: Pdq


def seen(picture: Pictured, looks: Looks) -> Iterator[Seen]:
    """The fingerprints of a picture under a set of looks, those beyond its eight positions made one by one as they are
    asked for: who stops at the first match pays for no more. The picture as it is comes first."""
    if looks is Looks.PLAIN:
        yield Seen(PLAIN, pdq(picture.luma, picture.full))
        return
    yield from map(Seen, POSITIONS, dihedral(picture.luma, picture.full))
    if looks is Looks.QUICK and not has_border(picture.luma):
        return
    # Imported here because numpy takes longer to load than the positions take.
    from foreseal_matcher.further_looks import further

    yield from starmap(Seen, further(picture.luma, picture.full, thorough=looks is Looks.FULL))
