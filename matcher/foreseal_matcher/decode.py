"""Bytes to pixels, safely: the one place in the matcher where received bytes become a picture.

Every way in names the one format that the first bytes promise, checks the limits of `content` before memory is set
aside, and turns whatever Pillow raises into `Undecodable`.
"""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageCms, ImageFile, UnidentifiedImageError

from foreseal_matcher.content import (
    MAX_ANIMATION_PIXELS,
    MAX_FRAMES,
    MAX_GIF_READS,
    MAX_PICTURE_BYTES,
    MAX_PIXELS,
    MAX_READS,
    MIN_SIDE,
)
from foreseal_matcher.errors import Undecodable
from foreseal_matcher.formats import Format, claimed_size, other_picture, sniff
from foreseal_matcher.jpeg import check_header, passes
from foreseal_matcher.metered import Metered
from foreseal_matcher.verdict import Reason

__all__ = ["KEPT", "SIDE", "Look", "first_looks", "looks_at", "looks_of", "thumbnail", "upright_size"]

SIDE: Final = 512
"""Fewest pixels a side that a JPEG is decoded at. To 512 costs a fingerprint 4 bits at most, to 128 up to 28."""
KEPT: Final = 2 * SIDE
"""Most pixels a side that a fingerprint is made from. Decoders halve, and so hand over up to twice `SIDE`: to reduce
that further took as long as decoding it (1.7 ms of 2.2 at 2 megapixels), to fingerprint it takes 0.1 ms more."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One way a picture is seen, upright. `luma`: rows x columns of luma 0..255, at most `KEPT` a side. `full`: rows
    and columns before it was reduced. `frame`: from 0. `shown`: "plain", or what it was laid on.
    `time_ms`: when it is shown in an animation, from its first frame on."""

    luma: memoryview
    full: tuple[int, int]
    frame: int
    shown: str
    time_ms: int = 0

    @property
    def name(self) -> str:
        """What a verdict calls it: "plain", "on white", "frame 3, plain"."""
        return f"frame {self.frame + 1}, {self.shown}" if self.frame else self.shown

    def name_with(self, how: str) -> str:
        """The same when it was seen otherwise than upright and whole: "mirrored", "frame 3, on white, mirrored"."""
        if how == "plain":
            return self.name
        return how if self.name == "plain" else f"{self.name.removesuffix(', plain')}, {how}"


_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_MAX_DETAIL: Final = 120
_pillow = threading.RLock()


def looks_at(data: bytes) -> Iterator[Look]:
    """The looks at a picture, reduced to at most `KEPT` a side and turned upright: one for each frame that differs
    from the one before, two where something shines through (on black, then on white).

    Frames are decoded one at a time, as the caller asks. After `MAX_FRAMES` of them an animation that goes on raises
    `Undecodable(TOO_MANY_FRAMES)`; raises `Undecodable` with another reason for anything that cannot be looked at."""
    for looks in _frames(data):
        yield from looks


def first_looks(data: bytes) -> list[Look]:
    """The looks at a picture's first frame. Raises `Undecodable` as `looks_at` does."""
    return next(_frames(data))


def looks_of(image: Image.Image, full: tuple[int, int], frame: int = 0, time_ms: int = 0) -> list[Look]:
    """The looks at one frame: one, or two where something shines through. Takes every mode that Pillow has. `full`:
    width and height before any reduction. `frame`: which one this is, from 0; `time_ms`: when it is shown."""
    image.load()
    orientation = _orientation(image)
    size = (min(image.width, KEPT), min(image.height, KEPT))
    image = _plain(image)
    if image.mode == "RGBA":
        image = _reduced(image, size)
        lumas = [_laid_on(ground, image).convert("L") for ground in ("black", "white")]
    else:
        # Converting what is luma already would copy it.
        lumas = [_reduced(image if image.mode == "L" else image.convert("L"), size)]
    rows_and_columns = full if orientation >= 5 else (full[1], full[0])
    shown = ("on black", "on white") if len(lumas) == 2 else ("plain",)
    return [
        Look(_rows(_upright(luma, orientation)), rows_and_columns, frame, how, time_ms)
        for luma, how in zip(lumas, shown, strict=True)
    ]


def thumbnail(data: bytes, width: int, height: int) -> bytes:
    """The first frame, upright, on black, shrunk to exactly `width` x `height` pixels: red, green and blue of each,
    row after row. Raises `Undecodable`."""
    image, kind = _opened(data)
    with _strictly():
        if kind is Format.JPEG:
            image.draft("RGB", (width, height))
        image.load()
        orientation = _orientation(image)
        size = (height, width) if orientation >= 5 else (width, height)
        pixels = _laid_on("black", _reduced(_plain(image), size).convert("RGBA")).convert("RGB")
        return _upright(pixels, orientation).tobytes()


def upright_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels as the picture is shown. Raises `Undecodable`."""
    image, _ = _opened(data)
    with _strictly():
        return (image.height, image.width) if _orientation(image) >= 5 else image.size


def _frames(data: bytes) -> Iterator[list[Look]]:
    """The looks at each frame that differs from the one before."""
    image, kind = _opened(data)
    full = image.size
    if kind is Format.JPEG:
        with _strictly():
            image.draft("L", (SIDE, SIDE))
    before: list[Look] = []
    pixels = scans = time_ms = 0
    for index in range(MAX_FRAMES + 1):
        with _strictly():
            try:
                image.seek(index)
            except EOFError:
                return
            if index == MAX_FRAMES:
                raise Undecodable(Reason.TOO_MANY_FRAMES, f"more than {MAX_FRAMES} frames")
            # A GIF's frame may be larger than the size the file begins with.
            _check_size(image.size)
            pixels += image.width * image.height
            if pixels > MAX_ANIMATION_PIXELS:
                raise Undecodable(Reason.TOO_MANY_PIXELS, f"more than {MAX_ANIMATION_PIXELS} in all frames together")
            if kind is Format.JPEG and index:
                # Several pictures in one JPEG (CIPA DC-007) stand one behind the other, each with its own end.
                scans = passes(data, image.tile[0].offset, scans)
            looks = looks_of(image, image.size if index else full, index, time_ms)
            time_ms += _duration(image)
        if len(looks) != len(before) or not all(map(_same, looks, before)):
            yield looks
        before = looks


def _opened(data: bytes) -> tuple[ImageFile.ImageFile, Format]:
    """A picture whose header was read and whose pixels were not."""
    if not data:
        raise Undecodable(Reason.EMPTY)
    if len(data) > MAX_PICTURE_BYTES:
        raise Undecodable(Reason.TOO_LARGE, f"{len(data)} bytes, the limit is {MAX_PICTURE_BYTES}")
    kind = sniff(data)
    if kind is None:
        other = other_picture(data)
        raise Undecodable(Reason.UNKNOWN_FORMAT, other) if other else Undecodable(Reason.NOT_A_PICTURE)
    claimed = claimed_size(kind, data)
    if claimed is not None:
        _check_size(claimed)
    if kind is Format.JPEG:
        check_header(data)
        passes(data)
    file = Metered(data, MAX_GIF_READS if kind is Format.GIF else MAX_READS)
    with _strictly():
        image = Image.open(file, formats=(kind.value,))
        _check_size(image.size)
    return image, kind


def _check_size(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        raise Undecodable(Reason.TOO_MANY_PIXELS, f"{width} x {height}")
    if min(size) < MIN_SIDE:
        raise Undecodable(Reason.TOO_SMALL, f"{width} x {height}")


@contextmanager
def _strictly() -> Iterator[None]:
    """Pillow at its strictest, its faults as ours. Warnings and truncated loading are switches of the whole program,
    so one thread at a time turns them and turns them back."""
    with _pillow, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
        try:
            yield
        except Undecodable:
            raise
        except Image.DecompressionBombError as error:
            raise Undecodable(Reason.TOO_MANY_PIXELS, f"more than {MAX_PIXELS}") from error
        except UnidentifiedImageError as error:
            raise Undecodable(Reason.DAMAGED, "its header cannot be read") from error
        except Exception as error:
            # Decoders raise OSError, SyntaxError, ValueError, struct.error, zlib.error, MemoryError and more.
            detail = ascii(str(error) or type(error).__name__)[1:-1]
            raise Undecodable(Reason.DAMAGED, detail[:_MAX_DETAIL]) from error
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _duration(image: Image.Image) -> int:
    """Milliseconds for which an animation shows the current frame, 0..60,000; 100 where it does not say."""
    told = image.info.get("duration", 0)
    return min(int(told), 60_000) if isinstance(told, int | float) and told > 0 else 100


def _same(one: Look, other: Look) -> bool:
    return one.luma == other.luma


def _plain(image: Image.Image) -> Image.Image:
    """`image` as L, RGB or, where something shines through, RGBA."""
    if image.mode.startswith("I") or image.mode == "F":
        return _eight_bits(image)
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB") or image
    if image.mode in ("La", "RGBa"):
        image = image.convert(image.mode.upper())
    if image.has_transparency_data:
        image = image.convert("RGBA")
        opaque, _ = image.getchannel("A").getextrema()
        return image.convert("RGB") if opaque == 255 else image
    return image if image.mode in ("L", "RGB", "YCbCr") else image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and floating levels scaled into 0..255. Pillow's own conversion clips, which leaves white."""
    if image.mode.startswith("I;16"):
        # Three steps, because Pillow scales only in its native order of bytes, and clips 16 bits beyond 255.
        return image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    extrema = image.getextrema()
    low, high = (float(extreme) for extreme in extrema if not isinstance(extreme, tuple))
    if not (math.isfinite(low) and math.isfinite(high)):
        raise Undecodable(Reason.DAMAGED, "its levels are no numbers")
    low = min(low, 0.0)
    span = 65535.0 if 255 < high <= 65535 and low == 0 else max(high - low, 1e-9)
    return image.convert("F").point(lambda level: level * (255 / span) + -low * 255 / span).convert("L")


def _laid_on(ground: str, image: Image.Image) -> Image.Image:
    return Image.alpha_composite(Image.new("RGBA", image.size, ground), image)


def _rows(luma: Image.Image) -> memoryview:
    return memoryview(luma.tobytes()).cast("B", shape=(luma.height, luma.width))


def _reduced(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.BILINEAR)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1..8; a broken EXIF block turns nothing."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    """The picture put as EXIF 2.32 (orientation, 4.6.4) says that it is seen."""
    return image if orientation == 1 else image.transpose(_TURNS[orientation])
