"""Bytes that were altered on the way."""

from __future__ import annotations

__all__ = ["last_bit_turned"]


def last_bit_turned(data: bytes) -> bytes:
    """`data` with its last bit turned: never what it was. A fixed last byte is, once in 256 times."""
    return data[:-1] + bytes([data[-1] ^ 1])
