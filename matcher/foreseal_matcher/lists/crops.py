"""Parts of a picture that are listed beside it, so that copies that were cropped come near one of them.

A look that guesses what a crop took (`further_looks`) cannot know what was there; whoever lists a picture has it. 18
parts a picture bring crops of up to a tenth from 0.6 to 0.9 to 1.00 (docs/measuring.md), and make a list's column of
fingerprints up to 19 times as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Final

from foreseal_matcher.fingerprints.pdq import Pdq, pdq

if TYPE_CHECKING:
    # `decode` brings Pillow, which takes longer to load than a lookup takes.
    from foreseal_matcher.decode import Look

__all__ = ["SHARES", "crops_of"]

SHARES: Final = (0.05, 0.1)
"""What a part lacks of a side: half of it at either end, or all of it at one end, at a side or a corner."""


def crops_of(picture: Look) -> Iterator[Pdq]:
    """The fingerprints of 18 parts of a picture: for each share the middle, four sides and four corners."""
    for share in SHARES:
        yield _part(picture, share / 2, share / 2, share, share)
        for first in (0.0, share):
            yield _part(picture, first, 0, share, 0)
            yield _part(picture, 0, first, 0, share)
        for top, left in product((0.0, share), repeat=2):
            yield _part(picture, top, left, share, share)


def _part(picture: Look, top: float, left: float, down: float, across: float) -> Pdq:
    """Without `down` of its height, of that `top` at its upper end, and without `across` of its width."""
    rows, columns = picture.luma.shape or (0, 0)
    first, last = round(rows * top), round(rows * (1 - down + top))
    start, end = round(columns * left), round(columns * (1 - across + left))
    luma = picture.luma.tobytes()
    kept = b"".join(luma[at * columns + start : at * columns + end] for at in range(first, last))
    height, width = last - first, end - start
    full = (
        max(height, round(picture.full[0] * (1 - down))),
        max(width, round(picture.full[1] * (1 - across))),
    )
    return pdq(memoryview(kept).cast("B", shape=(height, width)), full)
