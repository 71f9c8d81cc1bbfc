"""What a load is told, and what it tells: values that go through pipes as JSON."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from foreseal_relay import wire

__all__ = ["A_MAILBOX", "Load", "Told", "mailbox", "token"]

A_MAILBOX = 1500
"""Envelopes for one mailbox, which is then nowhere near full; then comes the next one."""


@dataclass(frozen=True, slots=True)
class Load:
    """`clients` connections with `in_flight` sends each for `seconds`; `a_second`: as many sends as that in all, and
    0 for as many as are answered. `first`: the first client's number, `mailboxes`: how many each client has.
    `answers`: `accepted`, or `echo` for a server that says nothing of its own."""

    urls: tuple[str, ...]
    clients: int
    in_flight: int
    seconds: float
    a_second: float = 0.0
    first: int = 0
    mailboxes: int = 1
    answers: str = "accepted"


@dataclass(frozen=True, slots=True)
class Told:
    """`answered` sends in `seconds`, `refused` others, how long each answer took, in milliseconds, and the seconds of
    processor that the load itself needed."""

    answered: int
    refused: int
    seconds: float
    took_ms: tuple[float, ...]
    cpu: float


def mailbox(client: int, place: int) -> bytes:
    """The mailbox a client sends to in its `place`th turn."""
    return _derived("mailbox", client, place)[: wire.MAILBOX_BYTES]


def token(client: int, place: int) -> bytes:
    """Its delivery token."""
    return _derived("token", client, place)


def _derived(label: str, client: int, place: int) -> bytes:
    return hashlib.sha256(f"foreseal bench {label} {client} {place}".encode()).digest()
