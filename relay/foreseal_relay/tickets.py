"""Resume tickets: a login that was proven by signature goes on for some minutes without one.

When many clients come back at once, after a relay's restart or a network's, an HMAC is checked for each in place of an
Ed25519 signature, and no bundle is published again. The relay stores no ticket: it is MACed under a key that follows
from the relay's own, so it outlives a restart and holds at every relay of one store.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from foreseal_relay.limits import TICKET_SECONDS
from foreseal_relay.wire import MAILBOX_BYTES, Resume, Ticket, login_message, resume_proof

__all__ = ["Tickets"]

_TICKET_LABEL: Final = b"foreseal/1 ticket\x00"
_SECRET_LABEL: Final = b"foreseal/1 ticket secret\x00"
_BODY: Final = MAILBOX_BYTES + 32


@dataclass(frozen=True, slots=True)
class Tickets:
    """`key`: 32 bytes, the relay's own. A ticket is mailbox (16), its login key (32), generation (8), end in Unix
    seconds (8) and a MAC of all that (16): 80 bytes."""

    key: bytes = field(repr=False)

    def issue(self, req: int, mailbox: bytes, login_key: bytes, generation: int, now: float) -> Ticket:
        """A ticket for whoever is logged in now."""
        end = int(now) + TICKET_SECONDS
        body = mailbox + login_key + generation.to_bytes(8, "big") + end.to_bytes(8, "big")
        ticket = body + self._mac(body)
        return Ticket(req, ticket, self._secret(ticket))

    def resumed(self, frame: Resume, server_nonce: bytes, origins: Collection[str], now: float) -> bytes | None:
        """The login key of a ticket that holds; None for one that is too old or too young, of another mailbox, a
        higher generation or another relay, altered, or shown without its secret."""
        body, mac = frame.ticket[:-16], frame.ticket[-16:]
        if not hmac.compare_digest(self._mac(body), mac) or body[:MAILBOX_BYTES] != frame.mailbox:
            return None
        generation, end = int.from_bytes(body[_BODY : _BODY + 8], "big"), int.from_bytes(body[_BODY + 8 :], "big")
        if frame.generation < generation or not end - TICKET_SECONDS <= int(now) < end:
            return None
        secret = self._secret(frame.ticket)
        for origin in origins:
            login = login_message(origin, frame.mailbox, server_nonce, frame.client_nonce, frame.generation)
            if hmac.compare_digest(resume_proof(secret, login), frame.proof):
                return body[MAILBOX_BYTES:_BODY]
        return None

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self.key, _TICKET_LABEL + body, "sha256")[:16]

    def _secret(self, ticket: bytes) -> bytes:
        return hmac.digest(self.key, _SECRET_LABEL + ticket, "sha256")
