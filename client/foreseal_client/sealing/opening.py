"""Opening an envelope: who says they sent it, whether that holds, and what is inside. The reverse of `seal`."""

from __future__ import annotations

import msgspec

from foreseal_client.errors import BrokenSessionError, PeerFaultError
from foreseal_client.sealing import franking
from foreseal_client.sealing.decoding import decoded
from foreseal_client.sealing.handshake import address, respond
from foreseal_client.sealing.keys import DEVICE, DeviceKeys
from foreseal_client.sealing.letter import Letter, LetterContent, decode_letter
from foreseal_client.sealing.prekeys import Prekeys
from foreseal_client.sealing.sealed_sender import Inner, open_body
from foreseal_client.sealing.session import Session
from foreseal_client.sealing.sessions import Sessions

__all__ = ["OpenedLetter", "open_inner", "unwrap"]


class OpenedLetter(msgspec.Struct, frozen=True):
    """A letter whose sender holds `sender`, and the session after it. `is_new`: it began with this letter; `spent`:
    the one-time prekey that this used up, to be deleted in the transaction that stores the rest."""

    sender: bytes
    content: LetterContent
    letter: Letter
    session: Session
    is_new: bool
    spent: bytes | None


def unwrap(body: bytes, prekeys: Prekeys, mailbox: bytes) -> Inner:
    """The outer layer off: who claims to have sent it. Nothing is proven yet. Raises `PeerFaultError`."""
    return open_body(body, prekeys.seal_keys, mailbox)


def open_inner(
    inner: Inner,
    commitment: bytes,
    eid: bytes,
    *,
    keys: DeviceKeys,
    prekeys: Prekeys,
    mailbox: bytes,
    sessions: Sessions,
    today: int,
) -> OpenedLetter:
    """The letter inside. `sessions`: those with the claimed sender; `today`: days since 1970.

    Raises `BrokenSessionError` when the keys that it needs are not here, and `PeerFaultError` when it is malformed, or
    the commitment or the sender's signature does not fit. Nothing has changed then.
    """
    session = sessions.get(inner.session)
    is_new = session is None
    if session is None:
        if not sessions.may_begin(inner.round, inner.session):
            raise BrokenSessionError("A first message was repeated, or is too late.", inner.sender, inner.round)
        session = _begun(inner, keys, prekeys, mailbox)
    try:
        session, plain = session.decrypt(inner.message, commitment, eid, today)
    except PeerFaultError as fault:
        raise BrokenSessionError(str(fault), inner.sender, inner.round) from fault
    letter = decoded(plain, Letter, "A message was opened but is malformed inside. It was dropped.")
    if not franking.opens(commitment, letter.opening, letter.content):
        raise PeerFaultError("A message does not fit the commitment the relay was given. It was dropped.")
    if not franking.signed_by(inner.sender, letter.signature, commitment, letter.opening, mailbox, eid):
        raise PeerFaultError("A message is not signed by the person it names. It was dropped.")
    spent = inner.handshake.one_time if is_new and inner.handshake is not None else None
    return OpenedLetter(inner.sender, decode_letter(letter.content), letter, session, is_new, spent)


def _begun(inner: Inner, keys: DeviceKeys, prekeys: Prekeys, mailbox: bytes) -> Session:
    if inner.handshake is None:
        unknown = "A message belongs to no conversation this device knows. It was dropped."
        raise BrokenSessionError(unknown, inner.sender, inner.round)
    own_address, peer_address = address(mailbox, DEVICE), address(inner.mailbox, inner.device)
    agreed = respond(keys, prekeys, inner.handshake, inner.sender, peer_address, own_address)
    return Session.accept(agreed, inner.handshake, inner.device, inner.message)
