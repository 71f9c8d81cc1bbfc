"""The looks beyond a picture's eight positions and its inside without a border: bars and screens around it taken off,
what may have been cut off guessed, small turns turned back, letters smoothed away. Imported where one is asked for,
since it takes numpy."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from foreseal_matcher.canvas import WHOLE, Canvas, Window
from foreseal_matcher.fingerprints.pdq import Pdq
from foreseal_matcher.fingerprints.sampled import Samples, both_ways, of_samples
from foreseal_matcher.trimming import trimmed

__all__ = ["further"]

Named = tuple[str, Pdq]

_GROWN: Final = 0.026
_GROWN_FURTHER: Final = 0.0556
"""What a copy lost at each end if it kept 95 or 90 % of a side, as shares of what it kept."""
_ONE_SIDED: Final = (0.026, 0.053, 0.111)
"""The same where all was lost at one end, and the copy kept 97.5, 95 or 90 %."""
_FADING_FROM: Final = 0.05
"""So much that was lost is better told by two guesses: that its edge went on, and that it faded into the mean."""
_ANGLES: Final = (-3.5, -2, -1, 1, 2, 3.5)
_ENDS: Final = ("", "above", "below"), ("", "left", "right")


def further(luma: memoryview, full: tuple[int, int]) -> Iterator[Named]:
    """The names of further looks and their fingerprints, made one by one. Each trimmed, grown or turned look is also
    taken mirrored, and not turned further. `luma` and `full`: as `fingerprints.pdq.pdq` takes them."""
    canvas = Canvas.of(luma, full)
    for name, window in trimmed(canvas):
        yield from _named(name, canvas.sampled(window))
    yield from _restored(canvas)


def _restored(canvas: Canvas) -> Iterator[Named]:
    """The picture continued where it may have been cropped, turned back, or both; and with what was written on it
    smoothed away."""
    for share in (_GROWN, _GROWN_FURTHER):
        yield from _grown(canvas, Window(-share, -share, 1 + share, 1 + share), f"grown {share:.1%}", share, both=True)
    for degrees in _ANGLES:
        yield from _named(f"turned {degrees:g}", canvas.sampled(WHOLE, degrees))
    outer = Window(-_GROWN, -_GROWN, 1 + _GROWN, 1 + _GROWN)
    for degrees in (-2, 2):
        yield from _named(f"turned {degrees}, grown {_GROWN:.1%}", canvas.sampled(outer, degrees))
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
    yield from _named("letters smoothed", canvas.without_letters().sampled())


def _grown(canvas: Canvas, window: Window, name: str, share: float, *, both: bool) -> Iterator[Named]:
    """`both`: also mirrored."""
    ways = {name: canvas.sampled(window)}
    if share > _FADING_FROM:
        ways[f"{name}, fading"] = canvas.sampled(window, fading=True)
    for each, taken in ways.items():
        yield from _named(each, taken) if both else ((each, of_samples(taken)),)


def _named(name: str, taken: Samples) -> Iterator[Named]:
    plain, mirrored = both_ways(taken)
    yield name, plain
    yield f"{name}, mirrored", mirrored
