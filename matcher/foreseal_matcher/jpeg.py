"""How many passes over the picture a JPEG holds, told without decoding it (ITU-T T.81, annex B)."""

from __future__ import annotations

import re
from typing import Final

from foreseal_matcher.content import MAX_SCANS, MAX_SEGMENTS
from foreseal_matcher.errors import Undecodable
from foreseal_matcher.verdict import Reason

__all__ = ["passes"]

# Left out are the markers that have no length and stand anywhere: stuffed and filling bytes (FF 00, FF FF), restarts
# (FF D0 to FF D7) and what a decoder that looks for a restart steps over (FF 01 to FF BF). Jumping by a length that
# is none would hide passes that the decoder sees.
_SEGMENT: Final = re.compile(rb"\xff[\xc0-\xcf\xd9-\xfe]")
_END_OF_IMAGE: Final = 0xD9
_START_OF_SCAN: Final = 0xDA


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
