"""The families of demo pictures, and the one way to have one painted."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Mapping
from typing import Final, Literal

import numpy as np
from PIL import Image

from foreseal_client.pictures import city_map, landscape, nebula, poster, quilt, reef, skyline, still_life
from foreseal_client.pictures.canvas import Size

__all__ = ["DEFAULT_SIZE", "FAMILIES", "Format", "generate"]

Format = Literal["JPEG", "PNG", "WEBP"]
Painter = Callable[[np.random.Generator, Size], Image.Image]

DEFAULT_SIZE: Final[Size] = (960, 720)
SIDES: Final = range(64, 4097)
"""Pixels a side may have: below, the motifs dissolve; above, the arrays that painters hold grow past a gigabyte."""

_PAINTERS: Final[Mapping[str, Painter]] = {
    "landscape": landscape.paint,
    "skyline": skyline.paint,
    "still-life": still_life.paint,
    "reef": reef.paint,
    "quilt": quilt.paint,
    "nebula": nebula.paint,
    "poster": poster.paint,
    "city-map": city_map.paint,
}
FAMILIES: Final[tuple[str, ...]] = tuple(_PAINTERS)
"""Names that `generate` knows, in an order that looks varied when shown in a row."""


def generate(family: str, seed: int, size: Size = DEFAULT_SIZE, to_format: Format = "JPEG") -> bytes:
    """One picture as a file. `family`: one of `FAMILIES`. `seed`: 0 or more. `size`: (width, height) in pixels,
    each in `SIDES`. The picture differs from others of its family in composition, not only in colour, so that their
    fingerprints lie far apart.

    Raises `ValueError` for an unknown family, a negative seed or a size outside `SIDES`.
    """
    painter = _PAINTERS.get(family)
    if painter is None:
        raise ValueError(f"there is no family of pictures named {family!r}; there are {', '.join(FAMILIES)}")
    if seed < 0:
        raise ValueError(f"a seed is 0 or more, this one is {seed}")
    if any(side not in SIDES for side in size):
        raise ValueError(f"a side has {SIDES.start} to {SIDES.stop - 1} pixels, these have {size[0]} and {size[1]}")
    # The family takes part in the seed: seed 1 of two families must not share its chances.
    painted = painter(np.random.default_rng([zlib.crc32(family.encode()), seed]), size)
    file = io.BytesIO()
    painted.save(file, to_format, quality=90)
    return file.getvalue()
