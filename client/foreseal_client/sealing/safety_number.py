"""The safety number: sixty digits that two people compare to know that nobody stands between them."""

from __future__ import annotations

import hashlib
from typing import Final

__all__ = ["safety_number"]

_ROUNDS: Final = 5200
"""Iterations of SHA-512 over each key, as in Signal's numeric fingerprints: they make searching for a key with a
similar number dearer."""


def safety_number(one: bytes, other: bytes) -> str:
    """Twelve groups of five digits for two Ed25519 identity keys (32 bytes each), the same from either side."""
    halves = sorted(_digits(key) for key in (one, other))
    digits = "".join(halves)
    return " ".join(digits[i : i + 5] for i in range(0, 60, 5))


def _digits(identity: bytes) -> str:
    value = b"foreseal/1 safety number\x00" + identity
    for _ in range(_ROUNDS):
        value = hashlib.sha512(value + identity).digest()
    return "".join(f"{int.from_bytes(value[i : i + 5], 'big') % 100_000:05d}" for i in range(0, 30, 5))
