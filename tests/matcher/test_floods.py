"""Files made of very many small pieces: refused after a counted number of steps, while ordinary ones pass."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from foreseal_matcher import Bytes, Clear, ListSet, Match, Reason, Unreadable, Verdict, screen
from foreseal_matcher.content import (
    MAX_EXIF_SEGMENTS,
    MAX_FILLING,
    MAX_GIF_READS,
    MAX_METADATA,
    MAX_READS,
    MAX_TABLES,
)
from foreseal_matcher.errors import Undecodable
from foreseal_matcher.metered import Metered
from sample_lists import nothing_listed
from sample_pictures import encoded, picture

NOTHING_LISTED = nothing_listed()
JPEG = encoded(picture(1, 96, 64), "JPEG")
PNG = encoded(picture(1, 96, 64), "PNG")
GIF = encoded(picture(1, 96, 64), "GIF")
GIF_FRAME = GIF.index(b",\0\0\0\0\x60\0\x40\0")
FILLING = Unreadable(Reason.DAMAGED, f"more than {MAX_FILLING} bytes between its segments")
METADATA = Unreadable(Reason.TOO_LARGE, f"more than {MAX_METADATA} bytes of metadata")
EXIF = Unreadable(Reason.TOO_LARGE, f"more than {MAX_EXIF_SEGMENTS} segments of EXIF")
TABLES = Unreadable(Reason.DAMAGED, f"more than {MAX_TABLES} bytes of tables")


def pieces(limit: int) -> Unreadable:
    return Unreadable(Reason.DAMAGED, f"it is in so many pieces that {limit} reads do not get through it")


def verdict_on(data: bytes) -> Verdict:
    return screen(Bytes(data, "holiday.jpg"), NOTHING_LISTED).verdict


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def behind_start(pieces: bytes) -> bytes:
    return JPEG[:2] + pieces + JPEG[2:]


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def test_the_last_read_that_is_allowed_is_made_and_each_after_it_is_refused() -> None:
    file = Metered(b"abcdef", 2)
    assert (file.read(1), file.read()) == (b"a", b"bcdef")
    for _ in range(2):
        with pytest.raises(Undecodable, match="2 reads"):
            file.read(1)


@pytest.mark.parametrize(
    "filling",
    [
        b"\xff" * (MAX_FILLING + 1),
        segment(0xE0, b"JFIF") + b"\0" * (MAX_FILLING + 1),
        b"\xff\xd8" * (MAX_FILLING // 2 + 1),
        b"\xff\xd0" * (MAX_FILLING // 2 + 1),
        b"\xff\xd9" + b"\xff" * (MAX_FILLING + 1),
        segment(0xE0, b"JFIF") + b"\xff" * (MAX_FILLING // 2 + 1) + segment(0xE0, b"") + b"\xff" * (MAX_FILLING // 2),
        # Lengths that Pillow does not ask for: what they seem to cover is read byte by byte.
        segment(0xF0, b"\xff" * 65_533) * 2,
        segment(0xC8, b"\xff" * 65_533) * 2,
        segment(0xD8, b"\xff" * 65_533) * 2,
    ],
    ids=["fill bytes", "zeros", "starts", "restarts", "behind an end", "here and there", "in F0", "in C8", "in D8"],
)
def test_a_jpeg_with_much_between_its_segments_is_refused(filling: bytes) -> None:
    assert verdict_on(behind_start(filling)) == FILLING


def test_a_jpeg_with_a_little_between_its_segments_is_looked_at() -> None:
    assert verdict_on(JPEG[:2] + b"\xff" * 1000 + JPEG[2:]) == Clear()


def test_a_jpeg_that_is_all_filling_is_refused() -> None:
    assert verdict_on(b"\xff\xd8" + b"\xff" * (4 * MAX_FILLING)) == FILLING


@pytest.mark.parametrize("marker", [0xE0, 0xE1, 0xE2, 0xED, 0xEF, 0xFE])
def test_a_jpeg_with_very_much_metadata_is_too_large(marker: int) -> None:
    assert verdict_on(behind_start(segment(marker, bytes(65_533)) * (MAX_METADATA // 65_535 + 1))) == METADATA


def test_metadata_as_telephones_write_it_hides_no_listed_picture(lists: ListSet) -> None:
    listed = encoded(picture(100, 400, 300), "JPEG")
    rng = random.Random(1)
    metadata = segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0" + rng.randbytes(60_000))
    metadata += b"".join(
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + rng.randbytes(65_000)) for _ in range(70)
    )
    assert len(metadata) > 4_000_000
    assert isinstance(screen(Bytes(listed[:2] + metadata + listed[2:]), lists).verdict, Match)


def test_an_exif_block_in_very_many_segments_is_too_large() -> None:
    part = segment(0xE1, b"Exif\0\0" + bytes(40))
    assert verdict_on(behind_start(part * MAX_EXIF_SEGMENTS)) == Clear()
    assert verdict_on(behind_start(part * (MAX_EXIF_SEGMENTS + 1))) == EXIF


@pytest.mark.parametrize("marker", [0xF0, 0xC8])
def test_no_exif_block_is_hidden_behind_a_length_that_is_none(marker: int) -> None:
    part = segment(0xE1, b"Exif\0\0" + bytes(40))
    assert verdict_on(behind_start(segment(marker, part * (MAX_EXIF_SEGMENTS + 1)))) == EXIF


@pytest.mark.parametrize("marker", [0xC0, 0xC4, 0xDB, 0xDC])
def test_a_jpeg_with_very_many_tables_is_refused(marker: int) -> None:
    assert verdict_on(behind_start(segment(marker, bytes(65_000)) * 5)) == TABLES


@pytest.mark.parametrize("kind", [b"prVt", b"tEXt", b"IDAT"])
@pytest.mark.parametrize("where", [b"IDAT", b"IEND"])
def test_a_png_in_very_many_chunks_is_refused(kind: bytes, where: bytes) -> None:
    at = PNG.index(where) - 4
    flood = chunk(kind, b"k\0v" if kind == b"tEXt" else b"") * MAX_READS
    assert verdict_on(PNG[:at] + flood + PNG[at:]) == pieces(MAX_READS)


def test_a_png_in_small_chunks_of_picture_is_looked_at() -> None:
    noise = encoded(Image.frombytes("RGB", (600, 600), random.Random(1).randbytes(600 * 600 * 3)), "PNG")
    start, end = noise.index(b"IDAT") - 4, noise.index(b"IEND") - 4
    picture_data, at = b"", start
    while at < end:
        length = int.from_bytes(noise[at : at + 4], "big")
        picture_data += noise[at + 8 : at + 8 + length]
        at += 12 + length
    small = b"".join(chunk(b"IDAT", picture_data[at : at + 256]) for at in range(0, len(picture_data), 256))
    assert verdict_on(noise[:start] + small + noise[end:]) == verdict_on(noise)
    assert isinstance(verdict_on(noise), Clear)


GIF_FLOODS: dict[str, Callable[[int], bytes]] = {
    "a comment in blocks of one byte": lambda times: b"!\xfe" + b"\x01c" * times + b"\0",
    "many comments": lambda times: b"!\xfe\x01c\0" * times,
    "extensions in blocks of one byte": lambda times: b"!\xf1" + b"\x01c" * times + b"\0",
    "bytes that are no block": lambda times: b"\x01" * times,
}


@pytest.mark.parametrize("flood", GIF_FLOODS)
def test_a_gif_in_very_many_blocks_is_refused(flood: str) -> None:
    extra = GIF_FLOODS[flood](MAX_GIF_READS * 12)
    assert verdict_on(GIF[:GIF_FRAME] + extra + GIF[GIF_FRAME:]) == pieces(MAX_GIF_READS)


def test_a_frame_in_blocks_of_one_byte_is_refused() -> None:
    data = GIF_FRAME + 11  # descriptor, no palette of its own, the code size
    assert not GIF[GIF_FRAME + 9] & 0x80
    flood = b"\x01\0" * MAX_GIF_READS
    two_frames = GIF[:-2] + flood + b"\0" + GIF[GIF_FRAME:data] + GIF[data:]
    assert verdict_on(two_frames) == pieces(MAX_GIF_READS)


def test_a_listed_first_frame_is_found_in_front_of_a_flood(lists: ListSet) -> None:
    listed = encoded(picture(100, 400, 300), "GIF")
    verdict = screen(Bytes(listed[:-1] + b"!\xfe" + b"\x01c" * MAX_GIF_READS + b"\0" + listed[-1:]), lists).verdict
    assert isinstance(verdict, Match)


def test_a_large_gif_is_looked_at() -> None:
    noise = Image.frombytes("P", (1500, 1500), random.Random(1).randbytes(1500 * 1500))
    noise.putpalette(bytes(range(256)) * 3)
    assert isinstance(verdict_on(encoded(noise, "GIF")), Clear)
