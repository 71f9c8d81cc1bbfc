"""A session: one handshake and the ratchet that grew from it."""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing.handshake import Agreed, Handshake
from foreseal_client.sealing.ratchet import Ratchet, RatchetMessage

__all__ = ["Session"]

_LABEL: Final = b"foreseal/1 message\x00"


class _Saved(msgspec.Struct, frozen=True, array_like=True):
    id: bytes
    associated: bytes
    pending: Handshake | None
    ratchet: bytes


class Session:
    """`id`: 16 bytes, from the handshake. `pending`: the handshake, as long as nothing was heard from the other side;
    it travels with every message until then, because the first may be lost or overtaken. `is_new`: made just now."""

    def __init__(
        self, session_id: bytes, associated: bytes, pending: Handshake | None, ratchet: Ratchet, *, is_new: bool = False
    ) -> None:
        self.id = session_id
        self.pending = pending
        self.is_new = is_new
        self._associated = associated
        self._ratchet = ratchet

    @classmethod
    def begin(
        cls, agreed: Agreed, handshake: Handshake, letter: bytes, commitment: bytes, eid: bytes
    ) -> tuple[Session, RatchetMessage]:
        """The initiator's session and its first message."""
        associated = _bind(agreed.associated, commitment, eid)
        ratchet, message = Ratchet.initiate(agreed.secret, agreed.ratchet_key, letter, associated)
        return cls(handshake.id, agreed.associated, handshake, ratchet), message

    @classmethod
    def accept(
        cls, agreed: Agreed, handshake: Handshake, message: RatchetMessage, commitment: bytes, eid: bytes
    ) -> tuple[Session, bytes]:
        """The responder's session and the first letter. Raises `PeerFaultError`."""
        associated = _bind(agreed.associated, commitment, eid)
        ratchet, letter = Ratchet.respond(agreed.secret, agreed.ratchet_key, message, associated)
        return cls(handshake.id, agreed.associated, None, ratchet, is_new=True), letter

    def encrypt(self, letter: bytes, commitment: bytes, eid: bytes) -> RatchetMessage:
        """The next message; commitment and envelope id are authenticated with it."""
        return self._ratchet.encrypt(letter, _bind(self._associated, commitment, eid))

    def decrypt(self, message: RatchetMessage, commitment: bytes, eid: bytes) -> bytes:
        """A letter. Raises `PeerFaultError`, and then nothing has changed."""
        letter = self._ratchet.decrypt(message, _bind(self._associated, commitment, eid))
        self.pending = None
        return letter

    def save(self) -> bytes:
        """The state, for the encrypted store only."""
        return msgspec.msgpack.encode(_Saved(self.id, self._associated, self.pending, self._ratchet.save()))

    @classmethod
    def restore(cls, state: bytes) -> Session:
        """The session that `state` was saved from."""
        saved = msgspec.msgpack.decode(state, type=_Saved)
        return cls(saved.id, saved.associated, saved.pending, Ratchet.restore(saved.ratchet))


def _bind(associated: bytes, commitment: bytes, eid: bytes) -> bytes:
    if len(commitment) != 32 or len(eid) != 16:
        raise PeerFaultError("An envelope's commitment or id has an impossible length. It was dropped.")
    return hashlib.sha256(_LABEL + associated + commitment + eid).digest()
