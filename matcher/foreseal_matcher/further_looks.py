"""The looks beyond a picture's eight positions: what may have been put around it taken off, what may have been cut off
guessed, small turns turned back, letters painted over, contrast given back. Imported where one is asked for, since it
takes numpy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType
from typing import Final

import numpy as np

from foreseal_matcher.canvas import WHOLE, Canvas, Window
from foreseal_matcher.fingerprints.pdq import Pdq
from foreseal_matcher.fingerprints.sampled import Samples, both_ways, of_samples
from foreseal_matcher.letters import painted_over
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
_SHAPES: Final[Mapping[str, float]] = MappingProxyType(
    {"16:9": 16 / 9, "16:10": 16 / 10, "3:2": 3 / 2, "4:3": 4 / 3, "1:1": 1}
)
"""Width by height of what cameras and screens make; upright ones the other way round."""
_LEAST_KEPT: Final = 0.2
_MOST_KEPT: Final = 0.8
"""Shares of a screen that a picture between bars has: with less to see, or hardly any bars, other looks find it."""
_MOST_STRETCHED: Final = 2.0
_LEAST_STRETCHED: Final = 1.1
_ANGLES: Final = (-3.5, -2, -1, 1, 2, 3.5)
_ENDS: Final = ("", "above", "below"), ("", "left", "right")


def further(luma: memoryview, full: tuple[int, int], *, thorough: bool) -> Iterator[Named]:
    """The names of further looks and their fingerprints, made one by one: without a border, and if `thorough` all the
    others too. Each trimmed, grown or turned look is also taken mirrored, and not turned further. `luma` and `full`: as
    `fingerprints.pdq.pdq` takes them."""
    canvas = Canvas.of(luma, full)
    for name, window in trimmed(canvas, thorough=thorough):
        yield from _named(name, canvas.sampled(window))
    if thorough:
        yield from _restored(canvas)


def _restored(canvas: Canvas) -> Iterator[Named]:
    """The picture continued where it may have been cropped, turned back, or both; with what was written on it painted
    over; between bars; and with its contrast given back."""
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
    cells = painted_over(canvas.cells)
    if cells is not None:
        yield from _named("letters painted over", canvas.with_cells(cells).sampled())
    yield from _between_bars(canvas)
    yield from _stretched(canvas.sampled())


def _between_bars(canvas: Canvas) -> Iterator[Named]:
    """What a picture of a common shape leaves of a screen that it was fitted into the other way round. Bars that show
    the picture itself, enlarged and blurred, have no edge that could be found."""
    for name, shape in _SHAPES.items():
        if canvas.aspect < 1:
            kept = canvas.aspect / shape
            window = Window((1 - kept) / 2, 0, (1 + kept) / 2, 1)
        else:
            kept = 1 / (shape * canvas.aspect)
            window = Window(0, (1 - kept) / 2, 1, (1 + kept) / 2)
        if _LEAST_KEPT <= kept <= _MOST_KEPT:
            yield f"bars around {name} off", of_samples(canvas.sampled(window))


def _stretched(taken: Samples) -> Iterator[Named]:
    """With as much contrast as luma allows, at most twice as much. A fingerprint has the same bits then; whether there
    is enough in the picture to compare it is asked once more."""
    dark, light = np.percentile(taken, (1, 99))
    factor = min(_MOST_STRETCHED, 255 / max(float(light - dark), 1))
    if factor >= _LEAST_STRETCHED:
        yield "contrast stretched", of_samples(np.asarray(taken * np.float32(factor), dtype=np.float32))


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
