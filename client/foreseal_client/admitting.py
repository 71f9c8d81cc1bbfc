"""Looking at what was taken in, and telling what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from foreseal_client import inbound
from foreseal_client.device import Device
from foreseal_client.errors import PeerFaultError
from foreseal_client.events import ContactChanged, MessageChanged, Refused, Reminded
from foreseal_client.group_desk import GroupDesk
from foreseal_client.group_inbound import Dropped, GroupChange, Waits
from foreseal_client.leaving import Leaving
from foreseal_client.listeners import Listeners
from foreseal_client.new_contacts import reminder_due
from foreseal_client.relay_link import RelayLink
from foreseal_client.sealing.letter import LetterContent, decode_letter
from foreseal_client.store import Arrived, Contact, Direction, Message

__all__ = ["Admitting"]


class Admitting:
    """`let_out`: tries what waits to be sent; `look_again`: at what waited for a group's state."""

    def __init__(
        self,
        device: Device,
        link: Callable[[str], Awaitable[RelayLink]],
        leaving: Leaving,
        groups: GroupDesk,
        listeners: Listeners,
        let_out: Callable[[], None],
        look_again: Callable[[], None],
    ) -> None:
        self._device = device
        self._link = link
        self._leaving = leaving
        self._groups = groups
        self._listeners = listeners
        self._tell = listeners.tell
        self._let_out = let_out
        self._look_again = look_again

    async def admit(self, arrived: Arrived) -> None:
        """Fetches what a letter names, has it checked, and shows or withholds it. Raises what `RelayLink` raises when
        it has to be tried again, and `StoreError`."""
        store = self._device.store
        if store.people.get(arrived.identity) is None:
            return
        progress = self._listeners.transfer(arrived.identity, arrived.eid, Direction.IN)
        try:
            outcome = await inbound.admit(arrived, self._device, self._link, progress)
        except PeerFaultError as fault:
            with store.transaction():
                store.inbox.done(arrived.eid)
            self._tell(Refused(str(fault)))
            return
        self._let_out()  # the letter may have brought the token that parked envelopes wait for
        self._tell_of_writer(store.people.get(arrived.identity), decode_letter(arrived.content))
        match outcome:
            case Message() as message:
                self._tell(MessageChanged(message))
                reminder = reminder_due(message, self._device)
                if reminder is not None:
                    self._tell(Reminded(reminder))
            case Dropped(reason):
                self._tell(Refused(reason))
            case GroupChange(group, lost):
                self._groups.learned(group, lost)
                self._look_again()
            case Waits() | None:
                pass

    def _tell_of_writer(self, writer: Contact | None, letter: LetterContent) -> None:
        if writer is not None and letter.return_address is not None:
            self._tell(ContactChanged(writer))
        for eid in letter.unopened:
            self._leaving.tell_of(eid)
