"""The shelf: every picture that a scenario can name, painted when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, Literal, get_args

from foreseal_client import pictures
from foreseal_client.pictures.two_prints import print_in
from foreseal_client.pictures.walk_poster import walk_poster
from foreseal_matcher import Bytes

__all__ = ["Shelved", "file_of", "taken"]

Shelved = Literal[
    "mountains", "mountains/cut", "skyline", "still-life", "still-life/sent-on", "still-life/thumbnail", "reef",
    "reef/sent-on", "map", "poster", "poster/sent-on", "print/ochre", "print/blue", "other-print/blue",
]  # fmt: skip
"""What a scenario may name. After the stroke: an ordinary edit, `cut` for the first half of the file, or an ink."""

_SIZE: Final = (640, 480)
_PAINTED: Final[Mapping[str, Callable[[], bytes]]] = MappingProxyType(
    {
        "mountains": lambda: pictures.generate("landscape", 7, _SIZE),
        "skyline": lambda: pictures.generate("skyline", 5, _SIZE),
        "still-life": lambda: pictures.generate("still-life", 11, _SIZE),
        "reef": lambda: pictures.generate("reef", 13, _SIZE),
        "map": lambda: pictures.generate("city-map", 17, _SIZE),
        "poster": lambda: walk_poster(_SIZE),
    }
)
_PRINTS: Final = {"print": 3, "other-print": 4}


@cache
def taken(name: Shelved) -> bytes:
    """The picture's file."""
    motif, _, variant = name.partition("/")
    if motif in _PRINTS:
        return print_in(variant, _PRINTS[motif], _SIZE)
    if not variant:
        return _PAINTED[motif]()
    whole = taken(motif)
    return whole[: len(whole) // 2] if variant == "cut" else pictures.edited(whole, variant)


def file_of(name: Shelved) -> Bytes:
    """The picture as somebody attaches it, under a name that does not give away what was done to it."""
    ending = {b"\xff\xd8": "jpg", b"\x89P": "png", b"RI": "webp"}[taken(name)[:2]]
    return Bytes(taken(name), f"picture-{get_args(Shelved).index(name) + 1}.{ending}")
