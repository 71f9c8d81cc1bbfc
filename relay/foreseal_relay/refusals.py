"""Why a frame is refused: the codes both sides know. Pure values."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["RejectCode", "WireError"]


class RejectCode(StrEnum):
    """Why a frame was refused. The text after each is what its reader needs to know."""

    MALFORMED = "malformed"
    """The frame could not be decoded, or one of its fields has a length or value the protocol does not allow."""
    VERSION = "version"
    """The other side speaks a version of the protocol that this one does not."""
    BAD_LOGIN = "bad-login"
    """The signature does not fit key, mailbox, relay origin and nonces."""
    NOT_LOGGED_IN = "not-logged-in"
    """This frame needs a login first."""
    WRONG_CONNECTION = "wrong-connection"
    """Sending belongs on a drop connection, receiving on an inbox; the two are never mixed."""
    SECOND_RECIPIENT = "second-recipient"
    """A drop connection serves one mailbox; open another connection for another recipient."""
    NOT_DELIVERABLE = "not-deliverable"
    """No such mailbox, or a token it does not accept. The answer is the same, in the same time, for both."""
    BAD_SIZE = "bad-size"
    """An envelope's body has one of three lengths, and this one has another."""
    FULL = "full"
    """The mailbox or the relay holds as much as it may. Try again after `retry_after` seconds."""
    NOT_REGISTERED = "not-registered"
    """This mailbox is not registered here yet."""
    ROLLED_BACK = "rolled-back"
    """The client's generation is lower than the relay's: its device was restored from an older state."""
    BAD_TOKEN = "bad-token"  # noqa: S105
    """Not an anonymous token of this relay for this purpose, or past its time, or spent on something else. Nothing was
    looked up."""
    BAD_TICKET = "bad-ticket"
    """This ticket does not resume a login here: too old, of another mailbox, or not this relay's. Log in."""
    ADMISSION = "admission"
    """A mailbox is not made here without what its `Terms` say: a code of the relay's operator, or work."""
    UNAVAILABLE = "unavailable"
    """The relay cannot write durably at the moment. Nothing was accepted; try again after `retry_after` seconds."""


class WireError(ValueError):
    """The bytes received are not a frame this connection accepts. Nothing was stored."""

    def __init__(self, code: RejectCode, detail: str, req: int = 0) -> None:
        super().__init__(detail)
        self.code = code
        self.req = req
