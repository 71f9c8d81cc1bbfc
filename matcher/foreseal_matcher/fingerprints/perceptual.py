"""The family of 64-bit fingerprints that the `imagehash` package holds, for comparing and for the study.

They are no part of a check: among 246 photographs one of them called 0.7 % of all pairs the same, and against a list
of millions of entries 64 bits match by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PIL import Image

from foreseal_matcher.decode import looks_at
from foreseal_matcher.errors import NotInstalled

__all__ = ["BITS", "perceptual"]

BITS: Final = 64


def perceptual(data: bytes) -> dict[str, int]:
    """aHash, pHash, dHash and wHash of a picture's first look, as 64-bit numbers by name. Raises `Undecodable`, and
    `NotInstalled` where imagehash is absent."""
    try:
        # Imported here because it brings SciPy and PyWavelets, which a check never needs.
        import imagehash
    except ImportError as error:
        raise NotInstalled("imagehash is not installed; it comes with foreseal[client]") from error
    luma = next(looks_at(data)).luma
    rows, columns = luma.shape or (0, 0)
    picture = Image.frombytes("L", (columns, rows), luma.tobytes())
    family: dict[str, Callable[[Image.Image], object]] = {
        "ahash": imagehash.average_hash,
        "phash": imagehash.phash,
        "dhash": imagehash.dhash,
        "whash": imagehash.whash,
    }
    return {name: int(str(compute(picture)), 16) for name, compute in family.items()}
