"""What `inbound` needs done around its story: remembering who wrote and under which keys, and fetching attachments."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from foreseal_client.contacts import meet
from foreseal_client.conversation.hearing import hear
from foreseal_client.delivery import Transferred, onwards
from foreseal_client.device import Device
from foreseal_client.draft import Opened
from foreseal_client.errors import PeerFaultError
from foreseal_client.groups.letters import GroupPart, Kind, open_part
from foreseal_client.relay_blobs import Progress
from foreseal_client.relay_link import RelayLink
from foreseal_client.request_desk import demand_room
from foreseal_client.sealing.attachments import open_attachment
from foreseal_client.sealing.letter import AttachmentRef, LetterContent, decode_letter
from foreseal_client.sealing.opening import OpenedLetter
from foreseal_client.sealing.sealed_sender import Inner
from foreseal_client.sealing.spool import Spool
from foreseal_client.store import Arrived, Contact, Proof, Standing
from foreseal_matcher.content import Item
from foreseal_relay import wire

__all__ = ["Fetched", "Links", "fetch", "names_of", "remember"]


Links = Callable[[str], Awaitable[RelayLink]]
"""The link to a relay, by its address."""


class Fetched(msgspec.Struct, frozen=True):
    """A letter with its attachments here. `note`: what could not be had, in words."""

    opened: Opened
    note: str

    @contextmanager
    def removed_on_failure(self) -> Iterator[None]:
        """Removes the attachments again when the block fails: the letter is tried once more, and fetches them anew."""
        try:
            yield
        except BaseException:
            _remove(self.opened.attachments)
            raise


def names_of(envelope: wire.Deliver) -> tuple[bytes, bytes]:
    """What an envelope is remembered by, 16 bytes each: its id, and its body's digest. Whoever holds a copy could hand
    it over again under another id; that is a repetition and no broken session."""
    return envelope.eid, hashlib.sha256(envelope.body).digest()[:16]


def remember(opened: OpenedLetter, inner: Inner, envelope: wire.Deliver, device: Device) -> Arrived:
    """Stores everything that opening a letter changed; the caller holds the transaction. Raises `PeerFaultError`."""
    store = device.store
    if opened.spent is not None:
        store.account.put_prekeys(store.account.prekeys().without(opened.spent))
    part = open_part(opened.content.group) if opened.content.group else None
    _know(inner, opened.content, part, device)
    store.people.put_sessions(inner.sender, store.people.sessions(inner.sender).put(opened.session, device.today))
    if opened.session.round > (store.mending.due(inner.sender) or 0):
        store.mending.begun(inner.sender)  # the new session that was due has been begun by them
    for eid in opened.content.unopened:
        store.mark_unread(eid, inner.sender)
    hear(inner.sender, opened.content, store, now=device.now, may_disappear=device.safeguards.may_disappear)
    sender = store.people.get(inner.sender)
    if sender is not None:
        device.compared.hear(sender, opened.content.heads, store, device.lists, device.now)
    letter = opened.letter
    proof = Proof(envelope.commitment, letter.opening, letter.signature, envelope.day, envelope.key_id, envelope.stamp)
    arrived = Arrived(envelope.eid, inner.sender, letter.content, proof, None if part is None else part.group)
    store.inbox.put(arrived)
    if sender is not None and sender.standing is Standing.MEMBER and arrived.group is None:
        store.inbox.done(arrived.eid)  # it only told an address: anything else would have made it a request
    store.inbox.mark_seen(names_of(envelope), device.today)
    return arrived


async def fetch(arrived: Arrived, device: Device, links: Links, transferred: Transferred) -> Fetched:
    """The letter with its attachments, which lie at our own relay. Raises what `RelayLink` raises; what came until
    then stays, sealed as it was, and the next try goes on with it."""
    letter = decode_letter(arrived.content)
    sizes = [ref.sealed_size for ref in letter.attachments]
    incoming = [device.store.incoming(arrived.eid, position) for position in range(len(sizes))]
    files: list[Spool] = []
    notes: list[str] = []
    try:
        for position, (ref, path) in enumerate(zip(letter.attachments, incoming, strict=True)):
            progress = onwards(sum(sizes[:position]), sum(sizes), transferred)
            try:
                files.append(await _fetch_one(ref, path, device, await links(device.account.relay), progress))
            except PeerFaultError as fault:
                notes.append(str(fault))
    except BaseException:
        _remove(files)
        raise
    for path in incoming:
        path.unlink(missing_ok=True)
    opened = Opened(arrived.identity, arrived.eid, letter.text, tuple(files), letter.sent_at)
    return Fetched(opened, " ".join(notes))


def _remove(files: Sequence[Item]) -> None:
    for file in files:
        if isinstance(file, Spool):
            file.path.unlink(missing_ok=True)


async def _fetch_one(ref: AttachmentRef, sealed: Path, device: Device, link: RelayLink, progress: Progress) -> Spool:
    await link.get_blob(ref.blob, ref.sealed_size, sealed, progress)
    try:
        return await asyncio.to_thread(open_attachment, sealed, ref, device.store.new_file())
    except PeerFaultError:
        sealed.unlink(missing_ok=True)
        raise


def _know(inner: Inner, content: LetterContent, part: GroupPart | None, device: Device) -> None:
    people, back = device.store.people, content.return_address
    known = people.get(inner.sender)
    private = not _is_for_a_group(part, device)
    wants_to_talk = private and (part is not None or content.text or content.attachments)
    asked = back is not None and device.store.account.take_invitation(back.invitation, device.now)
    if known is not None and known.standing is Standing.REQUESTED and private and not asked:
        demand_room(known, device)
    if known is not None and known.standing is Standing.MEMBER and wants_to_talk:
        demand_room(known, device)
        known = people.change(known.identity, standing=Standing.REQUESTED)
        meet(known, device.store, proven=False, now=device.now, today=device.today)
    if back is None:
        if known is None or known.mailbox != inner.mailbox:
            raise PeerFaultError("A message came from somebody unknown who left no address. It was dropped.")
        return
    if not hmac.compare_digest(back.mailbox, inner.mailbox):
        raise PeerFaultError("A message names one mailbox outside and another inside. It was dropped.")
    if known is not None:
        # Their token has come: from now on it replaces the invitation's, and what waited for it can go.
        # A bundle is sealed to one mailbox: for another one a new bundle has to be fetched.
        bundle = known.bundle if back.mailbox == known.mailbox else None
        standing = Standing.ACCEPTED if asked and known.standing is Standing.REQUESTED else known.standing
        if standing is Standing.ACCEPTED:
            device.store.safeguards.meet(known.identity, device.today)
        people.change(
            known.identity, relay=back.relay, mailbox=back.mailbox, token=back.token, invitation=None, bundle=bundle,
            standing=standing,
        )  # fmt: skip
        device.store.outbox.unpark(known.identity)
        return
    standing = Standing.ACCEPTED if asked else Standing.MEMBER if _is_for_a_group(part, device) else Standing.REQUESTED
    newcomer = Contact(
        inner.sender, back.name, back.relay, back.mailbox, back.token, None, None, standing, introduced=False
    )
    if standing is Standing.REQUESTED:
        demand_room(newcomer, device)
    people.put(newcomer)
    if standing is Standing.ACCEPTED:
        device.store.safeguards.meet(newcomer.identity, device.today)
    if standing is not Standing.MEMBER:
        meet(newcomer, device.store, proven=False, now=device.now, today=device.today)


def _is_for_a_group(part: GroupPart | None, device: Device) -> bool:
    """Whether a letter is nothing between two people. Being asked into a group that is not known here is: somebody
    who does that wants to be heard."""
    return part is not None and (part.kind != Kind.STATES or device.store.groups.get(part.group) is not None)
