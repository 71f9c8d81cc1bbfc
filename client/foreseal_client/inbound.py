"""THE way in: open, screen, decide, history. There is no other.

    Envelope --open--> Opened --screen--> Screened[Opened] --decide--> Cleared[Opened] --show--> history
                                                              |
                                                              +--> Withheld

`take` opens one envelope and makes it safe on this device, so that it can be acknowledged; `admit` looks at what was
taken. Between the two anything may happen to the process: nothing is lost, and nothing is shown twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from foreseal_client.arrivals import Links, fetch, names_of, remember
from foreseal_client.delivery import Transferred
from foreseal_client.device import Device
from foreseal_client.errors import BrokenSessionError, PeerFaultError
from foreseal_client.group_inbound import Belongs, Dropped, GroupChange, Waits, take_part
from foreseal_client.group_mail import cleared_note
from foreseal_client.groups.letters import open_part
from foreseal_client.mending import Unopened, note_unopened
from foreseal_client.sealing.letter import decode_letter
from foreseal_client.sealing.opening import open_inner, unwrap
from foreseal_client.showing import Receipt, show, withhold
from foreseal_client.store import Arrived, Message, Standing
from foreseal_matcher import Held, decide, screen
from foreseal_relay import wire

__all__ = ["Rejected", "Repeated", "Unopened", "admit", "take"]


@dataclass(frozen=True, slots=True)
class Repeated:
    """This envelope was taken before: delivery is at least once, showing is once."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """What arrived could not be opened, or is from somebody blocked. Nothing was changed. `reason` is for reading."""

    reason: str


def take(envelope: wire.Deliver, device: Device) -> Arrived | Repeated | Unopened | Rejected:
    """Opens one envelope. Whatever this returns, the relay may forget the envelope afterwards."""
    store = device.store
    if store.inbox.seen(*names_of(envelope)):
        return Repeated()
    try:
        with store.transaction():
            prekeys = store.account.prekeys()
            inner = unwrap(envelope.body, prekeys, device.mailbox)
            contact = store.people.get(inner.sender)
            if contact is not None and contact.standing is Standing.BLOCKED:
                raise PeerFaultError(f"{contact.name} is blocked. What they sent was dropped unread.")
            sessions = store.people.sessions(inner.sender)
            opened = open_inner(
                inner,
                envelope.commitment,
                envelope.eid,
                keys=device.account.keys,
                prekeys=prekeys,
                mailbox=device.mailbox,
                sessions=sessions,
                today=device.today,
            )
            return remember(opened, inner, envelope, device)
    except PeerFaultError as fault:
        with store.transaction():
            store.inbox.mark_seen((envelope.eid,), device.today)
            unopened = note_unopened(fault, envelope, device) if isinstance(fault, BrokenSessionError) else None
        return unopened or Rejected(str(fault))


async def admit(
    arrived: Arrived, device: Device, links: Links, transferred: Transferred
) -> Message | Dropped | Waits | GroupChange | None:
    """Fetches what the letter speaks of, screens it, and shows or withholds it. `None`: it only carried an address.
    What speaks of a group goes on only as a message from one of its members.

    Raises `RelayUnreachableError` or `RelayRefusedError`; the letter then stays and is tried again. Raises
    `PeerFaultError` when its writer was blocked meanwhile: nothing of it is kept.
    """
    letter = decode_letter(arrived.content)
    if arrived.group is not None:
        part = open_part(letter.group)
        taken = take_part(arrived, part, await cleared_note(device), device)
        if not isinstance(taken, Belongs):
            return taken
    fetched = await fetch(arrived, device, links, transferred)
    with fetched.removed_on_failure():
        policy = device.policy
        screened, check = await device.measured(screen, fetched.opened, policy)
        decided = decide(screened, policy)
        fades_after = 0 if letter.notes is None else letter.notes.fades_after
        if not device.safeguards.may_disappear:
            fades_after = 0
        receipt = Receipt(arrived.proof, arrived.content, fetched.note, check, arrived.group, fades_after)
        if isinstance(decided, Held):
            return withhold(fetched.opened, decided, receipt, device)
        return show(decided, receipt, device)
