"""Many looks at one picture: how a copy may have been changed on its way, undone before it is compared.

Looking an entry up costs a tenth of a millisecond, and so does a look once the picture lies on its canvas. What each
look finds, what it costs and how near it brings strangers to each other is measured in docs/measuring.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from typing import Final, NamedTuple

from foreseal_matcher.canvas import WHOLE, Canvas, Window
from foreseal_matcher.content import Looks
from foreseal_matcher.decode import Look
from foreseal_matcher.fingerprints.pdq import FORMS, Pdq, Samples, forms, of_samples, pdq, samples
from foreseal_matcher.trimming import has_border, trimmed

__all__ = ["PLAIN", "Seen", "seen"]

PLAIN: Final = FORMS[0]
"""What a verdict calls the picture as it is."""
_MIRRORED_TOO: Final = 2
"""The first two of `FORMS`: a trimmed, grown or turned look is also taken mirrored, and not turned further."""
_GROWN: Final = 0.026
_GROWN_FURTHER: Final = 0.0556
"""What a copy lost at each end if it kept 95 or 90 % of a side, as shares of what it kept."""
_ONE_SIDED: Final = (0.026, 0.053, 0.111)
"""The same where all was lost at one end, and the copy kept 97.5, 95 or 90 %."""
_FADING_FROM: Final = 0.05
"""So much that was lost is better told by two guesses: that its edge went on, and that it faded into the mean."""
_ANGLES: Final = (-3.5, -2, -1, 1, 2, 3.5)
_ENDS: Final = ("", "above", "below"), ("", "left", "right")


class Seen(NamedTuple):
    """A fingerprint, and how the picture was looked at to make it."""

    look: str
    fingerprint: Pdq


def seen(picture: Look, looks: Looks) -> Iterator[Seen]:
    """The fingerprints of a picture under a set of looks, made one by one as they are asked for: who stops at the
    first match pays for no more. The picture as it is comes first."""
    if looks is Looks.PLAIN:
        yield Seen(PLAIN, pdq(picture.luma, picture.full))
        return
    yield from map(Seen, FORMS, forms(samples(picture.luma, picture.full)))
    if looks is Looks.QUICK and not has_border(picture.luma):
        return
    canvas = Canvas.of(picture.luma, picture.full)
    for name, window in trimmed(canvas, thorough=looks is Looks.FULL):
        yield from _both_ways(name, canvas.sampled(window))
    if looks is Looks.FULL:
        yield from _restored(canvas)


def _restored(canvas: Canvas) -> Iterator[Seen]:
    """The picture continued where it may have been cropped, turned back, or both; and with what was written on it
    smoothed away."""
    for share in (_GROWN, _GROWN_FURTHER):
        yield from _grown(canvas, Window(-share, -share, 1 + share, 1 + share), f"grown {share:.1%}", share, both=True)
    for degrees in _ANGLES:
        yield from _both_ways(f"turned {degrees:g}", canvas.sampled(WHOLE, degrees))
    outer = Window(-_GROWN, -_GROWN, 1 + _GROWN, 1 + _GROWN)
    for degrees in (-2, 2):
        yield from _both_ways(f"turned {degrees}, grown {_GROWN:.1%}", canvas.sampled(outer, degrees))
    for share, down, across in product(_ONE_SIDED, *_ENDS):
        if down or across:
            window = Window(
                -share * (down == "above"),
                -share * (across == "left"),
                1 + share * (down == "below"),
                1 + share * (across == "right"),
            )
            where = " and ".join(filter(None, (down, across)))
            yield from _grown(canvas, window, f"grown {share:.1%} {where}", share, both=False)
    yield from _both_ways("letters smoothed", canvas.without_letters().sampled())


def _grown(canvas: Canvas, window: Window, name: str, share: float, *, both: bool) -> Iterator[Seen]:
    """`both`: also mirrored."""
    ways = {name: canvas.sampled(window)}
    if share > _FADING_FROM:
        ways[f"{name}, fading"] = canvas.sampled(window, fading=True)
    for each, taken in ways.items():
        yield from _both_ways(each, taken) if both else (Seen(each, of_samples(taken)),)


def _both_ways(name: str, taken: Samples) -> Iterator[Seen]:
    for form, fingerprint in islice(zip(FORMS, forms(taken), strict=True), _MIRRORED_TOO):
        yield Seen(name if form == PLAIN else f"{name}, {form}", fingerprint)
