"""Films to measure with: scenes painted as the demo's pictures are, moved over slowly; and the ordinary edits of films.

None is in the repository. Who measures with films of their own does so on their own machine.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, cast

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from foreseal_client.pictures.canvas import Size
from foreseal_client.pictures.families import FAMILIES, generate

__all__ = ["FILM_MENU", "FILM_MENU_VERSION", "Film", "encoded_film", "painted_film", "served_film"]

FILM_MENU_VERSION: Final = 1
SIZE: Final[Size] = (480, 360)
RATE: Final = 24
SCENE: Final = 3
"""Seconds of a scene."""
TRAVEL: Final = 0.06
"""Share of its width that the camera moves over in a scene."""

Frames = Sequence[Image.Image]


@dataclass(frozen=True, slots=True)
class Film:
    """Frames in the order shown, so many a second. `others`: of another film, for edits that put one into the other."""

    frames: Frames
    others: Frames = ()
    rate: int = RATE


def painted_film(seed: int, scenes: int, others: Frames = ()) -> Film:
    """A film of so many scenes, each of another family of pictures. Two seeds share no scene."""
    width, height = SIZE
    travel = round(TRAVEL * width)
    frames: list[Image.Image] = []
    for scene in range(scenes):
        family = FAMILIES[(seed + scene) % len(FAMILIES)]
        painted = Image.open(io.BytesIO(generate(family, 1000 * seed + scene, (width + travel, height))))
        steps = SCENE * RATE
        frames += (painted.crop((travel * at // steps, 0, travel * at // steps + width, height)) for at in range(steps))
    return Film(frames, others)


def encoded_film(
    frames: Iterable[Image.Image], rate: int, quality: int = 23, kind: str = "mp4", codec: str = "libx264"
) -> bytes:
    """A film's file. `quality`: x264's constant rate factor, 0 (best) to 51."""
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        # The stream of a codec that is given by name has the codec's type, which is told by no annotation.
        options = {"crf": str(quality), "preset": "veryfast"}
        stream = cast("av.VideoStream", container.add_stream(codec, rate=rate, options=options))
        for frame in frames:
            if not stream.codec_context.is_open:
                # Colour is kept for every second pixel, so a side is even.
                stream.width, stream.height, stream.pix_fmt = frame.width // 2 * 2, frame.height // 2 * 2, "yuv420p"
            pixels: NDArray[np.uint8] = np.asarray(frame.convert("RGB"))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels[: stream.height, : stream.width])))
        container.mux(stream.encode(None))
    return file.getvalue()


def _each(change: Callable[[Image.Image], Image.Image]) -> Callable[[Film], bytes]:
    return lambda film: encoded_film(map(change, film.frames), film.rate)


def _trimmed(start: float, stop: float) -> Callable[[Film], bytes]:
    """The part from `start` to `stop`, as shares, beginning between two seconds."""

    def change(film: Film) -> bytes:
        first = round(start * len(film.frames)) + film.rate // 2 * bool(start)
        return encoded_film(film.frames[first : round(stop * len(film.frames))], film.rate)

    return change


def _at_thirty(film: Film) -> bytes:
    """Each shown frame at thirty a second is the nearest before it at the film's own rate, as converters do."""
    return encoded_film(_again(film, len(film.frames) * 30 // film.rate, film.rate / 30), 30)


def _faster(film: Film) -> bytes:
    return encoded_film(_again(film, round(len(film.frames) / 1.25), 1.25), film.rate)


def _again(film: Film, count: int, step: float) -> Iterator[Image.Image]:
    return (film.frames[min(int(at * step), len(film.frames) - 1)] for at in range(count))


def _within_another(film: Film) -> bytes:
    half = len(film.others) // 2
    return encoded_film([*film.others[:half], *film.frames, *film.others[half:]], film.rate)


def _with_a_title(film: Film) -> bytes:
    title = Image.new("RGB", film.frames[0].size, "black")
    return encoded_film([*[title] * film.rate * 2, *film.frames], film.rate)


def _letterboxed(frame: Image.Image) -> Image.Image:
    return ImageOps.expand(frame, (0, frame.height // 6))


def _cropped(frame: Image.Image) -> Image.Image:
    across, down = round(frame.width * 0.025), round(frame.height * 0.025)
    return frame.crop((across, down, frame.width - across, frame.height - down))


def _with_a_logo(frame: Image.Image) -> Image.Image:
    marked = frame.copy()
    marked.paste("white", (frame.width * 8 // 10, frame.height // 20, frame.width * 19 // 20, frame.height * 3 // 20))
    return marked


def _as_gif(film: Film) -> bytes:
    """Three seconds from the middle, ten frames a second, a third as large: what people make of films."""
    start = len(film.frames) // 3 + film.rate // 2
    shown = [film.frames[min(start + round(at * film.rate / 10), len(film.frames) - 1)] for at in range(30)]
    small = [frame.resize((frame.width // 3, frame.height // 3)) for frame in shown]
    file = io.BytesIO()
    small[0].save(file, "GIF", save_all=True, append_images=small[1:], duration=100)
    return file.getvalue()


FILM_MENU: Final[Mapping[str, Callable[[Film], bytes]]] = MappingProxyType(
    {
        "encoded at crf 40": lambda film: encoded_film(film.frames, film.rate, quality=40),
        "encoded as WebM": lambda film: encoded_film(film.frames, film.rate, 40, "webm", "libvpx"),
        "resized to a half": _each(lambda frame: frame.resize((frame.width // 2, frame.height // 2))),
        "grey": _each(ImageOps.grayscale),
        "letterboxed": _each(_letterboxed),
        "mirrored": _each(ImageOps.mirror),
        "cropped 5 %": _each(_cropped),
        "logo": _each(_with_a_logo),
        "30 a second": _at_thirty,
        "a quarter faster": _faster,
        "first half": _trimmed(0, 0.5),
        "middle third": _trimmed(1 / 3, 2 / 3),
        "dark title before": _with_a_title,
        "within another film": _within_another,
        "GIF of three seconds": _as_gif,
    }
)
"""The edits by name."""


def served_film(film: Film, edit: str) -> bytes:
    """The film's file after the edit of that name. Raises `KeyError`."""
    return FILM_MENU[edit](film)
