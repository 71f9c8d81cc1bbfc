"""Bytes to pixels, safely: the one place in the matcher where received bytes become a picture.

Every way in names the one format that the first bytes promise, checks the limits of `content` before memory is set
aside, and turns whatever Pillow raises into `Undecodable`.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
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

__all__ = ["SIDE", "Look", "Rgb", "first_looks", "looks_at", "looks_of", "thumbnail", "upright_size"]

SIDE: Final = 512
"""Most pixels a side that a fingerprint is made from. To 512 costs it 4 bits at most, to 128 up to 28."""

Rgb = NDArray[np.uint8]
"""Rows of columns of red, green and blue, 0..255."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One way a picture is seen, upright. `luma`: rows of luma 0..255, at most `SIDE` a side. `full`: rows and
    columns before it was reduced. `frame`: from 0. `shown`: "plain", or what it was laid on."""

    luma: NDArray[np.uint8]
    full: tuple[int, int]
    frame: int
    shown: str

    @property
    def name(self) -> str:
        """What a verdict calls it: "plain", "on white", "frame 3, plain"."""
        return f"frame {self.frame + 1}, {self.shown}" if self.frame else self.shown


_ORIENTATION: Final = 0x0112
_MAX_DETAIL: Final = 120
_pillow = threading.RLock()


def looks_at(data: bytes) -> Iterator[Look]:
    """The looks at a picture, reduced to at most `SIDE` a side and turned upright: one for each frame that differs
    from the one before, two where something shines through (on black, then on white).

    Frames are decoded one at a time, as the caller asks. After `MAX_FRAMES` of them an animation that goes on raises
    `Undecodable(TOO_MANY_FRAMES)`; raises `Undecodable` with another reason for anything that cannot be looked at."""
    for looks in _frames(data):
        yield from looks


def first_looks(data: bytes) -> list[Look]:
    """The looks at a picture's first frame. Raises `Undecodable` as `looks_at` does."""
    return next(_frames(data))


def looks_of(image: Image.Image, full: tuple[int, int], frame: int = 0) -> list[Look]:
    """The looks at one frame: one, or two where something shines through. Takes every mode that Pillow has. `full`:
    width and height before any reduction. `frame`: which one this is, from 0."""
    image.load()
    orientation = _orientation(image)
    size = (min(image.width, SIDE), min(image.height, SIDE))
    image = _plain(image)
    if image.mode == "RGBA":
        colour = np.asarray(_reduced(image, size), dtype=np.float32)
        alpha = colour[..., 3] / 255
        on_black = colour[..., :3] @ np.array([0.299, 0.587, 0.114], dtype=np.float32) * alpha
        both = (on_black, on_black + 255 * (1 - alpha))
        lumas = [np.rint(luma).clip(0, 255).astype(np.uint8) for luma in both]
    else:
        lumas = [np.asarray(_reduced(image.convert("L"), size))]
    rows_and_columns = full if orientation >= 5 else (full[1], full[0])
    shown = ("on black", "on white") if len(lumas) == 2 else ("plain",)
    return [
        Look(_upright(luma, orientation), rows_and_columns, frame, how) for luma, how in zip(lumas, shown, strict=True)
    ]


def thumbnail(data: bytes, width: int, height: int) -> Rgb:
    """The first frame, upright, on black, shrunk to exactly `width` x `height` pixels. Raises `Undecodable`."""
    image, kind = _opened(data)
    with _strictly():
        if kind is Format.JPEG:
            image.draft("RGB", (width, height))
        image.load()
        orientation = _orientation(image)
        size = (height, width) if orientation >= 5 else (width, height)
        pixels = np.asarray(_reduced(_plain(image), size).convert("RGBA"), dtype=np.uint16)
        return _upright((pixels[..., :3] * pixels[..., 3:] // 255).astype(np.uint8), orientation)


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
    pixels = scans = 0
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
            looks = looks_of(image, image.size if index else full, index)
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


def _same(one: Look, other: Look) -> bool:
    return np.array_equal(one.luma, other.luma)


def _plain(image: Image.Image) -> Image.Image:
    """`image` as L, RGB or, where something shines through, RGBA."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_eight_bits(np.asarray(image)))
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


def _eight_bits(levels: NDArray[np.uint16] | NDArray[np.int32] | NDArray[np.float32]) -> NDArray[np.uint8]:
    """16-bit, 32-bit and floating levels scaled into 0..255. Pillow's own conversion clips, which leaves white."""
    if levels.dtype.itemsize == 2:
        return np.right_shift(levels.astype(np.uint16, copy=False), 8).astype(np.uint8)
    exact = np.nan_to_num(levels.astype(np.float64))
    low, high = min(0.0, float(exact.min())), float(exact.max())
    span = 65535.0 if 255 < high <= 65535 and low == 0 else max(high - low, 1e-9)
    return np.asarray((exact - low) * (255 / span), dtype=np.uint8)


def _reduced(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.BILINEAR)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1..8; a broken EXIF block turns nothing."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Rows and columns put where EXIF 2.32 (orientation, 4.6.4) says that they are seen."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    turned = {1: (1, 1), 2: (1, -1), 3: (-1, -1), 4: (-1, 1), 5: (1, 1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1)}
    down, across = turned[orientation]
    return np.ascontiguousarray(pixels[::down, ::across])
