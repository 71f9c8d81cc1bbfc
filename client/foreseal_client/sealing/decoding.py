"""MessagePack from other people, decoded so that nothing but `PeerFaultError` can come out."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from foreseal_client.errors import PeerFaultError

__all__ = ["decoded"]

T = TypeVar("T")


def decoded(data: bytes, kind: type[T], fault: str) -> T:
    """`data` as `kind`. Raises `PeerFaultError` with the sentence `fault`.

    Elements that a later version adds are skipped, and skipping nested ones recurses: an attacker's depth ends in a
    `RecursionError`, which is as much a malformed message as any other.
    """
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise PeerFaultError(fault) from problem
