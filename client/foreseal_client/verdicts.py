"""Verdicts as bytes, for the local store. Unknown kinds of a later version are refused when read."""

from __future__ import annotations

from typing import assert_never

import msgspec

from foreseal_matcher import Clear, Entry, Match, Overlap, Reason, Unreadable, Verdict

__all__ = ["decode_verdict", "encode_verdict"]


class _Clear(msgspec.Struct, frozen=True, array_like=True, tag="clear"):
    limits: tuple[Reason, ...]


class _Match(msgspec.Struct, frozen=True, array_like=True, tag="match"):
    entry: Entry
    list_name: str
    list_version: str
    distance: int
    limit: int
    item: int
    look: str
    # Verdicts stored before links were matched end here.
    span: tuple[int, int] | None = None
    # And those before films were.
    overlap: Overlap | None = None


class _Unreadable(msgspec.Struct, frozen=True, array_like=True, tag="unreadable"):
    reason: Reason
    detail: str
    item: int


_decoder = msgspec.msgpack.Decoder[_Clear | _Match | _Unreadable](_Clear | _Match | _Unreadable)


def encode_verdict(verdict: Verdict) -> bytes:
    """A verdict's bytes."""
    match verdict:
        case Clear(limits):
            return msgspec.msgpack.encode(_Clear(limits))
        case Unreadable(reason, detail, item):
            return msgspec.msgpack.encode(_Unreadable(reason, detail, item))
        case Match():
            return msgspec.msgpack.encode(
                _Match(
                    verdict.entry, verdict.list_name, verdict.list_version, verdict.distance, verdict.limit,
                    verdict.item, verdict.look, verdict.span, verdict.overlap,
                )
            )  # fmt: skip


def decode_verdict(data: bytes) -> Verdict:
    """The verdict. Raises `msgspec.DecodeError` for bytes of another version."""
    try:
        packed = _decoder.decode(data)
    except UnicodeDecodeError as fault:  # which it lets out as it is
        raise msgspec.DecodeError(str(fault)) from fault
    match packed:
        case _Clear(limits):
            return Clear(limits)
        case _Unreadable(reason, detail, item):
            return Unreadable(reason, detail, item)
        case _Match(entry, list_name, list_version, distance, limit, item, look, span, overlap):
            return Match(entry, list_name, list_version, distance, limit, item, look, span, overlap)
        case other:
            assert_never(other)
