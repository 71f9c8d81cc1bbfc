"""The running client: a device and its relay links, kept going. It reconnects, drains the outbox and takes in mail.

Screens, the headless client and tests all talk to this one class. What may leave and what may be shown is decided in
`outbound` and `inbound`; here is when.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager

from foreseal_client import outbound, words
from foreseal_client.admitting import Admitting
from foreseal_client.contacts import look_at, meet
from foreseal_client.conversation.desk import ConversationDesk
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.drawing import Drawing
from foreseal_client.errors import (
    BlockedError,
    RelayRefusedError,
    RelayUnreachableError,
    RolledBackError,
    StoreError,
)
from foreseal_client.events import (
    Connection,
    ContactChanged,
    Event,
    MessageChanged,
    Trouble,
)
from foreseal_client.first_contact import FirstContact
from foreseal_client.group_desk import GroupDesk
from foreseal_client.groups.changes import Impossible
from foreseal_client.handing_over import KeptForDesks
from foreseal_client.leaving import Leaving
from foreseal_client.listeners import Listeners
from foreseal_client.looking_again import keep_looking
from foreseal_client.new_contacts import count
from foreseal_client.reaching import Reaching
from foreseal_client.receiving import Receiving, tell_of_key
from foreseal_client.relay_link import RelayLink
from foreseal_client.request_desk import RequestDesk, block_and_lock_out, unblock
from foreseal_client.revealing import reveal
from foreseal_client.spacing import SPACED, Pause, Spacing
from foreseal_client.store import Consequence, Contact, KeyChange, Message, Standing
from foreseal_client.upkeep import StaleBundles
from foreseal_client.workers import RelayWorkers
from foreseal_matcher import Held

__all__ = ["Messenger"]

Links = Callable[[str], contextlib.AbstractAsyncContextManager[RelayLink]]


class Messenger:
    """Use as `async with Messenger.running(device, links) as messenger`. `links`: makes a link for a relay's URL."""

    def __init__(
        self,
        device: Device,
        links: Links,
        stack: AsyncExitStack,
        group: asyncio.TaskGroup,
        pause: Pause,
        code: bytes | None = None,
        spacing: Spacing = SPACED,
    ) -> None:
        self.device = device
        self._stack = stack
        self._make_link = links
        self._links: dict[str, RelayLink] = {}
        self._listeners = Listeners()
        self._tell = self._listeners.tell
        drawing = Drawing(device, spacing, pause)
        self._receiving = Receiving(
            device, self._link, drawing, self._tell, self._let_out, self._look_at_arrived, pause, code
        )  # fmt: skip
        self.first_contact = FirstContact(device, drawing, self._link, lambda: self._receiving.inbox)
        self._reaching = reaching = Reaching(
            device, self._link, self.first_contact, self.send, lambda contact: self.groups.reached(contact), self._tell
        )  # fmt: skip
        self._leaving = Leaving(device, self._link, drawing, self._listeners, self._may_leave, self._let_out)
        self.groups = GroupDesk(device, group, reaching.fetched, self._tell, self._let_out, self._trouble)
        self._admitting = Admitting(
            device, self._link, self._leaving, self.groups, self._listeners, self._let_out, self._look_at_arrived
        )  # fmt: skip
        self._outgoing = RelayWorkers(group, device.store.outbox, self._leaving.deliver, self._trouble, spacing.gap)
        self._introductions = RelayWorkers(group, device.store.people, reaching.introduce, self._trouble)
        self._mending = RelayWorkers(group, device.store.mending, reaching.mend, self._trouble)
        self._renewals = RelayWorkers(group, StaleBundles(device), reaching.renew, self._trouble)
        self._incoming = RelayWorkers(group, device.store.inbox, self._admitting.admit, self._trouble)
        desks = KeptForDesks(device, self.first_contact)
        self._reports = RelayWorkers(group, desks, desks.bring, self._trouble)
        self.conversations = ConversationDesk(device, self._tell, self._let_out, self._may_leave, pause)
        self.requests = RequestDesk(
            device, self.first_contact.bundle, self._tell, self._look_at_arrived, self._met
        )  # fmt: skip
        self._sending = (self._introductions, self.groups, self._mending, self._renewals, self._outgoing, self._reports)

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        device: Device,
        links: Links,
        *,
        pause: Pause = asyncio.sleep,
        code: bytes | None = None,
        spacing: Spacing = SPACED,
    ) -> AsyncIterator[Messenger]:
        """The messenger at work; its tasks end with the block, the device stays open. A fault of ours in one of them
        ends the block with it, so that none dies unnoticed. `pause`: waits for so many seconds. `code`: a registration
        code, for the first login at a relay that wants one. `spacing`: when things leave."""
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
            self = cls(device, links, stack, group, pause, code, spacing)
            tasks = [group.create_task(work) for work in self._by_itself()]
            try:
                yield self
            finally:
                for task in tasks:
                    task.cancel()
                self._stop()

    # --- what a person can do ------------------------------------------------------------------------------------

    async def send(
        self,
        to: Contact,
        draft: Draft,
        *,
        acknowledged: bool = False,
        held: Message | None = None,
        rested: bool = False,
    ) -> outbound.Outcome:
        """Sends or stops a draft; see `outbound.send` for what it raises. Raises `RolledBackError` on a device that
        was restored from an older state, and `BlockedError`: a letter would carry the token that blocking took away."""
        if self.device.rolled_back:
            raise RolledBackError
        known = self.device.store.people.get(to.identity)
        if known is not None and known.standing is Standing.BLOCKED:
            raise BlockedError
        self.conversations.handed_in(to)
        outcome = await outbound.send(draft, to, self.device, acknowledged=acknowledged, held=held, rested=rested)
        if isinstance(outcome, outbound.NotSent):
            count(Consequence.SHOWN, self.device)
        if not isinstance(outcome, outbound.Resting):
            self._tell(MessageChanged(outcome.message))
            self._let_out()
        return outcome

    async def send_held(
        self, message: Message, *, acknowledged: bool = False, rested: bool = False
    ) -> outbound.Outcome | Impossible:
        """Tries once more to send what was stopped before; the lists and the policy in force now decide. Raises what
        `send` raises, and `StoreError` when its contact or its files are gone."""
        draft = Draft(message.text, message.files)
        if draft.digest != message.digest:
            raise StoreError(words.FILES_LET_GO)
        if message.group is not None:
            return await self.groups.send(message.group, draft, acknowledged=acknowledged, held=message, rested=rested)
        contact = self.device.store.people.get(message.identity)
        if contact is None:
            raise StoreError("The person this was written to is no contact any more.")
        return await self.send(contact, draft, acknowledged=acknowledged, held=message, rested=rested)

    async def reveal(self, message: Message) -> Message | Held:
        """Shows a withheld message after all, where the policy leaves that to the person, or what is covered."""
        outcome = await reveal(message, self.device)
        if not isinstance(outcome, Held):
            self._tell(MessageChanged(outcome))
        return outcome

    async def invite(self) -> str:
        """A new invitation, known to the relay. Raises `RelayUnreachableError`."""
        inbox = self._receiving.inbox
        if inbox is None:
            raise RelayUnreachableError("An invitation has to be known to the relay, which cannot be reached now.")
        text, token, lifetime = self.device.invitation()
        await inbox.invite(token, lifetime)
        return text

    async def accept_invitation(self, text: str) -> Contact:
        """Makes the inviter a contact. Raises `CardError`, `PeerFaultError`, or what `RelayLink` raises."""
        invitation = self.device.read_invitation(text)
        link = await self._link(invitation.relay)
        bundle = await link.fetch_bundle(invitation.mailbox, invitation.token)
        with self.device.store.transaction():
            contact = self.device.add_contact(invitation, bundle)
            meet(contact, self.device.store, proven=True, now=self.device.now, today=self.device.today)
        self._met(contact)
        return contact

    async def accept_key(self, change: KeyChange) -> None:
        """The person has looked at a new key and lets messages go to it: those that waited are checked again and
        sent. To refuse it, `block` the newcomer."""
        for notice in look_at(change, self.device):
            self._tell(MessageChanged(notice))
        self._let_out()
        await self._reaching.send_paused(change.identity)
        await self._reaching.send_paused(change.earlier)

    async def accept_request(self, contact: Contact) -> None:
        """Lets somebody in who wrote without an invitation; what they wrote is then looked at."""
        self.requests.accept(contact)

    async def block(self, contact: Contact) -> None:
        """Drops unread whatever this contact sends from now on, and gives the mailbox another delivery token, so that
        soon the relay refuses them too. Everybody else is sent the new one, now or at the next login. Whether it was
        somebody's request makes no difference; `RequestDesk.block` leaves the relay out of it."""
        block_and_lock_out(contact, self.device, self._tell)
        with contextlib.suppress(RelayUnreachableError, RelayRefusedError):
            await self._receiving.register()
        self._let_out()

    async def unblock(self, contact: Contact) -> Contact:
        """Takes in again what a blocked person sends, as what they were before: see `request_desk.unblock`. A contact
        needs the new delivery token, which is sent to them."""
        free = unblock(contact, self.device, self._tell)
        self._let_out()
        return free

    async def online(self) -> None:
        """Returns once the inbox is connected and set up."""
        await self._receiving.connected.wait()

    def events(self) -> contextlib.AbstractContextManager[asyncio.Queue[Event]]:
        """A queue of what happens from now on."""
        return self._listeners.events()

    # --- small things ---------------------------------------------------------------------------------------------

    def _met(self, contact: Contact) -> None:
        self._tell(ContactChanged(contact))
        tell_of_key(contact, self.device, self._tell)

    def _let_out(self) -> None:
        if self._receiving.may_leave:
            for workers in self._sending:
                workers.poke()

    async def _keep_looking(self) -> None:
        async for found in keep_looking(self.device):
            self._tell(found)

    async def _stay_connected(self) -> None:
        await self._receiving.stay_connected(self.conversations, self._reaching)
        self._stop()
        self._tell(Connection(False, str(RolledBackError())))

    def _by_itself(self) -> tuple[Coroutine[None, None, None], ...]:
        return self._stay_connected(), self._keep_looking(), self.conversations.keep()

    def _may_leave(self) -> bool:
        return self._receiving.may_leave

    def _look_at_arrived(self) -> None:
        self._incoming.poke()

    def _stop(self) -> None:
        for workers in (self._incoming, *self._sending):
            workers.stop()

    async def _link(self, relay: str) -> RelayLink:
        if relay not in self._links:
            self._links[relay] = await self._stack.enter_async_context(self._make_link(relay))
        return self._links[relay]

    def _trouble(self, reason: str) -> None:
        self._tell(Trouble(reason))
