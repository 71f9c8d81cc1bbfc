"""Films for the tests of the matcher: pictures from a seed, each shown for a second and moving a little."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterable

import av
import numpy as np
from numpy.typing import NDArray

from sample_pictures import pixels

Frame = NDArray[np.uint8]
SIZE = (160, 120)
RATE = 10
PIXELS = {"mjpeg": "yuvj420p", "zmbv": "bgr0"}
MOTION = 12
"""Pixels that a scene moves in its second."""


@functools.cache
def frames(seed: int, seconds: int = 6, rate: int = RATE) -> tuple[Frame, ...]:
    """Frames of RGB. Scenes are of a second; those of two seeds have nothing in common."""
    width, height = SIZE
    return tuple(
        pixels(1000 * seed + scene, width + MOTION, height)[:, MOTION * at // rate :][:, :width]
        for scene in range(seconds)
        for at in range(rate)
    )


def encoded_film(
    pictures: Iterable[Frame], kind: str = "mp4", codec: str = "mpeg4", rate: int = RATE, streams: int = 1
) -> bytes:
    """A film's file, its pictures in so many streams."""
    shown = [np.ascontiguousarray(one) for one in pictures]
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        for _ in range(streams):
            stream = container.add_stream(codec, rate=rate)
            assert isinstance(stream, av.VideoStream)
            stream.height, stream.width = shown[0].shape[:2]
            stream.pix_fmt = PIXELS.get(codec, "yuv420p")
            stream.bit_rate = 2_000_000
        for stream in container.streams.video:
            for one in shown:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(one, format="rgb24")))
            container.mux(stream.encode(None))
    return file.getvalue()


@functools.cache
def film(seed: int, seconds: int = 6, kind: str = "mp4", codec: str = "mpeg4") -> bytes:
    """A film of so many scenes."""
    return encoded_film(frames(seed, seconds), kind, codec)


def edited(seed: int, change: Callable[[Frame], Frame], seconds: int = 6) -> bytes:
    """The film of that seed with each frame changed, encoded anew."""
    return encoded_film(map(change, frames(seed, seconds)))


def sound() -> bytes:
    """An MP4 with sound alone."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=8000, layout="mono")
        for at in range(8):
            tone = np.zeros((1, 1024), dtype=np.float32)
            one = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
            one.sample_rate, one.pts = 8000, 1024 * at
            container.mux(stream.encode(one))
        container.mux(stream.encode(None))
    return file.getvalue()
