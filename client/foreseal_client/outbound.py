"""THE way out: screen, decide, seal, outbox. There is no other.

    Draft --screen--> Screened[Draft] --decide--> Cleared[Draft] --seal--> Envelope
                                          |
                                          +--> Held

Each step takes what the one before it makes, so leaving one out is a type error. A held draft makes no traffic:
whether something matched must not be visible from outside the device.
"""

from __future__ import annotations

from dataclasses import dataclass

from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.group_mail import queue_for_group
from foreseal_client.ledger.lines import Course
from foreseal_client.mail import keep_held, keep_paused, queue_for_person
from foreseal_client.new_contacts import moment_before
from foreseal_client.safeguards.newness import Moment
from foreseal_client.store import Contact, Group, KeyChange, Message
from foreseal_matcher import Held, decide, screen

__all__ = ["NotSent", "Outcome", "Paused", "Queued", "Resting", "send"]


@dataclass(frozen=True, slots=True)
class Queued:
    """Sealed and kept until the relay has it; nothing that is queued is lost."""

    message: Message


@dataclass(frozen=True, slots=True)
class NotSent:
    """Stopped on this device. Nothing left it and no one was told. `held.may_override` says whether the person may
    send it all the same."""

    message: Message
    held: Held


@dataclass(frozen=True, slots=True)
class Paused:
    """Checked and kept on this device, not sealed: the other side seems to have a new key, and the person has not
    looked at it yet."""

    message: Message
    change: KeyChange


@dataclass(frozen=True, slots=True)
class Resting:
    """Nothing was checked, kept or sent yet: a card asks to take a moment before files go to somebody new."""

    moment: Moment


Outcome = Queued | NotSent | Paused | Resting


async def send(
    draft: Draft,
    to: Contact | Group,
    device: Device,
    *,
    acknowledged: bool = False,
    held: Message | None = None,
    rested: bool = False,
) -> Outcome:
    """Sends a draft to somebody or to everybody in a group, or stops it: whoever it is for, it is checked once.
    `acknowledged`: the person saw the card and wants to send it anyway, which only the policy `warn` allows. `held`:
    the message as which it was stopped before, when it is tried again; a review on this device may have found since
    that it was stopped wrongly. `rested`: the person took the moment.

    Raises `ChangedSinceCheckError` when an attachment is not the one that was checked any more, `PeerFaultError` when
    the recipient's keys are malformed, `StoreError` or `OSError` when it cannot be kept, `ValueError` when it does not
    fit.
    """
    moment = None if rested else moment_before(draft, to, device)
    if moment is not None:
        return Resting(moment)
    policy = device.policy
    screened, check = await device.measured(screen, draft, policy)
    reviewed = frozenset[bytes]() if held is None else device.store.appeals.reviewed(held.id)
    decided = decide(screened, policy, acknowledged=acknowledged, reviewed=reviewed)
    if isinstance(decided, Held):
        return NotSent(keep_held(draft, to, decided, device, check, held), decided)
    if isinstance(to, Group):
        return Queued(await queue_for_group(decided, to, device, check, held))
    change = device.store.trust.unseen(to.identity)
    if change is not None:
        if held is not None:
            device.note_check(check, decided, Course.OUT)
        return Paused(held or keep_paused(decided, to, device, check), change)
    return Queued(await queue_for_person(decided, to, device, check, held))
