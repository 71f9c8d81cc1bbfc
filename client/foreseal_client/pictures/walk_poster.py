"""A harmless poster that calls for a walk to the town hall: what a list could come to hold if nobody looked."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from foreseal_client.pictures.canvas import Size

__all__ = ["walk_poster"]

_PAPER, _INK, _RED = (244, 239, 230), (29, 29, 27), (200, 52, 42)
_LINES: Final = (("KEEP", 0.30), ("THE LIBRARY", 0.15), ("OPEN", 0.30))
_FOOT: Final = "Walk to the town hall, Saturday at noon"


def walk_poster(size: Size) -> bytes:
    """The poster as JPEG, `size` in pixels."""
    width, height = size
    sheet = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((0, 0, width * 0.06, height), fill=_RED)
    top = height * 0.05
    for line, share in _LINES:
        font = ImageFont.load_default(height * share * 0.9)
        draw.text((width * 0.12, top), line, fill=_INK, font=font)
        top += height * share
    draw.rectangle((width * 0.12, height * 0.84, width * 0.94, height * 0.95), fill=_RED)
    draw.text((width * 0.15, height * 0.86), _FOOT, fill=_PAPER, font=ImageFont.load_default(height * 0.055))
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=90)
    return file.getvalue()
