"""Frames of an inbox that are not about mail: resuming a login, making a mailbox, drawing tokens."""

from __future__ import annotations

import msgspec

__all__ = [
    "Admit", "AskTerms", "AskTicket", "Draw", "Drawn", "Frame", "Requests", "Resume", "Terms", "Ticket",
]  # fmt: skip


class Frame(msgspec.Struct, array_like=True, frozen=True):
    """A frame: encoded as `[name, field, field, ...]`."""


class Resume(Frame, frozen=True, tag="resume"):
    """A login without a signature: `ticket` as the relay gave it, `proof` = `resume_proof` under its secret."""

    version: int
    mailbox: bytes
    ticket: bytes
    client_nonce: bytes
    proof: bytes
    generation: int


class AskTicket(Frame, frozen=True, tag="ask-ticket"):
    """Asks for a `Ticket`."""

    req: int


class Ticket(Frame, frozen=True, tag="ticket"):
    """Resumes this login for a while, together with `secret`, which is never sent again."""

    req: int
    ticket: bytes
    secret: bytes


class AskTerms(Frame, frozen=True, tag="ask-terms"):
    """Asks what making a mailbox takes here: `Terms`."""

    req: int


class Terms(Frame, frozen=True, tag="terms"):
    """What making a mailbox takes here: `wants` is "nothing", "code" or "work"; `work`: how many zero bits."""

    req: int
    wants: str
    work: int


class Admit(Frame, frozen=True, tag="admit"):
    """What the terms ask for (at most `MAX_ADMISSION` bytes): work, or a code. It counts for the next `Register`."""

    req: int
    admission: bytes


class Requests(Frame, frozen=True, tag="requests"):
    """Whether this mailbox takes what people send who only have its card. At first it does not. `desk`: it takes
    reports, each paid with a token of that kind, and no requests."""

    req: int
    open: bool
    desk: bool = False


class Draw(Frame, frozen=True, tag="draw"):
    """Asks for a day's anonymous tokens of a kind, all of them: `blinded` elements (32 bytes each), to be evaluated
    under the key of `epoch`. The same again on the same day gets the same answer."""

    req: int
    kind: str
    epoch: int
    blinded: tuple[bytes, ...]


class Drawn(Frame, frozen=True, tag="drawn"):
    """For each element, in order, a proof (64 bytes, RFC 9497 section 2.2) and what it evaluates to (32)."""

    req: int
    evaluated: bytes
