"""Sending, to one person and to a group."""

from __future__ import annotations

from foreseal_client.demo.evidence import Evidence, told
from foreseal_client.demo.scene import Scene, SceneError, Settled, draft_of
from foreseal_client.demo.stage import Person
from foreseal_client.demo.steps import Found, GroupWrite, Send
from foreseal_client.demo.tap import Passed
from foreseal_client.events import GroupChanged, MessageChanged
from foreseal_client.groups.changes import Impossible
from foreseal_client.outbound import NotSent, Outcome, Paused, Queued, Resting
from foreseal_client.store import Contact, Direction, Group, Message, State
from foreseal_matcher import Match, Unreadable

__all__ = ["found_group", "left", "outcome_of", "send", "send_to_group"]


async def send(step: Send, scene: Scene) -> Settled:
    """One message; what became of it has to be what the step says, and a held one makes no traffic."""
    sender, receiver = scene.person(step.who), scene.person(step.to)
    to, before = scene.contact(sender, step.to), sender.tap.passed()
    outcome = await sender.messenger.send(to, draft_of(step.text, step.picture), rested=step.rested)
    became, evidence = await outcome_of(outcome, receiver, sender, before, scene)
    if isinstance(outcome, NotSent):
        scene.stopped[step.who] = outcome
    card = (step.who, outcome) if isinstance(outcome, NotSent) else None
    return Settled(step, became == step.then, {"became": became, **evidence}, card)


async def outcome_of(
    outcome: Outcome | Impossible, receiver: Person, sender: Person, before: Passed, scene: Scene
) -> tuple[str, Evidence]:
    """What became of something that was sent, in a word of the vocabulary, and what was seen of it."""
    match outcome:
        case Resting():
            return ("moment", left(sender, before)) if _silent(sender, before) else ("sent", left(sender, before))
        case NotSent(message, held):
            word = "held" if isinstance(held.verdict, Match) else "held-unchecked"
            evidence = told(message.verdict) | left(sender, before)
            return (word if _silent(sender, before) else "sent", evidence)
        case Queued():
            arrived = await scene.arrival(receiver, outcome)
            same = arrived.digest == outcome.message.digest
            unread = isinstance(outcome.message.verdict, Unreadable)
            word = _shown(arrived, same=same) + ("-unchecked" if unread and arrived.state is State.SHOWN else "")
            return word, {"as_sent": "yes" if same else "no", **told(arrived.verdict)}
        case Paused() | Impossible():
            raise SceneError("A card about something else came up, which no step speaks of.")


def _shown(arrived: Message, *, same: bool) -> str:
    words = {State.SHOWN: "shown" if same else "altered", State.WITHHELD: "withheld", State.COVERED: "covered"}
    return words.get(arrived.state, arrived.state.value)


def _silent(sender: Person, before: Passed) -> bool:
    now = sender.tap.passed()
    still = now.connections == before.connections and now.bytes == before.bytes
    return still and not sender.device.store.outbox.relays()


def left(sender: Person, before: Passed) -> Evidence:
    """What left a device since `before`, pings apart."""
    now = sender.tap.passed()
    return {"bytes_out": now.bytes - before.bytes, "connections": now.connections - before.connections}


async def found_group(step: Found, scene: Scene) -> Settled:
    """A group of contacts; settled once all of them have it."""
    founder = scene.person(step.who)
    others: list[Contact] = [scene.contact(founder, name) for name in step.members]
    group = await founder.messenger.groups.found(step.name, others)
    if not isinstance(group, Group):
        return Settled(step, False, {"group": "not made"})
    for name in step.members:
        await scene.person(name).until(GroupChanged, lambda event: event.group.id == group.id)
    scene.group, scene.group_members = group.id, (step.who, *step.members)
    return Settled(step, True, {"members": len(group.log.agreed.members)})


async def send_to_group(step: GroupWrite, scene: Scene) -> Settled:
    """One message, checked once; sealed for each of the others, or for nobody."""
    if scene.group is None:
        raise SceneError("There is no group yet.")
    sender = scene.person(step.who)
    others = [scene.person(name) for name in scene.group_members if name != step.who]
    before = sender.tap.passed()
    outcome = await sender.messenger.groups.send(scene.group, draft_of(step.text, step.picture))
    if isinstance(outcome, NotSent):
        scene.stopped[step.who] = outcome
        evidence: Evidence = {"became": "held", **told(outcome.message.verdict), **left(sender, before)}
        return Settled(step, step.then == "held" and _silent(sender, before), evidence, (step.who, outcome))
    if not isinstance(outcome, Queued):
        raise SceneError("The group could not be written to.")
    digest = outcome.message.digest
    states = []
    for other in others:
        event = await other.until(
            MessageChanged, lambda e: e.message.direction is Direction.IN and e.message.digest == digest
        )
        states.append(event.message.state.value)
    shown = step.then == "shown" and set(states) == {State.SHOWN.value}
    return Settled(step, shown, {"became": ", ".join(states), "members_reached": len(states)})
