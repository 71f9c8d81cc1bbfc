"""What a JPEG holds in front of its picture, and in how many passes it comes, without decoding it (ITU-T T.81, B)."""

from __future__ import annotations

import re
from typing import Final

from foreseal_matcher.content import MAX_EXIF_SEGMENTS, MAX_FILLING, MAX_METADATA, MAX_SCANS, MAX_SEGMENTS, MAX_TABLES
from foreseal_matcher.errors import Undecodable
from foreseal_matcher.verdict import Reason

__all__ = ["check_passes", "passes"]

# Left out are the markers that have no length and stand anywhere: stuffed and filling bytes (FF 00, FF FF), restarts
# (FF D0 to FF D7), what a decoder that looks for a restart steps over (FF 01 to FF BF), and what decoders refuse or
# step over without asking for a length (FF C8, FF D8, FF F0 to FF FD). Jumping by a length that is none would hide
# from us what the decoder sees.
_SEGMENT: Final = re.compile(rb"\xff[\xc0-\xc7\xc9-\xcf\xd9-\xef\xfe]")
_END_OF_IMAGE: Final = 0xD9
_START_OF_SCAN: Final = 0xDA
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""The markers that say how large a picture is, of how many components, and how it is coded."""
_SEQUENTIAL: Final = (0xC0, 0xC1)
_METADATA: Final = frozenset({*range(0xE0, 0xF0), 0xFE})
"""The markers of application segments and of comments."""
_EXIF: Final = b"Exif\0\0"


def check_passes(data: bytes) -> None:
    """Raises `Undecodable` as `passes` does, and where too much stands in front of the picture. To walk through a
    picture takes a thirtieth of decoding it, and is left out where its header says that the first pass holds all of
    it: a decoder that was told so decodes no other."""
    if not _one_pass(data):
        passes(data)


def _one_pass(data: bytes) -> bool:
    """Whether the picture is sequential and its first pass has all of its components.

    Raises `Undecodable` where too much stands in front of the picture: `TOO_LARGE` for more than `MAX_METADATA` or
    `MAX_EXIF_SEGMENTS`, `DAMAGED` for more than `MAX_FILLING`, `MAX_TABLES` or `MAX_SEGMENTS`.

    Reading a header is not decoding, and decoders do it without a limit: bytes between segments one by one, segments
    of EXIF each onto a copy of those before, tables number by number."""
    at = 2
    filling = metadata = exif = tables = 0
    frames: list[tuple[int, bytes]] = []
    for _ in range(MAX_SEGMENTS):
        found = _SEGMENT.search(data, at, at + MAX_FILLING + 2 - filling)
        filling += (found.start() if found else len(data)) - at
        if filling > MAX_FILLING:
            raise Undecodable(Reason.DAMAGED, f"more than {MAX_FILLING} bytes between its segments")
        if found is None:
            return False
        marker, at = data[found.end() - 1], found.end()
        if marker == _START_OF_SCAN:
            # T.81, B.2.3: behind its length a pass says how many components it has.
            return len(frames) == 1 and frames[0] in ((each, data[at + 2 : at + 3]) for each in _SEQUENTIAL)
        if marker in _FRAMES:
            # T.81, B.2.2: length, precision, height, width, components.
            frames.append((marker, data[at + 7 : at + 8]))
        if marker == _END_OF_IMAGE:  # in front of a picture it ends none
            continue
        length = max(2, int.from_bytes(data[at : at + 2], "big"))
        if marker in _METADATA:
            metadata += length
            exif += data.startswith(_EXIF, at + 2)
        else:
            tables += length
        if metadata > MAX_METADATA:
            raise Undecodable(Reason.TOO_LARGE, f"more than {MAX_METADATA} bytes of metadata")
        if exif > MAX_EXIF_SEGMENTS:
            raise Undecodable(Reason.TOO_LARGE, f"more than {MAX_EXIF_SEGMENTS} segments of EXIF")
        if tables > MAX_TABLES:
            raise Undecodable(Reason.DAMAGED, f"more than {MAX_TABLES} bytes of tables")
        at += length
    raise Undecodable(Reason.DAMAGED, f"more than {MAX_SEGMENTS} segments")


def passes(data: bytes, start: int = 0, before: int = 0) -> int:
    """The passes of the picture that begins at `start`, added to those of the pictures `before` it in the same file.
    Raises `Undecodable(DAMAGED)` for more than `MAX_SCANS`, or for a picture in more than `MAX_SEGMENTS` parts.

    What a segment holds is stepped over, as is all that follows the picture's end: the thumbnail in an EXIF block and
    the film behind a motion photo are never decoded with it."""
    count, at = before, start
    for _ in range(MAX_SEGMENTS):
        found = _SEGMENT.search(data, at)
        if found is None:
            return count
        marker, at = data[found.end() - 1], found.end()
        if marker == _END_OF_IMAGE:
            return count
        if marker == _START_OF_SCAN:
            count += 1
            if count > MAX_SCANS:
                raise Undecodable(Reason.DAMAGED, f"more than {MAX_SCANS} passes over the picture")
        # The length counts its own two bytes. A smaller one is damage, and decoders then step over those two.
        at += max(2, int.from_bytes(data[at : at + 2], "big"))
    raise Undecodable(Reason.DAMAGED, f"more than {MAX_SEGMENTS} segments")
