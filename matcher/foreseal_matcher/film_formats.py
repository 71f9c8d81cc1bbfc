"""Which kind of film this is, by its first bytes and never by its name."""

from __future__ import annotations

from enum import Enum
from pathlib import PurePath
from typing import Final

__all__ = ["FilmFormat", "film_format", "named_as_film", "other_film"]


class FilmFormat(Enum):
    """The kinds of film that are decoded. The values are the names of libav's readers, of which no other is used: some
    read playlists, and what those name."""

    MP4 = "mov"
    MATROSKA = "matroska"
    AVI = "avi"
    MPEG_TS = "mpegts"
    MPEG_PS = "mpeg"
    MPEG_VIDEO = "mpegvideo"


_OTHER_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), "Windows Media"),
    (b"FLV\x01", "Flash video"),
    (b".RMF", "RealMedia"),
    (bytes.fromhex("060e2b34020501010d010201"), "MXF"),
    (b"DKIF", "IVF"),
    (b"YUV4MPEG2", "YUV4MPEG"),
    (b"nut/multimedia container\0", "NUT"),
    (b"#EXTM3U", "playlist"),
)
_BOXES: Final = frozenset({b"moov", b"mdat", b"wide", b"pnot", b"moof"})
"""What an MPEG-4 or QuickTime file may begin with instead of `ftyp`, which came later."""
_PACKET: Final = 188
_SUFFIXES: Final = frozenset(
    {".mp4", ".m4v", ".mov", ".qt", ".3gp", ".3g2", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".m2ts", ".mts", ".vob"}
    | {".wmv", ".asf", ".flv", ".f4v", ".ogv", ".rm", ".rmvb", ".mxf", ".divx"}
)


def film_format(head: bytes) -> FilmFormat | None:
    """Which of the decoded kinds these first bytes (some hundred at least) begin, or None. Ask first whether they begin
    a picture: some kinds of picture lie in the same boxes as MPEG-4."""
    if head[4:8] == b"ftyp" or head[4:8] in _BOXES:
        return FilmFormat.MP4
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return FilmFormat.MATROSKA
    if head[:4] == b"RIFF" and head[8:12] in (b"AVI ", b"AVIX"):
        return FilmFormat.AVI
    if head.startswith(b"\0\0\1\xba"):
        return FilmFormat.MPEG_PS
    if head.startswith(b"\0\0\1\xb3"):
        return FilmFormat.MPEG_VIDEO
    return FilmFormat.MPEG_TS if _is_transport_stream(head) else None


def other_film(head: bytes) -> str | None:
    """The name of a kind of film that is recognised and not decoded ("Windows Media", "Ogg video"...), or None."""
    for magic, name in _OTHER_MAGIC:
        if head.startswith(magic):
            return name
    # Ogg carries sound more often than pictures: its first pages say what is in it (RFC 3533, section 6).
    return "Ogg video" if head.startswith(b"OggS") and (b"\x80theora" in head or b"BBCD\0" in head) else None


def named_as_film(name: str) -> bool:
    """Whether the name ends like a film's. `.ts` does not count: most files of that name are programs."""
    return PurePath(name).suffix.lower() in _SUFFIXES


def _is_transport_stream(head: bytes) -> bool:
    """Four packets in a row begin with 0x47 (ISO/IEC 13818-1, 2.4.3.2); cameras put four bytes before each."""
    return any(
        len(head) > start + 3 * every and all(head[start + at * every] == 0x47 for at in range(4))
        for start, every in ((0, _PACKET), (4, _PACKET + 4))
    )
