"""THE way in: open, screen, decide, history. There is no other.

    Envelope --open--> Opened --screen--> Screened[Opened] --decide--> Cleared[Opened] --show--> history
                                                              |
                                                              +--> Withheld

`take` opens one envelope and makes it safe on this device, so that it can be acknowledged; `admit` looks at what was
taken. Between the two anything may happen to the process: nothing is lost, and nothing is shown twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from foreseal_client.arrivals import fetch, remember
from foreseal_client.device import Device
from foreseal_client.draft import Opened
from foreseal_client.errors import PeerFaultError
from foreseal_client.relay_link import RelayLink
from foreseal_client.sealing.opening import open_inner, unwrap
from foreseal_client.store import Arrived, Direction, Message, Proof, Standing, State
from foreseal_matcher import Cleared, Held, decide, screen
from foreseal_relay import wire

__all__ = ["Rejected", "Repeated", "admit", "show", "take"]


@dataclass(frozen=True, slots=True)
class Repeated:
    """This envelope was taken before: delivery is at least once, showing is once."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """What arrived could not be opened, or is from somebody blocked. Nothing was changed. `reason` is for reading."""

    reason: str


def take(envelope: wire.Deliver, device: Device) -> Arrived | Repeated | Rejected:
    """Opens one envelope. Whatever this returns, the relay may forget the envelope afterwards."""
    store, eid = device.store, envelope.eid
    if store.inbox.seen(eid):
        return Repeated()
    try:
        with store.transaction():
            inner = unwrap(envelope.body, device.account.keys, device.mailbox)
            contact = store.people.get(inner.sender)
            if contact is not None and contact.standing is Standing.BLOCKED:
                raise PeerFaultError(f"{contact.name} is blocked. What they sent was dropped unread.")
            opened = open_inner(
                inner,
                envelope.commitment,
                eid,
                keys=device.account.keys,
                prekeys=store.account.prekeys(),
                mailbox=device.mailbox,
                sessions=store.people.sessions(inner.sender),
            )
            return remember(opened, inner, envelope, device)
    except PeerFaultError as fault:
        with store.transaction():
            store.inbox.mark_seen(eid, device.today)
        return Rejected(str(fault))


async def admit(arrived: Arrived, device: Device, link: RelayLink) -> Message | None:
    """Fetches what the letter speaks of, screens it, and shows or withholds it. `None`: it only carried an address.

    Raises `RelayUnreachableError` or `RelayRefusedError`; the letter then stays and is tried again.
    """
    fetched = await fetch(arrived, device, link)
    policy = device.policy
    screened = await device.in_background(screen, fetched.opened, policy.looks)
    decided = decide(screened, policy)
    if isinstance(decided, Held):
        return _keep(fetched.opened, State.WITHHELD, decided, arrived.proof, fetched.note, device)
    return show(decided, arrived.proof, fetched.note, device)


def show(cleared: Cleared[Opened], proof: Proof, note: str, device: Device) -> Message | None:
    """Puts what a policy lets pass into the history, which is what the screens draw.

    Raises `TypeError` for anything but a `Cleared[Opened]`.
    """
    return _keep(_cleared_opened(cleared), State.SHOWN, cleared, proof, note, device)


def _cleared_opened(cleared: object) -> Opened:
    if isinstance(cleared, Cleared) and isinstance(cleared.content, Opened):
        return cleared.content
    raise TypeError("show takes a Cleared[Opened]: screen what arrived and let a policy decide first")


def _keep(
    opened: Opened, state: State, outcome: Cleared[Opened] | Held, proof: Proof, note: str, device: Device
) -> Message | None:
    store = device.store
    files = tuple(store.keep(item) for item in opened.attachments)
    with store.transaction():
        store.inbox.done(opened.eid)
        if not (opened.text or files or note):
            return None
        return store.history.add(
            opened.sender, Direction.IN, state, at=opened.sent_at, text=opened.text, verdict=outcome.verdict,
            digest=outcome.digest, note=note, files=files, eid=opened.eid, proof=proof,
        )  # fmt: skip
