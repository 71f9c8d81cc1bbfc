"""What arrived and speaks of a group: states are learned, questions answered, messages judged. Nothing is fetched or
shown here; a message that belongs goes on its way through `inbound`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.errors import PeerFaultError
from foreseal_client.group_changes import keep_group
from foreseal_client.group_mail import queue_parts, ways_to
from foreseal_client.groups.admission import NotAMember, Unseen, judge
from foreseal_client.groups.changes import Change, changes_between
from foreseal_client.groups.letters import GroupPart, Kind, asking, parts_with, states_in
from foreseal_client.groups.log import GroupLog, Learned, Missing, Refusal
from foreseal_client.safeguards.settings import GroupAdds
from foreseal_client.store import Arrived, Group, GroupStanding, Standing
from foreseal_matcher import Cleared

__all__ = ["MAX_WAITING_LETTERS", "Belongs", "Dropped", "GroupChange", "Waits", "take_part"]

MAX_WAITING_LETTERS: Final = 64
"""Letters of one group that wait for a state that has not come; more are dropped."""


@dataclass(frozen=True, slots=True)
class Belongs:
    """It is a message from a member of this group, and may be fetched, screened and shown."""

    group: bytes


@dataclass(frozen=True, slots=True)
class Dropped:
    """It is not from a member, or it cannot be. It is not shown. `reason` is for reading."""

    reason: str


@dataclass(frozen=True, slots=True)
class Waits:
    """It was written under a state that is not here, which was asked for."""


@dataclass(frozen=True, slots=True)
class GroupChange:
    """States were learned, or a question was answered. `lost`: what this person had changed and does not hold."""

    group: bytes
    lost: tuple[Change, ...] = ()


def take_part(
    arrived: Arrived, part: GroupPart, cleared: Cleared[Draft], device: Device
) -> Belongs | Dropped | Waits | GroupChange:
    """Handles a letter about a group, and lets go of it unless it is a message that belongs or waits. `cleared`: a
    letter without text, for what has to be answered. Raises `StoreError`."""
    store = device.store
    with store.transaction():
        try:
            match part.kind:
                case Kind.STATES:
                    outcome: Belongs | Dropped | Waits | GroupChange = _learn(arrived, part, cleared, device)
                case Kind.ASK:
                    outcome = _answer(arrived, part, cleared, device)
                case _:
                    outcome = _judge(arrived, part, cleared, device)
        except PeerFaultError as fault:
            outcome = Dropped(str(fault))
        if not isinstance(outcome, Belongs | Waits):
            store.inbox.done(arrived.eid)
    return outcome


def _judge(arrived: Arrived, part: GroupPart, cleared: Cleared[Draft], device: Device) -> Belongs | Dropped | Waits:
    store = device.store
    group = store.groups.get(part.group)
    if group is not None and group.standing is GroupStanding.GONE:
        return Dropped("A message was written to a group that you are not in any more. It was dropped.")
    judged = Unseen(part.state) if group is None else judge(group.log, arrived.identity, part.state)
    match judged:
        case NotAMember(reason):
            return Dropped(reason)
        case Unseen(wanted):
            return _kept_waiting(arrived, wanted, cleared, device)
        case _:
            return Belongs(part.group)


def _kept_waiting(arrived: Arrived, wanted: bytes, cleared: Cleared[Draft], device: Device) -> Dropped | Waits:
    groups, group = device.store.groups, arrived.group or b""
    if groups.awaiting(group) >= MAX_WAITING_LETTERS:
        return Dropped("Too many letters of a group wait for word of who is in it. One was dropped.")
    if groups.await_state(arrived.eid, wanted):
        _ask(cleared, group, wanted, arrived.identity, device)
    return Waits()


def _answer(arrived: Arrived, part: GroupPart, cleared: Cleared[Draft], device: Device) -> Dropped | GroupChange:
    group = device.store.groups.get(part.group)
    states = group.log.answer(part.state, arrived.identity) if group is not None else ()
    if group is None or group.standing is GroupStanding.GONE or not states:
        return Dropped("Somebody asked who is in a group and is not in it. They were not answered.")
    ways = ways_to(group, device) if group.log.agreed.has(arrived.identity) else []
    queue_parts(cleared, parts_with(group.log, states, ways), [arrived.identity], device)
    return GroupChange(part.group)


def _learn(arrived: Arrived, part: GroupPart, cleared: Cleared[Draft], device: Device) -> Dropped | Waits | GroupChange:
    states, known = states_in(part), device.store.groups.get(part.group)
    if not states:
        return Dropped("A letter brings no states of a group. It was dropped.")
    log = GroupLog.begin(states[0]) if known is None else known.log
    earlier, wanted, reasons = log.agreed, set[bytes](), list[str]()
    for state in states:
        match log.learn(state):
            case Learned(log):
                pass
            case Missing(log, missing):
                wanted.add(missing)
            case Refusal(reason):
                reasons.append(reason)
    if known is None and not (log.agreed.has(device.identity) and log.agreed.has(arrived.identity)):
        # What asks this person in may come later: letters keep no order.
        return _kept_waiting(arrived, part.state, cleared, device)
    if known is not None and (reason := _unheard(arrived, log, known, device)):
        return Dropped(reason)
    asked_in = log.agreed.has(device.identity) and (known is None or known.standing is GroupStanding.GONE)
    if asked_in and (reason := _unwelcome(arrived, device)):
        return Dropped(reason)
    keep_group(part.group, log, device, part.ways)
    for missing in wanted.difference(log.states):
        _ask(cleared, part.group, missing, arrived.identity, device)
    lost = [one for one in log.agreed.losing if one.state.author == device.identity and one not in earlier.losing]
    if known is not None and lost:
        # Who was let in by what does not hold is told by nobody else: where it forked, and what holds instead.
        let_in = (one.identity for one in earlier.members if not log.agreed.has(one.identity))
        parts = parts_with(log, log.fork_of(lost[0]))
        queue_parts(cleared, parts, [one for one in let_in if one != device.identity], device)
    if reasons and known is not None and log is known.log:
        return Dropped(f"A change of a group was refused: {reasons[0]}")
    changes = (changes_between(log.states[one.state.before].state, one.state) for one in lost)
    return GroupChange(part.group, tuple(change for some in changes for change in some))


def _unheard(arrived: Arrived, log: GroupLog, known: Group, device: Device) -> str:
    """Why this sender is not believed about this group, or nothing."""
    contact = device.store.people.get(arrived.identity)
    accepted = contact is not None and contact.standing is Standing.ACCEPTED
    if accepted or known.log.agreed.has(arrived.identity) or log.agreed.has(arrived.identity):
        return ""
    return "Somebody who is not in a group said who is in it. It was dropped."


def _unwelcome(arrived: Arrived, device: Device) -> str:
    """Why whoever asks this person into a group may not, or nothing."""
    match device.safeguards.groups:
        case GroupAdds.NOBODY:
            return "Somebody asked you into a group. Your settings let nobody do that. You were not added."
        case GroupAdds.VERIFIED if device.store.trust.verified_on(arrived.identity) is None:
            return "Somebody whose safety number was not compared asked you into a group. You were not added."
        case _:
            return ""


def _ask(cleared: Cleared[Draft], group: bytes, wanted: bytes, whom: bytes, device: Device) -> None:
    contact = device.store.people.get(whom)
    if contact is not None and contact.bundle is not None:
        queue_parts(cleared, [asking(group, wanted)], [whom], device)
