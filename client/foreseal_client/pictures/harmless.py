"""Harmless pictures by kind, as a check sees them once they were saved: photographs, their parts, and what is drawn."""

from __future__ import annotations

import io
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final

import numpy as np
from PIL import Image

from foreseal_client.pictures.edits import read_upright
from foreseal_client.pictures.hard_negatives import DRAWN, OVER_PHOTOGRAPHS, Draw, Over
from foreseal_client.pictures.menu import SIDE
from foreseal_matcher.decode import KEPT, Look, first_looks

__all__ = ["PART", "as_seen", "harmless", "parts_of_all"]

PART: Final = 64
"""Least pixels a side of a part: as many as PDQ takes samples."""
_ACROSS: Final = 20
"""Most parts a side of one photograph, so that no large one makes up most of the list."""
_QUALITY: Final = 85


def harmless(photographs: Sequence[bytes], each: int, seed: int) -> dict[str, Iterator[Look]]:
    """Pictures of each kind by its name, made as they are asked for: of `photographs` (files), and `each` of those that
    are drawn."""
    kinds: dict[str, Iterator[Look]] = {
        "photographs": map(as_seen, _read(photographs)),
        "parts": parts_of_all(photographs),
    }
    for kind, over in OVER_PHOTOGRAPHS.items():
        kinds[kind] = _shown_in(over, photographs, f"{seed} {kind}")
    for kind, draw in DRAWN.items():
        kinds[kind] = _drawn(draw, each, f"{seed} {kind}")
    return kinds


def _shown_in(over: Over, photographs: Sequence[bytes], seed: str) -> Iterator[Look]:
    for at, picture in enumerate(_read(photographs)):
        picture.thumbnail((SIDE, SIDE))
        yield as_seen(over(picture, random.Random(f"{seed} {at}")))


def _drawn(draw: Draw, count: int, seed: str) -> Iterator[Look]:
    for at in range(count):
        yield as_seen(draw(random.Random(f"{seed} {at}")))


def parts_of_all(photographs: Iterable[bytes]) -> Iterator[Look]:
    """Each photograph in equal parts that do not overlap, each of at least `PART` pixels a side."""
    for photograph in _read(photographs):
        yield from _parts(photograph)


def _read(photographs: Iterable[bytes]) -> Iterator[Image.Image]:
    """One after another, since large ones are many megabytes each; those that cannot be read are left out."""
    for encoded in photographs:
        with suppress(ValueError):
            yield read_upright(encoded)


def as_seen(picture: Image.Image) -> Look:
    """A picture as a check sees it after it was saved."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    return first_looks(file.getvalue())[0]


def _parts(picture: Image.Image) -> Iterator[Look]:
    across, down = (min(_ACROSS, side // PART) for side in picture.size)
    if not across or not down:
        return
    pixels = np.asarray(picture.convert("L"))
    wide, high = min(picture.width // across, KEPT), min(picture.height // down, KEPT)
    for row in range(down):
        for column in range(across):
            part = np.ascontiguousarray(pixels[row * high : (row + 1) * high, column * wide : (column + 1) * wide])
            yield Look(memoryview(part.tobytes()).cast("B", shape=(high, wide)), (high, wide), 0, "plain")
