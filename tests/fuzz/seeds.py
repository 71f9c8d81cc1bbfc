"""Small pictures of every kind that is decoded, in the forms that take different ways through a decoder."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from PIL import Image, PngImagePlugin

from sample_pictures import animated, encoded, picture

__all__ = ["seeds"]

_SIZE: Final = (48, 40)
_Make = Callable[[], bytes]


def seeds() -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each."""
    for name, make in {**_JPEG, **_PNG, **_OTHERS, **_REFUSED}.items():
        yield name, make()


def _still(seed: int = 1) -> Image.Image:
    return picture(seed, *_SIZE)


def _glass(seed: int = 1) -> Image.Image:
    image = _still(seed).convert("RGBA")
    image.putalpha(_still(seed + 1).convert("L"))
    return image


def _frames(make: Callable[[int], Image.Image] = _still) -> list[Image.Image]:
    return [make(seed) for seed in range(3)]


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "a description " * 20
    return encoded(_still(), "JPEG", exif=exif.tobytes(), comment=b"a comment")


def _several_in_one_jpeg() -> bytes:
    file = io.BytesIO()
    _still().save(file, "MPO", save_all=True, append_images=[_still(2)])
    return file.getvalue()


def _told_about() -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_text("title", "t" * 50, zip=True)
    told.add_itxt("place", "p" * 50, zip=True)
    return encoded(_still(), "PNG", pnginfo=told, dpi=(72, 72), icc_profile=bytes(200))


def _sixteen_bits() -> bytes:
    return encoded(_still().convert("L").convert("I").point(lambda level: level * 257).convert("I;16"), "PNG")


def _moving(kind: str, make: Callable[[int], Image.Image] = _still, **options: object) -> bytes:
    first, *others = _frames(make)
    return encoded(first, kind, save_all=True, append_images=others, **options)


_JPEG: Final[Mapping[str, _Make]] = {
    "plain.jpg": lambda: encoded(_still(), "JPEG"),
    "progressive.jpg": lambda: encoded(_still(), "JPEG", progressive=True),
    "cmyk.jpg": lambda: encoded(_still().convert("CMYK"), "JPEG"),
    "grey.jpg": lambda: encoded(_still().convert("L"), "JPEG"),
    "whole colour.jpg": lambda: encoded(_still(), "JPEG", subsampling=0, optimize=True),
    "restarts.jpg": lambda: encoded(_still(), "JPEG", restart_marker_blocks=2),
    "turned.jpg": _turned,
    "several.jpg": _several_in_one_jpeg,
}
_PNG: Final[Mapping[str, _Make]] = {
    "plain.png": lambda: encoded(_still(), "PNG"),
    "glass.png": lambda: encoded(_glass(), "PNG"),
    "grey glass.png": lambda: encoded(_glass().convert("LA"), "PNG"),
    "palette.png": lambda: encoded(_still().quantize(16), "PNG", transparency=3),
    "two colours.png": lambda: encoded(_still().convert("1"), "PNG"),
    "sixteen bits.png": _sixteen_bits,
    "told about.png": _told_about,
    "moving.png": lambda: _moving("PNG", _glass, disposal=2, blend=1),
}
_OTHERS: Final[Mapping[str, _Make]] = {
    "plain.gif": lambda: encoded(_still(), "GIF"),
    "straight.gif": lambda: encoded(_still(), "GIF", interlace=0, transparency=5),
    "moving.gif": lambda: animated(_frames(), "GIF"),
    "disposed.gif": lambda: _moving("GIF", _glass, disposal=3),
    "plain.webp": lambda: encoded(_still(), "WEBP"),
    "exact.webp": lambda: encoded(_glass(), "WEBP", lossless=True),
    "glass.webp": lambda: encoded(_glass(), "WEBP"),
    "moving.webp": lambda: animated(_frames(_glass), "WEBP"),
    "plain.avif": lambda: encoded(_still(), "AVIF"),
    "glass.avif": lambda: encoded(_glass(), "AVIF"),
    "moving.avif": lambda: animated(_frames(), "AVIF"),
}
_REFUSED: Final[Mapping[str, _Make]] = {
    "plain.bmp": lambda: encoded(_still(), "BMP"),
    "plain.tiff": lambda: encoded(_still(), "TIFF"),
    "vector.svg": lambda: b'<?xml version="1.0"?><svg width="9" height="9"></svg>',
}
