"""QR codes as half blocks: each character shows two squares, one above the other. Drawn dark on light, as scanners
expect, whatever colours the terminal has."""

from __future__ import annotations

from typing import Final

__all__ = ["QUIET", "qr_lines"]

QUIET: Final = 2
"""Light squares around the code. The standard asks for four; scanners of today take two, and a terminal is small."""
_BLOCKS: Final = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}


def qr_lines(text: str) -> list[str]:
    """The lines of a QR code (ISO/IEC 18004, error correction L) for `text`; a filled half is a dark square.

    Raises `ValueError` for a text that no QR code can hold.
    """
    # Loaded here: nothing that is only read needs it.
    import segno

    code = segno.make_qr(text, error="l", boost_error=False)
    rows = [[bool(square) for square in row] for row in code.matrix_iter(border=QUIET)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    return [
        "".join(_BLOCKS[pair] for pair in zip(above, below, strict=True))
        for above, below in zip(rows[::2], rows[1::2], strict=True)
    ]
