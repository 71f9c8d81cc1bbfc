"""What `inbound` needs done around its story: remembering who wrote and under which keys, and fetching attachments."""

from __future__ import annotations

import hmac

import msgspec

from foreseal_client.device import Device
from foreseal_client.draft import Opened
from foreseal_client.errors import PeerFaultError
from foreseal_client.relay_link import RelayLink
from foreseal_client.sealing.attachments import open_attachment
from foreseal_client.sealing.letter import AttachmentRef, ReturnAddress, decode_letter
from foreseal_client.sealing.opening import OpenedLetter
from foreseal_client.sealing.sealed_sender import Inner
from foreseal_client.sealing.spool import Spool
from foreseal_client.store import Arrived, Contact, Proof, Standing
from foreseal_relay import wire

__all__ = ["Fetched", "fetch", "remember"]


class Fetched(msgspec.Struct, frozen=True):
    """A letter with its attachments here. `note`: what could not be had, in words."""

    opened: Opened
    note: str


def remember(opened: OpenedLetter, inner: Inner, envelope: wire.Deliver, device: Device) -> Arrived:
    """Stores everything that opening a letter changed; the caller holds the transaction. Raises `PeerFaultError`."""
    store = device.store
    if opened.spent is not None:
        prekeys = store.account.prekeys()
        prekeys.spend(opened.spent)
        store.account.put_prekeys(prekeys)
    elif opened.session.is_new and not store.inbox.first_time(opened.session.id, device.today):
        raise PeerFaultError("A first message was repeated. It was dropped.")
    _know(inner, opened.content.return_address, device)
    store.people.put_session(inner.sender, opened.session, heard=True)
    letter = opened.letter
    proof = Proof(envelope.commitment, letter.opening, letter.signature, envelope.day, envelope.key_id, envelope.stamp)
    arrived = Arrived(envelope.eid, inner.sender, letter.content, proof)
    store.inbox.put(arrived)
    store.inbox.mark_seen(envelope.eid, device.today)
    return arrived


async def fetch(arrived: Arrived, device: Device, link: RelayLink) -> Fetched:
    """The letter with its attachments, and its sender's keys for an answer. Raises what `RelayLink` raises."""
    letter = decode_letter(arrived.content)
    contact = device.store.people.get(arrived.identity)
    if contact is not None and contact.bundle is None:
        device.complete(contact, await link.fetch_bundle(contact.mailbox, contact.token))
    files, notes = [], []
    for ref in letter.attachments:
        try:
            files.append(await _fetch_one(ref, device, link))
        except PeerFaultError as fault:
            notes.append(str(fault))
    opened = Opened(arrived.identity, arrived.eid, letter.text, tuple(files), letter.sent_at)
    return Fetched(opened, " ".join(notes))


async def _fetch_one(ref: AttachmentRef, device: Device, link: RelayLink) -> Spool:
    sealed = device.store.new_incoming()
    try:
        await link.get_blob(ref.blob, ref.sealed_size, sealed)
        return open_attachment(sealed, ref, device.store.new_file())
    finally:
        sealed.unlink(missing_ok=True)


def _know(inner: Inner, back: ReturnAddress | None, device: Device) -> None:
    people = device.store.people
    known = people.get(inner.sender)
    if back is None:
        if known is None or known.mailbox != inner.mailbox:
            raise PeerFaultError("A message came from somebody unknown who left no address. It was dropped.")
        return
    if not hmac.compare_digest(back.mailbox, inner.mailbox):
        raise PeerFaultError("A message names one mailbox outside and another inside. It was dropped.")
    if known is not None:
        # Their token has come: from now on it replaces the invitation's, and what waited for it can go.
        people.change(known.identity, relay=back.relay, mailbox=back.mailbox, token=back.token, invitation=None)
        device.store.outbox.unpark(known.identity)
        return
    asked = device.store.account.take_invitation(back.invitation, device.now)
    standing = Standing.ACCEPTED if asked else Standing.REQUESTED
    people.put(
        Contact(
            inner.sender, back.name, back.relay, back.mailbox, back.token, None, None, standing,
            introduced=False,
        )
    )  # fmt: skip
