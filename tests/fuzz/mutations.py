"""Edits of a picture's file that get past its first checks."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Final

__all__ = ["mutated", "with_sums_put_right"]

_TELLING: Final = (0, 1, 2, 7, 8, 16, 127, 128, 255, 256, 4095, 8000, 32767, 32768, 65535, 2**31 - 1, 2**31, 2**32 - 1)
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_LONGEST: Final = 64
"""Bytes that one edit moves, removes or brings."""


def mutated(seed: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """`seed` with one to four edits; one of them may bring a piece of one of the `others`."""
    content = bytearray(seed)
    for _ in range(chance.randint(1, 4)):
        if content:
            chance.choice(_EDITS)(content, others, chance)
    return with_sums_put_right(bytes(content)) if chance.random() < 0.8 else bytes(content)


def with_sums_put_right(content: bytes) -> bytes:
    """A PNG with the checksum of each chunk made right, so that more than its checksums is read; others as they are."""
    if not content.startswith(_SIGNATURE):
        return content
    parts, at = [_SIGNATURE], len(_SIGNATURE)
    while at + 12 <= len(content):
        end = at + 8 + int.from_bytes(content[at : at + 4], "big")
        if end + 4 > len(content):
            break
        parts += [content[at:end], struct.pack(">I", zlib.crc32(content[at + 4 : end]))]
        at = end + 4
    return b"".join(parts) + content[at:]


def _flip(content: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def _number(content: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    """A number of one, two or four bytes that decoders trip over."""
    at, width = chance.randrange(len(content)), chance.choice((1, 2, 4))
    number = (chance.choice(_TELLING) % 256**width).to_bytes(width, chance.choice(("big", "little")))
    content[at : at + width] = number


def _remove(content: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(content))
    del content[at : at + chance.randint(1, _LONGEST)]


def _repeat(content: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(content))
    content[at:at] = content[at : at + chance.randint(1, _LONGEST)] * chance.choice((1, 1, 3, 40))


def _bring(content: bytearray, others: Sequence[bytes], chance: random.Random) -> None:
    other, at = chance.choice(others), chance.randrange(len(content))
    start = chance.randrange(len(other))
    piece = other[start : start + chance.randint(1, _LONGEST)]
    content[at : at + chance.choice((0, len(piece)))] = piece


def _cut(content: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    del content[chance.randrange(len(content)) :]


_Edit = Callable[[bytearray, Sequence[bytes], random.Random], None]
_EDITS: Final[tuple[_Edit, ...]] = (_flip, _flip, _number, _number, _number, _remove, _repeat, _bring, _cut)
