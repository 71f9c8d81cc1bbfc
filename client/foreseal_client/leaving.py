"""What was sealed leaves: each envelope is brought to its relay, held back, or given up, and its message says so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from foreseal_client.delivery import deliver
from foreseal_client.device import Device
from foreseal_client.drawing import Drawing
from foreseal_client.errors import NoTokenError, PeerFaultError, RelayRefusedError, RelayUnreachableError
from foreseal_client.events import MessageChanged, Trouble
from foreseal_client.listeners import Listeners
from foreseal_client.relay_link import RelayLink
from foreseal_client.store import Contact, Direction, Pending, State
from foreseal_relay import wire

__all__ = ["Leaving"]


class Leaving:
    """The outbox of one device, on its way. `may_leave`: whether a login has shown that sealed mail may leave now;
    `let_out`: tries everything that waits."""

    def __init__(
        self,
        device: Device,
        link: Callable[[str], Awaitable[RelayLink]],
        drawing: Drawing,
        listeners: Listeners,
        may_leave: Callable[[], bool],
        let_out: Callable[[], None],
    ) -> None:
        self._device = device
        self._store = device.store
        self._link = link
        self._drawing = drawing
        self._listeners = listeners
        self._may_leave = may_leave
        self._let_out = let_out

    async def deliver(self, waiting: Pending) -> None:
        """Brings one envelope to its relay. Raises `RelayUnreachableError` or `RelayRefusedError` when it has to be
        tried again."""
        store = self._store
        pending = store.outbox.current(waiting)
        if pending is None:
            return
        eid, contact = pending.envelope.eid, store.people.get(pending.identity)
        if store.trust.unseen(pending.identity) is not None:
            self._hold_back(eid, State.PAUSED)
            return
        if contact is None or not self._may_leave():
            raise RelayUnreachableError
        try:
            transfer = self._listeners.transfer(pending.identity, eid, Direction.OUT)
            await deliver(pending, contact, await self._link(contact.relay), self._drawing, transfer)
        except RelayRefusedError as fault:
            if fault.code == wire.RejectCode.NOT_DELIVERABLE:
                self._park(pending, contact)
            elif fault.code == wire.RejectCode.BAD_TOKEN:
                # This token is worth nothing any more; the next try takes another one.
                self._drawing.spent(eid)
                raise NoTokenError from fault
            elif fault.is_final:
                self._settle(eid, State.REFUSED)
            else:
                raise
            return
        except PeerFaultError as fault:  # tokens that this relay did not make as it should: nothing is given up for it
            self._listeners.tell(Trouble(str(fault)))
            raise NoTokenError from fault
        with store.transaction():
            store.outbox.note_uploaded(eid, contact.relay)
        self._settle(eid, State.SENT)

    def tell_of(self, eid: bytes) -> None:
        """Tells what became of the message that this envelope carries."""
        message = self._store.message_of(eid)
        if message is not None:
            self._listeners.tell(MessageChanged(message))

    def _settle(self, eid: bytes, state: State) -> None:
        store = self._store
        with store.transaction():
            files = store.outbox.remove(eid)
            store.mark(eid, state)
            store.fading.begin_sent(self._device.now)
        for path in files:
            path.unlink(missing_ok=True)
        self.tell_of(eid)

    def _park(self, pending: Pending, tried: Contact) -> None:
        current = self._store.people.get(tried.identity)
        if current is not None and current.token != tried.token:
            self._let_out()  # their token came while we were trying the old one
            return
        self._hold_back(pending.envelope.eid, State.WAITING)

    def _hold_back(self, eid: bytes, state: State) -> None:
        with self._store.transaction():
            self._store.outbox.park(eid)
            self._store.mark(eid, state)
        self.tell_of(eid)
