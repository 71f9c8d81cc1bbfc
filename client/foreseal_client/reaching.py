"""Making people reachable: their keys fetched, our address told, broken sessions begun again, what waited sent."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Protocol

from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.errors import BlockedError, MovedOnError, PeerFaultError, RelayRefusedError
from foreseal_client.events import ContactChanged, Event, Refused
from foreseal_client.first_contact import FirstContact
from foreseal_client.outbound import Outcome
from foreseal_client.relay_link import RelayLink
from foreseal_client.store import Broken, Contact, Message

__all__ = ["Reaching"]

_BAD_KEYS: tuple[str, int] = ("bad-keys", 3600)
"""What a relay that gives out keys which cannot be used is taken to have said, and when it is asked again."""


class Send(Protocol):
    """`Messenger.send`, as far as it is wanted here."""

    def __call__(
        self, to: Contact, draft: Draft, *, held: Message | None = None, rested: bool = False
    ) -> Awaitable[Outcome]:
        """See there."""


class Reaching:
    """Work for one contact at a time; the relays' workers call it. `reached`: told of whoever can be written to now."""

    def __init__(
        self,
        device: Device,
        link: Callable[[str], Awaitable[RelayLink]],
        first_contact: FirstContact,
        send: Send,
        reached: Callable[[Contact], Awaitable[None]],
        tell: Callable[[Event], None],
    ) -> None:
        self._device = device
        self._link = link
        self._first_contact = first_contact
        self._send = send
        self._reached = reached
        self._tell = tell

    async def introduce(self, contact: Contact) -> None:
        """Tells our address to somebody who wrote to us and does not have it, or has an old one: an empty letter,
        which goes the way everything goes. What a crash left undone is found at the next login."""
        try:
            if contact.bundle is None:
                contact = await self.fetched(contact)
            await self._send(contact, Draft())
            await self.send_paused(contact.identity)
            await self._reached(contact)
        except BlockedError:
            return  # since their keys were asked for: they are not to be told anything
        except (PeerFaultError, ValueError) as fault:
            self._tell(Refused(f"{contact.name} cannot be answered yet: {fault}"))
            raise RelayRefusedError(*_BAD_KEYS) from fault
        self._tell(ContactChanged(self._device.store.people.get(contact.identity) or contact))

    async def mend(self, broken: Broken) -> None:
        """Begins a new session with somebody whose message could not be opened: with an empty letter, too."""
        contact = self._device.store.people.get(broken.identity)
        if contact is None:
            return
        with contextlib.suppress(PeerFaultError):  # the keys that are here may still serve
            contact = await self.fetched(contact)
        try:
            await self._send(contact, Draft())
        except BlockedError:
            return
        except (PeerFaultError, ValueError) as fault:
            raise RelayRefusedError(*_BAD_KEYS) from fault

    async def renew(self, contact: Contact) -> None:
        """Fetches the bundle of somebody whose keys have probably been replaced."""
        try:
            self._tell(ContactChanged(await self.fetched(contact)))
        except PeerFaultError as fault:
            raise RelayRefusedError(*_BAD_KEYS) from fault

    async def fetched(self, contact: Contact) -> Contact:
        """The contact with the bundle that their relay has; for a token where they gave us none. Raises
        `PeerFaultError`, and what `RelayLink` raises."""
        if contact.token:
            link = await self._link(contact.relay)
            bundle = await link.fetch_bundle(contact.mailbox, contact.token)
        else:
            bundle = await self._first_contact.bundle(contact.relay, contact.mailbox)
        return self._device.complete(contact, bundle)

    async def send_paused(self, identity: bytes) -> None:
        """Sends what waited for the person to look at a new key, once there is a bundle to seal it to."""
        store = self._device.store
        contact = store.people.get(identity)
        if contact is None or contact.bundle is None or store.trust.unseen(identity) is not None:
            return
        for message in store.history.paused(identity):
            with contextlib.suppress(MovedOnError, BlockedError):
                await self._send(contact, Draft(message.text, message.files), held=message, rested=True)
