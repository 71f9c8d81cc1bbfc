"""How long things are once they are padded and sealed, so that lengths say little."""

from __future__ import annotations

from foreseal_client.sealing.spool import CHUNK, CHUNK_OVERHEAD, HEADER

__all__ = ["padme", "sealed_size"]


def padme(length: int) -> int:
    """`length` rounded up so that only its 5 or so highest bits show: at most 12 % more (Nikitin and others, "Reducing
    Metadata Leakage from Encrypted Files and Communication with PURBs", PoPETs 2019, section 4)."""
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    mask = (1 << low_bits) - 1
    return (length + mask) & ~mask


def sealed_size(size: int) -> int:
    """Bytes of the blob that an attachment of `size` bytes becomes."""
    padded = padme(size)
    chunks = max(1, -(-padded // CHUNK))
    return HEADER + padded + chunks * CHUNK_OVERHEAD
