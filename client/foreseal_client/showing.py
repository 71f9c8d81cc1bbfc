"""`show`: what a policy lets pass goes into the history, which is what the screens draw. Nothing else is shown."""

from __future__ import annotations

import msgspec

from foreseal_client.checks import Check
from foreseal_client.conversation.receipts import owe_receipt
from foreseal_client.device import Device
from foreseal_client.draft import Opened
from foreseal_client.errors import ChangedSinceCheckError, PeerFaultError
from foreseal_client.ledger.lines import Course
from foreseal_client.new_contacts import moment_for_files
from foreseal_client.store import Direction, Message, Owed, Proof, State
from foreseal_matcher import Cleared, Held

__all__ = ["Receipt", "cleared_opened", "show", "state_of", "withhold"]


class Receipt(msgspec.Struct, frozen=True):
    """What is kept beside a message that arrived: its proof and the exact letter that it proves, what else is to be
    said, its check, the group it was written to, and the seconds after which it disappears."""

    proof: Proof
    letter: bytes
    note: str
    check: Check
    group: bytes | None = None
    fades_after: int = 0


def show(cleared: Cleared[Opened], receipt: Receipt, device: Device) -> Message | None:
    """Keeps a message to be drawn. `None`: there is nothing in it to draw.

    Raises `TypeError` for anything but a `Cleared[Opened]`, `ChangedSinceCheckError` when it is not what was screened,
    `PeerFaultError` when it was let go of since.
    """
    opened = cleared_opened(cleared)
    return _keep(opened, state_of(opened, device), cleared, receipt, device)


def state_of(opened: Opened, device: Device) -> State:
    """How what passed the check comes up: files of somebody new stay covered until the person says so, where the
    settings ask for that."""
    return State.SHOWN if moment_for_files(opened, device) is None else State.COVERED


def withhold(opened: Opened, held: Held, receipt: Receipt, device: Device) -> Message | None:
    """Keeps a message that is not drawn."""
    return _keep(opened, State.WITHHELD, held, receipt, device)


def cleared_opened(cleared: object) -> Opened:
    """What mypy demands of callers, demanded again at run time of those it did not see."""
    if not (isinstance(cleared, Cleared) and isinstance(cleared.content, Opened)):
        raise TypeError("show takes a Cleared[Opened]: screen what arrived and let a policy decide first")
    if cleared.content.digest != cleared.digest:
        raise ChangedSinceCheckError
    return cleared.content


def _keep(
    opened: Opened, state: State, decided: Cleared[Opened] | Held, receipt: Receipt, device: Device
) -> Message | None:
    store, verdict = device.store, decided.verdict if isinstance(decided, Held) else device.kept(decided.verdict)
    with store.keeping(opened.attachments) as files, store.transaction():
        if not store.inbox.holds(opened.eid):
            raise PeerFaultError("Who wrote this was blocked while it was looked at. It was dropped unread.")
        store.inbox.done(opened.eid)
        device.note_check(receipt.check, decided, Course.IN)
        if not (opened.text or files or receipt.note):
            return None
        message = store.history.add(
            opened.sender, Direction.IN, state, at=opened.sent_at, text=opened.text, verdict=verdict,
            digest=decided.digest, note=receipt.note, cost=receipt.check.cost, files=files, eid=opened.eid,
            proof=receipt.proof, group=receipt.group, fades_after=receipt.fades_after,
        )  # fmt: skip
        store.letters.put(message.id, receipt.letter)
        if store.fading.is_withdrawn(opened.sender, opened.eid):  # the deletion has overtaken it
            store.fading.blank(message.id)
            return store.history.get(message.id)
        if receipt.group is None:
            owe_receipt(Owed.DELIVERED, opened.sender, opened.eid, device)
        return message
