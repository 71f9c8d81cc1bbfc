"""What follows when something was stopped: saying that it is wrong, and looking at it on the device."""

from __future__ import annotations

from foreseal_client.demo.acts.messages import left, outcome_of
from foreseal_client.demo.scene import Scene, Settled
from foreseal_client.demo.steps import Appeal, ReviewIt
from foreseal_client.store import Outcome

__all__ = ["appeal", "review"]


async def appeal(step: Appeal, scene: Scene) -> Settled:
    """Kept on this device; nothing is told to anybody."""
    person, message = scene.person(step.who), scene.last_stopped(step.who).message
    before = person.tap.passed()
    with person.device.store.transaction():
        person.device.store.appeals.put(message.id, step.ground, step.text, at=person.device.now)
    waits = [one.message for one in person.device.store.appeals.waiting()]
    silent = person.tap.passed() == before
    return Settled(step, waits == [message.id] and silent, {"waiting": len(waits), **left(person, before)})


async def review(step: ReviewIt, scene: Scene) -> Settled:
    """Somebody looks at it here and decides; then the person tries once more."""
    person, message = scene.person(step.who), scene.last_stopped(step.who).message
    with person.device.store.transaction():
        person.device.store.appeals.settle(message.id, Outcome(step.outcome))
    before = person.tap.passed()
    receiver = next(other for other in scene.people.values() if other.device.identity == message.identity)
    outcome = await person.messenger.send_held(message)
    became, evidence = await outcome_of(outcome, receiver, person, before, scene)
    return Settled(step, became == step.then, {"reviewed": step.outcome, "became": became, **evidence})
