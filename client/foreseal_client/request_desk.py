"""What a person can do about strangers: write to one first, see who wrote, accept, block, or leave them. The last three
are not visible from outside; what is visible of accepting is the first letter that follows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from foreseal_client.contacts import meet, read_card
from foreseal_client.device import Device
from foreseal_client.draft import Opened
from foreseal_client.errors import PeerFaultError
from foreseal_client.events import ContactChanged, Event, RequestsWaiting
from foreseal_client.keeping import keep
from foreseal_client.ledger.lines import Course
from foreseal_client.new_contacts import first_contact
from foreseal_client.safeguards.first_contacts import TooMany
from foreseal_client.safeguards.requests import Request, as_shown, refusal
from foreseal_client.safeguards.settings import Requests
from foreseal_client.sealing.letter import LetterContent, decode_letter
from foreseal_client.store import Consequence, Contact, Standing
from foreseal_matcher import Cleared, decide, screen
from foreseal_relay import wire

__all__ = ["RequestDesk", "block_and_lock_out", "block_quietly", "demand_room", "unblock", "waiting"]


@dataclass(frozen=True, slots=True)
class RequestDesk:
    """`opening`: fetches the bundle of whoever has this mailbox at this relay as a stranger may; `let_in`: called when
    somebody was accepted, so that what they wrote is fetched and looked at."""

    device: Device
    opening: Callable[[str, bytes], Awaitable[wire.Bundle]]
    tell: Callable[[Event], None]
    let_in: Callable[[], None]
    met: Callable[[Contact], None]

    async def begin(self, card: str) -> Contact | TooMany:
        """Makes whoever a public card is of somebody who can be written to. What is written to them is a request there,
        and costs a token each, until they answer. Raises `CardError`, `PeerFaultError`, and what `RelayLink` raises:
        `NoTokenError` when today's tokens are used up. A try that fails counts."""
        read, known = read_card(card, self.device)
        if known is not None:
            return known
        refused = first_contact(read.identity, self.device)
        if refused is not None:
            return refused
        bundle, device = await self.opening(read.relay, read.mailbox), self.device
        with device.store.transaction():
            contact = device.add_stranger(read, bundle)
            meet(contact, device.store, proven=True, now=device.now, today=device.today)
        self.met(contact)
        return contact

    async def all(self) -> list[Request]:
        """Everybody who waits, by name, as far as they may be shown. Nothing is fetched for it."""
        return [await self._request(contact) for contact in _requested(self.device)]

    def accept(self, contact: Contact) -> Contact:
        """Lets somebody in; what they wrote is then fetched and looked at, and they can be answered."""
        store = self.device.store
        with store.transaction():
            accepted = store.people.change(contact.identity, standing=Standing.ACCEPTED)
            store.safeguards.meet(contact.identity, self.device.today)
            store.safeguards.count(Consequence.REQUESTS_ACCEPTED)
        self.tell(ContactChanged(accepted))
        self.let_in()
        return accepted

    def block(self, contact: Contact) -> Contact:
        """Drops what they wrote and whatever they send from now on, unread. The relay is told nothing, so it still
        takes letters of theirs in. What was kept as evidence stays."""
        return block_quietly(contact, self.device, self.tell)

    def keep(self, contact: Contact) -> int:
        """Keeps what they wrote as evidence, provable and sealed on this device; how many letters."""
        return keep(contact, self.device)

    def leave(self, contact: Contact) -> None:
        """Leaves it as it is: it is not counted any more, and the stranger learns nothing."""
        with self.device.store.transaction():
            self.device.store.safeguards.leave(contact.identity)
        self.tell(RequestsWaiting(waiting(self.device)))

    async def _request(self, contact: Contact) -> Request:
        device, texts, hidden = self.device, list[str](), 0
        arrived = device.store.letters.of_request(contact.identity)
        letters = [decode_letter(one.content) for one in arrived]
        for one, letter in zip(arrived, letters, strict=True):
            cleared = await self._checked(contact, one.eid, letter)
            texts += [] if cleared is None else [cleared.content.text]
            hidden += cleared is None
        text, shortened = as_shown(texts)
        return Request(
            contact.identity, contact.name, text, shortened, sum(len(letter.attachments) for letter in letters), hidden,
            self._resembled(contact), contact.identity in device.store.safeguards.left(),
        )  # fmt: skip

    async def _checked(self, contact: Contact, eid: bytes, letter: LetterContent) -> Cleared[Opened] | None:
        """A letter's text alone, through the check that everything goes through. `None`: it is not shown."""
        opened, policy = Opened(contact.identity, eid, letter.text, (), letter.sent_at), self.device.policy
        screened, check = await self.device.measured(screen, opened, policy)
        decided = decide(screened, policy)
        self.device.note_check(check, decided, Course.IN)
        return decided if isinstance(decided, Cleared) else None

    def _resembled(self, contact: Contact) -> str | None:
        change = self.device.store.trust.unseen(contact.identity)
        earlier = None if change is None else self.device.store.people.get(change.earlier)
        return None if earlier is None else earlier.name


def block_quietly(contact: Contact, device: Device, tell: Callable[[Event], None]) -> Contact:
    """Blocks somebody on this device alone: see `RequestDesk.block`. `Messenger.block` tells the relay as well, which
    can see that."""
    store = device.store
    with store.transaction():
        if contact.standing is Standing.REQUESTED:
            store.safeguards.count(Consequence.REQUESTS_BLOCKED)
        blocked = store.people.change(contact.identity, standing=Standing.BLOCKED)
        store.letters.drop_request(contact.identity)
    tell(ContactChanged(blocked))
    tell(RequestsWaiting(waiting(device)))
    return blocked


def block_and_lock_out(contact: Contact, device: Device, tell: Callable[[Event], None]) -> None:
    """Blocks somebody and takes another delivery token, in one step."""
    with device.store.transaction():
        block_quietly(contact, device, tell)
        device.change_delivery_token()
    device.read_account()


def unblock(contact: Contact, device: Device, tell: Callable[[Event], None]) -> Contact:
    """Takes what they send in again: as a contact's where they were one, as a member's where they are in a group with
    this person, else as a request. What was dropped stays dropped. Raises `StoreError`."""
    store = device.store
    with store.transaction():
        if store.safeguards.met_on(contact.identity) is not None:
            standing = Standing.ACCEPTED
        else:
            standing = Standing.MEMBER if store.groups.shared_with(contact.identity) else Standing.REQUESTED
        free = store.people.change(contact.identity, standing=standing)
    tell(ContactChanged(free))
    return free


def waiting(device: Device) -> int:
    """How many strangers wait to be decided about: the only thing about them that may be shown unasked."""
    left = device.store.safeguards.left()
    return sum(contact.identity not in left for contact in _requested(device))


def demand_room(stranger: Contact, device: Device) -> None:
    """Raises `PeerFaultError` where a letter of somebody who was not let in is to be dropped unread."""
    reason = refusal(
        stranger.name,
        invited_only=device.safeguards.requests is Requests.INVITED,
        letters=len(device.store.letters.of_request(stranger.identity)),
        waiting=sum(contact.identity != stranger.identity for contact in _requested(device)),
    )
    if reason:
        raise PeerFaultError(reason)


def _requested(device: Device) -> list[Contact]:
    # Who was blocked and is no more has asked for nothing since.
    asking = device.store.letters.asking()
    requested = (one for one in device.store.people.all() if one.standing is Standing.REQUESTED)
    return [contact for contact in requested if contact.identity in asking]
