"""What an observer at a relay notes down: connections, times, sizes, mailboxes and blobs, and what was paid with.

Nothing that only an end knows is in it. It is read off the wire, where a relay reads it.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from foreseal_relay import wire
from foreseal_relay.token_wire import IssuerList, Kind, Token

__all__ = ["Notes", "Seen", "What", "kinds_by_key"]

_BLOB: Final = re.compile(rb"(PUT|PATCH|GET) /v1/blobs/([0-9a-f]{32}) HTTP")
_DELIVERY: Final = "delivery"


class What(StrEnum):
    """What passed."""

    CAME = "came"
    """An inbox logged in."""
    WENT = "went"
    """An inbox closed."""
    SENT = "sent"
    """An envelope was sent to a mailbox."""
    ASKED = "asked"
    """A mailbox's keys were asked for."""
    BROUGHT = "brought"
    """An envelope was delivered to a mailbox."""
    STORED = "stored"
    """A blob was uploaded."""
    FETCHED = "fetched"
    """A blob was downloaded."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that passed. `at`: seconds on a clock that only goes on; `address`: where it came from or went to;
    `mailbox`: its id in hex; `size`: of the body, in bytes; `paid`: the kind of the token, "delivery" for one that
    somebody was given; `blob`: its id in hex."""

    at: float
    address: str
    what: What
    mailbox: str = ""
    size: int = 0
    paid: str = ""
    blob: str = ""


def kinds_by_key(listed: IssuerList) -> dict[bytes, Kind]:
    """Which kind a token's key id is of: the relay makes them, and so knows."""
    return {hashlib.sha256(key).digest(): kind for kind, row in zip(Kind, listed.keys, strict=False) for key in row}


class Notes:
    """The notes on everybody, filled by watching each one's connections."""

    def __init__(self, kinds: Mapping[bytes, Kind], clock: Callable[[], float] = time.monotonic) -> None:
        self.seen: list[Seen] = []
        self._kinds = kinds
        self._clock = clock
        self._inboxes: dict[tuple[str, int], str] = {}

    def watch(self, address: str) -> Callable[[int, bool, bytes], None]:
        """What a tap tells of one address: number of a connection, whether the client sent it, and a head, a message
        or part of a body; nothing at its end."""

        def note(connection: int, upward: bool, piece: bytes) -> None:
            if not piece:
                mailbox = self._inboxes.pop((address, connection), "")
                if mailbox:
                    self._add(address, What.WENT, mailbox)
            elif upward:
                self._up(address, connection, piece)
            else:
                self._down(address, connection, piece)

        return note

    def _up(self, address: str, connection: int, piece: bytes) -> None:
        if asked := _BLOB.match(piece):
            what = What.FETCHED if asked[1] == b"GET" else What.STORED
            self._add(address, what, blob=asked[2].decode())
            return
        match _read(piece):
            case wire.Send() as frame:
                paid = self._paid(frame.token)
                self._add(address, What.SENT, frame.mailbox.hex(), size=len(frame.body), paid=paid)
            case wire.FetchBundle() as frame:
                self._add(address, What.ASKED, frame.mailbox.hex(), paid=self._paid(frame.token))
            case wire.Login() | wire.Resume() as frame:
                self._inboxes[address, connection] = frame.mailbox.hex()
                self._add(address, What.CAME, frame.mailbox.hex())
            case _:
                pass

    def _down(self, address: str, connection: int, piece: bytes) -> None:
        mailbox = self._inboxes.get((address, connection))
        if mailbox is not None:
            with contextlib.suppress(wire.WireError):
                frame = wire.decode_server(piece)
                if isinstance(frame, wire.Deliver):
                    self._add(address, What.BROUGHT, mailbox, size=len(frame.body))

    def _paid(self, token: bytes) -> str:
        anonymous = Token.decoded(token)
        return _DELIVERY if anonymous is None else self._kinds.get(anonymous.key_id, "unknown")

    def _add(
        self, address: str, what: What, mailbox: str = "", *, size: int = 0, paid: str = "", blob: str = ""
    ) -> None:
        self.seen.append(Seen(self._clock(), address, what, mailbox, size, paid, blob))


def _read(piece: bytes) -> object:
    """The frame of a client in these bytes, if they are one."""
    for decode in (wire.decode_drop, wire.decode_inbox):
        with contextlib.suppress(wire.WireError):
            return decode(piece)
    return None
