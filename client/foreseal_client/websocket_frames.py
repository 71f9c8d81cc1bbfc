"""WebSocket frames taken apart and put together (RFC 6455, section 5), for what stands between a client and a relay."""

from __future__ import annotations

from typing import Final

__all__ = ["CONTROL", "next_frame", "with_payload"]

CONTROL: Final = 0x8
"""The bit that every opcode of a control frame has: ping, pong, close."""


def next_frame(buffer: bytearray) -> tuple[int, int, bytes] | None:
    """Length of the first whole frame, its opcode and its payload unmasked; nothing while it is incomplete."""
    if len(buffer) < 2:
        return None
    length, at = buffer[1] & 0x7F, 2
    if length >= 126:
        width = 2 if length == 126 else 8
        length, at = int.from_bytes(buffer[2 : 2 + width], "big"), 2 + width
    mask = bytes(4)
    if buffer[1] & 0x80:
        mask, at = bytes(buffer[at : at + 4]), at + 4
    if len(buffer) < at + length:
        return None
    payload = bytes(buffer[at : at + length])
    key = int.from_bytes((mask * (length // 4 + 1))[:length], "big")
    plain = (int.from_bytes(payload, "big") ^ key).to_bytes(length, "big")
    return at + length, buffer[0] & 0x0F, plain


def with_payload(frame: bytes, payload: bytes) -> bytes:
    """The same frame around other bytes of the same length; from a client it stays masked, by zeros."""
    head = frame[: len(frame) - len(payload)]
    return (head[:-4] + bytes(4) if frame[1] & 0x80 else head) + payload
