"""Opening an envelope: who says they sent it, whether that holds, and what is inside. The reverse of `seal`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing import franking
from foreseal_client.sealing.decoding import decoded
from foreseal_client.sealing.handshake import address, respond
from foreseal_client.sealing.keys import DEVICE, DeviceKeys
from foreseal_client.sealing.letter import Letter, LetterContent, decode_letter
from foreseal_client.sealing.prekeys import Prekeys
from foreseal_client.sealing.sealed_sender import Inner, open_body
from foreseal_client.sealing.session import Session

__all__ = ["OpenedLetter", "open_inner", "unwrap"]


class OpenedLetter(msgspec.Struct, frozen=True):
    """A letter whose sender holds `sender`, and the session after it. `spent`: the one-time prekey that it used up,
    to be deleted in the transaction that stores the rest."""

    sender: bytes
    content: LetterContent
    letter: Letter
    session: Session
    spent: bytes | None


def unwrap(body: bytes, keys: DeviceKeys, mailbox: bytes) -> Inner:
    """The outer layer off: who claims to have sent it. Nothing is proven yet. Raises `PeerFaultError`."""
    return open_body(body, keys, mailbox)


def open_inner(
    inner: Inner,
    commitment: bytes,
    eid: bytes,
    *,
    keys: DeviceKeys,
    prekeys: Prekeys,
    mailbox: bytes,
    sessions: Sequence[Session],
) -> OpenedLetter:
    """The letter inside. `sessions`: those with the claimed sender, the likeliest first.

    Raises `PeerFaultError` when no session opens it, or the commitment or the sender's signature does not fit; then
    no session has changed that the caller stores.
    """
    session, plain, spent = _decrypt(inner, commitment, eid, keys, prekeys, mailbox, sessions)
    letter = decoded(plain, Letter, "A message was opened but is malformed inside. It was dropped.")
    if not franking.opens(commitment, letter.opening, letter.content):
        raise PeerFaultError("A message does not fit the commitment the relay was given. It was dropped.")
    if not franking.signed_by(inner.sender, letter.signature, commitment, letter.opening, mailbox, eid):
        raise PeerFaultError("A message is not signed by the person it names. It was dropped.")
    return OpenedLetter(inner.sender, decode_letter(letter.content), letter, session, spent)


def _decrypt(
    inner: Inner,
    commitment: bytes,
    eid: bytes,
    keys: DeviceKeys,
    prekeys: Prekeys,
    mailbox: bytes,
    sessions: Sequence[Session],
) -> tuple[Session, bytes, bytes | None]:
    shake = inner.handshake
    for session in sessions:
        if shake is not None and session.id != shake.id:
            continue
        try:
            return session, session.decrypt(inner.message, commitment, eid), None
        except PeerFaultError:
            continue
    if shake is None or any(session.id == shake.id for session in sessions):
        raise PeerFaultError("A message belongs to no conversation this device knows. It was dropped.")
    own_address, peer_address = address(mailbox, DEVICE), address(inner.mailbox, inner.device)
    agreed = respond(prekeys, shake, inner.sender, peer_address, own_address)
    session, plain = Session.accept(agreed, shake, inner.message, commitment, eid)
    return session, plain, shake.one_time
