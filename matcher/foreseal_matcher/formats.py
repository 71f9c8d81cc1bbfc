"""What kind of file this is, by its first bytes and never by its name, and how large a picture it claims to be."""

from __future__ import annotations

import struct
from enum import Enum
from pathlib import PurePath
from typing import Final

__all__ = ["HEAD_BYTES", "Format", "claimed_size", "named_as_picture", "other_picture", "sniff"]

HEAD_BYTES: Final = 4096
"""How many of a file's first bytes are enough to tell its kind."""


class Format(Enum):
    """The kinds of picture that are decoded. The values are the names Pillow uses."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    GIF = "GIF"
    AVIF = "AVIF"


_OTHER_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "BigTIFF"),
    (b"MM\0+", "BigTIFF"),
    (b"II\xbc\x01", "JPEG XR"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"8BPS", "Photoshop"),
    (b"gimp xcf", "XCF"),
    (b"\0\0\x01\0", "ICO"),
    (b"icns", "ICNS"),
    (b"qoif", "QOI"),
    (b"v/1\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance"),
    (b"DDS ", "DDS"),
    (b"FLIF", "FLIF"),
    (b"AT&TFORM", "DjVu"),
    (b"\x8aMNG\r\n\x1a\n", "MNG"),
    *((b"P%d%c" % (kind, white), "PNM") for kind in range(1, 8) for white in b" \t\r\n"),
)
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avci"})
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_BMP_HEADERS: Final = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_SUFFIXES: Final = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".gif", ".avif", ".avifs"}
    | {".tif", ".tiff", ".bmp", ".dib", ".heic", ".heif", ".jxl", ".jp2", ".svg", ".ico"}
)


def sniff(head: bytes) -> Format | None:
    """Which of the decoded kinds these first bytes begin, or None."""
    if head.startswith(b"\xff\xd8\xff"):
        return Format.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Format.PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Format.GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Format.WEBP
    return Format.AVIF if _brands(head) & _AVIF_BRANDS else None


def other_picture(head: bytes) -> str | None:
    """The name of a kind of picture that is recognised and not decoded ("TIFF", "HEIC", "SVG"...), or None."""
    for magic, name in _OTHER_MAGIC:
        if head.startswith(magic):
            return name
    if _brands(head) & _HEIF_BRANDS:
        return "HEIC"
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "BMP"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return "SVG" if start.startswith((b"<svg", b"<?xml", b"<!--", b"<!DOCTYPE svg")) and b"<svg" in start else None


def named_as_picture(name: str) -> bool:
    """Whether the name ends like a picture's."""
    return PurePath(name).suffix.lower() in _SUFFIXES


def claimed_size(kind: Format, head: bytes) -> tuple[int, int] | None:
    """Width and height in pixels as a PNG, GIF or WebP says in its header; None where the header is too short or
    says it elsewhere (JPEG, AVIF). Read before a decoder, so that a bomb never gets memory set aside for it."""
    try:
        match kind:
            case Format.PNG:
                width, height = struct.unpack_from(">II", head, 16)
            case Format.GIF:
                width, height = struct.unpack_from("<HH", head, 6)
            case Format.WEBP:
                width, height = _webp_size(head)
            case Format.JPEG | Format.AVIF:
                return None
    except struct.error:
        return None
    return width, height


def _webp_size(head: bytes) -> tuple[int, int]:
    # WebP container specification (RFC 9649): 2.7 for VP8X, 3.4 for VP8L; RFC 6386 section 9.1 for VP8.
    if head[12:16] == b"VP8X":
        low_w, high_w, low_h, high_h = struct.unpack_from("<HBHB", head, 24)
        return (low_w | high_w << 16) + 1, (low_h | high_h << 16) + 1
    if head[12:16] == b"VP8L":
        (bits,) = struct.unpack_from("<I", head, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", head, 26)
    return width & 0x3FFF, height & 0x3FFF


def _brands(head: bytes) -> frozenset[bytes]:
    """The brands in an ISO base media file's `ftyp` box (ISO/IEC 14496-12), none for any other file."""
    if head[4:8] != b"ftyp":
        return frozenset()
    end = min(int.from_bytes(head[:4], "big"), len(head), 512)
    return frozenset(head[at : at + 4] for at in (8, *range(16, end, 4)))
