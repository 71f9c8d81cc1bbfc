"""The safety number: sixty digits, or a code to scan, that two people compare to know that they speak to each other."""

from __future__ import annotations

import base64
import hashlib
import hmac
from enum import StrEnum
from functools import lru_cache
from typing import Final

__all__ = ["Comparison", "compare_scanned", "safety_code", "safety_number"]

_ROUNDS: Final = 5200
"""Iterations of SHA-512 over each key, as in Signal's numeric fingerprints: they make searching for a key with a
similar number dearer."""
_PREFIX: Final = "FORESEAL:SAFETY:"
_VERSION: Final = b"\x01"
_HALF: Final = 32


class Comparison(StrEnum):
    """What scanning somebody's screen says."""

    SAME = "same"
    """Both devices hold the same two keys."""
    DIFFERENT = "different"
    """Their device holds another key for one of the two than this one does."""
    NO_CODE = "no code"
    """This is no safety code, or only part of one."""
    NEWER = "newer"
    """This code was made by a newer Foreseal."""


def safety_number(one: bytes, other: bytes) -> str:
    """Twelve groups of five digits for two Ed25519 identity keys (32 bytes each), the same from either side."""
    halves = sorted(_digits(key) for key in (one, other))
    digits = "".join(halves)
    return " ".join(digits[i : i + 5] for i in range(0, 60, 5))


def safety_code(own: bytes, other: bytes) -> str:
    """What this device shows to be scanned: its own half and the one it holds for the other, in that order. Capital
    letters and digits alone, which a QR code holds most closely (ISO/IEC 18004, alphanumeric mode)."""
    payload = _VERSION + _stretched(own)[:_HALF] + _stretched(other)[:_HALF]
    return _PREFIX + base64.b32encode(payload).decode().rstrip("=")


def compare_scanned(text: str, own: bytes, other: bytes) -> Comparison:
    """What was scanned from the other person's screen, against the two identity keys that this device holds."""
    code = "".join(text.split()).upper()
    if not code.startswith(_PREFIX):
        return Comparison.NO_CODE
    encoded = code.removeprefix(_PREFIX)
    try:
        payload = base64.b32decode(encoded + "=" * (-len(encoded) % 8))
    except ValueError:
        return Comparison.NO_CODE
    if payload[:1] > _VERSION:
        return Comparison.NEWER
    if len(payload) != 1 + 2 * _HALF or payload[:1] != _VERSION:
        return Comparison.NO_CODE
    expected = _stretched(other)[:_HALF] + _stretched(own)[:_HALF]
    return Comparison.SAME if hmac.compare_digest(payload[1:], expected) else Comparison.DIFFERENT


def _digits(identity: bytes) -> str:
    value = _stretched(identity)
    return "".join(f"{int.from_bytes(value[i : i + 5], 'big') % 100_000:05d}" for i in range(0, 30, 5))


@lru_cache(maxsize=64)
def _stretched(identity: bytes) -> bytes:
    value = b"foreseal/1 safety number\x00" + identity
    for _ in range(_ROUNDS):
        value = hashlib.sha512(value + identity).digest()
    return value
