"""`seal`: a cleared draft becomes an envelope. Nothing else does, and nothing else is accepted."""

from __future__ import annotations

import secrets
from pathlib import Path

import msgspec

from foreseal_client.draft import Draft
from foreseal_client.errors import ChangedSinceCheckError
from foreseal_client.sealing import franking
from foreseal_client.sealing.attachments import SealedAttachments, cleared_draft
from foreseal_client.sealing.bundles import PeerBundle
from foreseal_client.sealing.handshake import address, initiate
from foreseal_client.sealing.keys import DEVICE, DeviceKeys
from foreseal_client.sealing.letter import VERSION, AttachmentRef, Letter, LetterContent, ReturnAddress, encode_letter
from foreseal_client.sealing.notes import Notes
from foreseal_client.sealing.sealed_sender import VERSION as INNER_VERSION
from foreseal_client.sealing.sealed_sender import Inner, seal_body
from foreseal_client.sealing.session import Session
from foreseal_matcher import Cleared
from foreseal_relay.wire import EID_BYTES

__all__ = ["Envelope", "Recipient", "Sealed", "Sender", "seal"]


class Sender(msgspec.Struct, frozen=True):
    """This side: its keys, its mailbox, until the other side knows it where an answer should go, and the ids of
    envelopes from there that could not be opened here; and what is told of the logs of this side's lists."""

    keys: DeviceKeys
    mailbox: bytes
    return_address: ReturnAddress | None
    unopened: tuple[bytes, ...] = ()
    heads: tuple[bytes, ...] = ()


class Recipient(msgspec.Struct, frozen=True):
    """The other side: its checked bundle (with a one-time prekey only when a session is to begin), and the session
    with it if there is one already, or else the round of the one that begins."""

    bundle: PeerBundle
    session: Session | None
    round: int = 1


class Envelope(msgspec.Struct, frozen=True):
    """What the relay gets: `eid` (16 bytes), recipient's `mailbox` (16), `commitment` (32), `body` (a size class)."""

    eid: bytes
    mailbox: bytes
    commitment: bytes
    body: bytes


class Sealed(msgspec.Struct, frozen=True):
    """An envelope, the blobs it speaks of (with the files they lie in until uploaded), and the session after it.
    All three have to be stored in one transaction before anything leaves."""

    envelope: Envelope
    blobs: tuple[tuple[AttachmentRef, Path], ...]
    session: Session


def seal(
    cleared: Cleared[Draft],
    sender: Sender,
    recipient: Recipient,
    attachments: SealedAttachments,
    *,
    now: int,
    group: bytes = b"",
    notes: Notes | None = None,
    eid: bytes | None = None,
) -> Sealed:
    """Seals what a policy let pass, for one recipient. `attachments`: the draft's own, sealed by `seal_attachments`;
    `now`: seconds since 1970, rounded to the minute inside; `group`: what the letter says about a group;
    `notes`: what it says beside its text; `eid`: the id (16 bytes) of an envelope that this one takes the place of,
    which a relay and a recipient that have had that one take for its repetition.

    Raises `TypeError` for anything but a `Cleared[Draft]`; `ChangedSinceCheckError` when it is not what was checked, or
    the attachments are another draft's; `PeerFaultError` when the recipient's keys are malformed; `ValueError` when it
    does not fit.
    """
    draft = cleared_draft(cleared)
    if attachments.digest != cleared.digest:
        raise ChangedSinceCheckError
    blobs = attachments.blobs
    content = LetterContent(
        VERSION, now - now % 60, draft.text, tuple(ref for ref, _ in blobs), sender.return_address, sender.unopened,
        group, None if notes == Notes() else notes, sender.heads,
    )  # fmt: skip
    return _seal_letter(encode_letter(content), blobs, sender, recipient, eid or secrets.token_bytes(EID_BYTES))


def _seal_letter(
    content: bytes,
    blobs: tuple[tuple[AttachmentRef, Path], ...],
    sender: Sender,
    recipient: Recipient,
    eid: bytes,
) -> Sealed:
    to, session = recipient.bundle.payload, recipient.session
    commitment, opening = franking.commit(content)
    signature = franking.sign_opening(sender.keys.identity, commitment, opening, to.mailbox, eid)
    letter = msgspec.msgpack.encode(Letter(content, opening, signature))
    if session is None:
        own_address = address(sender.mailbox, DEVICE)
        session = Session.begin(*initiate(sender.keys, recipient.bundle, own_address, recipient.round), to.device)
    session, message = session.encrypt(letter, commitment, eid)
    inner = Inner(
        INNER_VERSION, sender.keys.identity_public, sender.mailbox, DEVICE, session.id, session.round, session.pending,
        message,
    )  # fmt: skip
    return Sealed(Envelope(eid, to.mailbox, commitment, seal_body(inner, to)), blobs, session)
