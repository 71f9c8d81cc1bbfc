"""Films to sampled frames, the one place where libav is used. It runs in a process of its own (`apart.films`): libav is
a large library in C, and what it is fed here was sent by anybody.

A film is gone through twice. The first pass only counts: how many frames there are and when each is shown, by the
frames themselves and not by what the header claims. The second decodes, and hands out what `film_sampling` wants.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal, cast

import av
import av.audio.stream
import av.subtitles.stream
from av.container import InputContainer

from foreseal_matcher.apart.messages import Frame
from foreseal_matcher.content import MIN_SIDE
from foreseal_matcher.errors import Undecodable
from foreseal_matcher.film_formats import FilmFormat
from foreseal_matcher.film_limits import (
    MAX_FILM_PACKETS,
    MAX_FILM_PIXELS,
    MAX_FILM_SECONDS,
    MAX_FILM_STREAMS,
    Effort,
)
from foreseal_matcher.film_sampling import Pace, Shown
from foreseal_matcher.verdict import Reason

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

__all__ = ["sampled"]

_KEPT: Final = 1024
"""Most pixels a side of a frame that is handed out; a longer side is halved until it fits, so it keeps 512 or more."""
_CODECS: Final = frozenset(
    {"h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4", "mpeg1video", "mpeg2video", "mjpeg", "h263", "theora"}
    | {"msmpeg4v2", "msmpeg4", "wmv1", "wmv2", "wmv3", "vc1", "prores", "dvvideo", "dnxhd", "ffv1", "png", "rawvideo"}
)
"""What films are encoded with. libav knows hundreds, most of them forgotten: each would be one more thing to attack."""
_OPTIONS: Final[Mapping[str, str]] = {"protocol_whitelist": "", "enable_drefs": "0"}
"""Nothing outside the file is asked for, whatever it names. (Apart, nothing could be opened either.)"""
_PICTURE_OPTIONS: Final[Mapping[str, str]] = {"max_pixels": str(MAX_FILM_PIXELS), "skip_loop_filter": "all"}
"""Without the filter that smooths the edges of blocks decoding takes a sixth less, and a fingerprint smooths anyway."""
_MAX_ERRORS: Final = 100
_MAX_DETAIL: Final = 120


def sampled(film: bytes, kind: FilmFormat, effort: Effort) -> Iterator[Frame]:
    """Frames of every stream of pictures in the film, upright, as luma, as far apart as `effort` says. A film without
    pictures (sound alone) gives none. Raises `Undecodable` at once or after what could be decoded."""
    paces = _paces(film, kind, effort)
    damaged = 0
    with _opened(film, kind) as container:
        streams = [stream for stream in container.streams.video if stream.index in paces]
        if not streams:
            return
        skipped: Literal["DEFAULT", "NONREF"] = "DEFAULT" if effort.whole else "NONREF"
        for stream in streams:
            stream.codec_context.skip_frame = "NONKEY" if paces[stream.index].keys_only else skipped
            stream.codec_context.thread_count = 1
            stream.codec_context.options = dict(_PICTURE_OPTIONS)
        for packet in container.demux(streams):
            pace = paces[packet.stream.index]
            try:
                frames = cast("list[VideoFrame]", packet.decode())
            except av.error.InvalidDataError:
                damaged += 1
                if damaged > _MAX_ERRORS:
                    break
                continue
            for frame in frames:
                at = pace.wants(None if frame.pts is None else _milliseconds(frame.pts, frame.time_base))
                if at is not None:
                    yield _as_luma(frame, at)
    if damaged:
        raise Undecodable(Reason.FILM_DAMAGED, "some of its frames cannot be decoded")


def _paces(film: bytes, kind: FilmFormat, effort: Effort) -> dict[int, Pace]:
    """How each stream of pictures is sampled, by the streams' numbers; none for sound alone."""
    with _opened(film, kind) as container:
        if len(container.streams) > MAX_FILM_STREAMS:
            raise Undecodable(Reason.FILM_DAMAGED, f"more than {MAX_FILM_STREAMS} streams")
        streams = container.streams.video
        if not streams and not container.streams.audio:
            raise Undecodable(Reason.FILM_DAMAGED, "there is neither picture nor sound in it")
        for stream in streams:
            _check(stream)
        shown = {stream.index: Shown(stream.width * stream.height) for stream in streams}
        for count, packet in enumerate(container.demux(streams) if streams else ()):
            if count > MAX_FILM_PACKETS:
                raise Undecodable(Reason.FILM_TOO_LONG, f"more than {MAX_FILM_PACKETS} frames")
            if packet.size:
                at = packet.dts if packet.pts is None else packet.pts
                time = None if at is None else _milliseconds(at, packet.time_base)
                shown[packet.stream.index].add(time, key=packet.is_keyframe)
    if shown and not any(each.frames for each in shown.values()):
        raise Undecodable(Reason.FILM_DAMAGED, "it has no frame in it")
    if max((each.span for each in shown.values()), default=0) > MAX_FILM_SECONDS * 1000:
        raise Undecodable(Reason.FILM_TOO_LONG, f"the limit is {MAX_FILM_SECONDS} seconds")
    return {index: Pace.of(each, effort, len(shown)) for index, each in shown.items()}


def _check(stream: VideoStream) -> None:
    # A stream that libav has no decoder for has no context.
    name = getattr(stream.codec_context, "name", "something unknown")
    if name not in _CODECS:
        raise Undecodable(Reason.FILM_UNKNOWN, f"encoded as {ascii(name)[1:-1][:_MAX_DETAIL]}")
    if stream.width * stream.height > MAX_FILM_PIXELS:
        raise Undecodable(Reason.FILM_TOO_MANY_PIXELS, f"{stream.width} x {stream.height}")
    if not stream.width or not stream.height:
        raise Undecodable(Reason.FILM_DAMAGED, "it does not say how large its pictures are")
    if min(stream.width, stream.height) < MIN_SIDE:
        raise Undecodable(Reason.TOO_SMALL, f"{stream.width} x {stream.height}")


@contextmanager
def _opened(film: bytes, kind: FilmFormat) -> Iterator[InputContainer]:
    """The film's container, with libav's faults as ours."""
    try:
        # The format is named, so that libav does not try all of its readers on it.
        with av.open(io.BytesIO(film), "r", format=kind.value, container_options=dict(_OPTIONS)) as container:
            yield container
    except MemoryError as error:
        raise Undecodable(Reason.FILM_TOO_COSTLY, "it wants more memory than it may have") from error
    except (av.error.FFmpegError, ValueError, IndexError, OSError) as error:
        detail = ascii(getattr(error, "strerror", None) or str(error) or type(error).__name__)[1:-1]
        raise Undecodable(Reason.FILM_DAMAGED, detail.removesuffix(": '<none>'")[:_MAX_DETAIL]) from error


def _as_luma(frame: VideoFrame, time_ms: int) -> Frame:
    if frame.width * frame.height > MAX_FILM_PIXELS:
        raise Undecodable(Reason.FILM_TOO_MANY_PIXELS, f"{frame.width} x {frame.height}")
    width, height = _fitted(frame.width), _fitted(frame.height)
    reduced = frame.reformat(width, height, "gray", interpolation="AREA", threads=1)
    plane = reduced.planes[0]
    lines, padded = memoryview(plane), plane.line_size
    luma = b"".join(lines[at * padded : at * padded + width] for at in range(height))
    # What the film says of itself is a turn to the left; it is turned as a player shows it.
    turns = -round(frame.rotation / 90) % 4
    full = (frame.width, frame.height) if turns % 2 else (frame.height, frame.width)
    rows, columns = (width, height) if turns % 2 else (height, width)
    return Frame(time_ms, rows, columns, full, _turned(luma, width, turns))


def _turned(luma: bytes, columns: int, turns: int) -> bytes:
    """Luma of so many columns after so many quarter turns to the right."""
    upright = luma[::-1] if turns >= 2 else luma
    return b"".join(upright[at::columns][::-1] for at in range(columns)) if turns % 2 else upright


def _fitted(side: int) -> int:
    while side > _KEPT:
        side = (side + 1) // 2
    return side


def _milliseconds(at: int, time_base: Fraction | None) -> int:
    return int(at * time_base * 1000) if time_base else at
