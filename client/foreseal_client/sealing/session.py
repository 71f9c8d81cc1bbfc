"""A session: one handshake and the ratchet that grew from it. A frozen value, as the ratchet is."""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing.handshake import Agreed, Handshake
from foreseal_client.sealing.ratchet import RatchetMessage, RatchetState

__all__ = ["Session"]

_LABEL: Final = b"foreseal/1 message\x00"


class Session(msgspec.Struct, frozen=True, array_like=True):
    """`id`: 16 bytes, from the handshake; `device`: the peer's. `pending`: the handshake, as long as nothing was heard
    from the other side; it travels with every message until then, because the first may be lost or overtaken."""

    id: bytes
    round: int
    device: int
    associated: bytes
    pending: Handshake | None
    ratchet: RatchetState

    @classmethod
    def begin(cls, agreed: Agreed, handshake: Handshake, device: int) -> Session:
        """The initiator's. Raises `PeerFaultError` for keys of low order."""
        ratchet = RatchetState.initiate(agreed.secret, agreed.ratchet_key)
        return cls(handshake.id, handshake.round, device, agreed.associated, handshake, ratchet)

    @classmethod
    def accept(cls, agreed: Agreed, handshake: Handshake, device: int, first: RatchetMessage) -> Session:
        """The responder's, which then has to decrypt `first`. Raises `PeerFaultError`."""
        ratchet = RatchetState.respond(agreed.secret, agreed.ratchet_key, first)
        return cls(handshake.id, handshake.round, device, agreed.associated, None, ratchet)

    def encrypt(self, letter: bytes, commitment: bytes, eid: bytes) -> tuple[Session, RatchetMessage]:
        """The session to be stored, and its next message, which commitment and envelope id are authenticated with."""
        ratchet, message = self.ratchet.encrypt(letter, _bind(self.associated, commitment, eid))
        return msgspec.structs.replace(self, ratchet=ratchet), message

    def decrypt(self, message: RatchetMessage, commitment: bytes, eid: bytes, today: int) -> tuple[Session, bytes]:
        """The session to be stored, and a letter. `today`: days since 1970. Raises `PeerFaultError`."""
        ratchet, letter = self.ratchet.decrypt(message, _bind(self.associated, commitment, eid), today)
        return msgspec.structs.replace(self, pending=None, ratchet=ratchet), letter


def _bind(associated: bytes, commitment: bytes, eid: bytes) -> bytes:
    if len(commitment) != 32 or len(eid) != 16:
        raise PeerFaultError("An envelope's commitment or id has an impossible length. It was dropped.")
    return hashlib.sha256(_LABEL + associated + commitment + eid).digest()
