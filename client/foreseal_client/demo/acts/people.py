"""Who is there, who knows whom, and strangers."""

from __future__ import annotations

from foreseal_client.demo.evidence import Evidence
from foreseal_client.demo.scene import Scene, SceneError, Settled, draft_of
from foreseal_client.demo.steps import Accept, Arrive, Befriend, Knock, Young
from foreseal_client.draft import Draft
from foreseal_client.errors import RelayRefusedError
from foreseal_client.events import ContactChanged
from foreseal_client.outbound import Queued
from foreseal_client.safeguard_settings import begin_young
from foreseal_client.safeguards.passcode import Lock
from foreseal_client.sealing.passphrases import Stretching
from foreseal_client.store import Contact, Standing

__all__ = ["answer_request", "arrive", "become_young", "befriend", "knock"]

_QUICK = Stretching(b"on a stage, salt", 1, 8192)
"""A passcode on a stage protects nothing, and an audience would wait for a real one's costs."""


async def arrive(step: Arrive, scene: Scene) -> Settled:
    """An account at the relay, and nobody known."""
    if step.who in scene.people:
        raise SceneError(f"{step.who} is on the stage already.")
    person = await scene.stage.arrive(step.who)
    await scene.enter(person)
    return Settled(step, person.device.store.people.all() == [], {"contacts": 0})


async def befriend(step: Befriend, scene: Scene) -> Settled:
    """By an invitation, until both have each other's address."""
    one, other = scene.person(step.who), scene.person(step.other)
    contact = await one.messenger.accept_invitation(await other.messenger.invite())
    await one.messenger.send(contact, Draft())
    known = await one.until(
        ContactChanged,
        lambda event: event.contact.identity == contact.identity and event.contact.invitation is None,
    )
    return Settled(step, known.contact.standing is Standing.ACCEPTED, {"knows": known.contact.name})


async def become_young(step: Young, scene: Scene) -> Settled:
    """The strict settings, which a passcode alone loosens."""
    device = scene.person(step.who).device
    begin_young(device, Lock.new(step.holder, "on a stage", _QUICK))
    held = device.safeguards
    evidence: Evidence = {
        "requests": str(held.requests), "moment_days": held.moment_days, "plain_links_days": held.plain_links_days,
        "passcode_held_by": step.holder,
    }  # fmt: skip
    return Settled(step, held.moment_days > 0 and not held.may_be_listed, evidence)


async def knock(step: Knock, scene: Scene) -> Settled:
    """A stranger's first letter, by a card that anybody may have."""
    stranger, person = scene.person(step.who), scene.person(step.to)
    await person.messenger.first_contact.take_requests(is_open=step.then == "request")
    got = len(person.tap.down)
    try:
        contact = await stranger.messenger.requests.begin(person.device.card())
    except RelayRefusedError as refused:
        nothing = person.device.store.people.get(stranger.device.identity) is None
        return Settled(
            step, step.then == "refused" and nothing and len(person.tap.down) == got,
            {"stranger_is_told": str(refused), "bytes_that_came": len(person.tap.down) - got},
        )  # fmt: skip
    if not isinstance(contact, Contact):
        raise SceneError("The stranger has written to too many people today.")
    outcome = await stranger.messenger.send(contact, draft_of(step.text, step.picture))
    if not isinstance(outcome, Queued):
        raise SceneError("The stranger's own device stopped the letter.")
    await person.until(
        ContactChanged,
        lambda event: (
            event.contact.identity == stranger.device.identity and event.contact.standing is Standing.REQUESTED
        ),
    )
    (asked,) = await person.messenger.requests.all()
    history = person.device.store.history.with_contact(stranger.device.identity)
    fetched = b"GET /v1/blobs/" in bytes(person.tap.up)
    as_said = step.then == "request" and asked.text == step.text and asked.files == 1 and not history and not fetched
    return Settled(
        step, as_said,
        {"text": asked.text, "files_not_fetched": asked.files, "shown_in_a_conversation": len(history)},
    )  # fmt: skip


async def answer_request(step: Accept, scene: Scene) -> Settled:
    """Blocking and leaving are seen by nobody."""
    person = scene.person(step.who)
    before = person.tap.passed()
    asked = next(iter(await person.messenger.requests.all()), None)
    contact = None if asked is None else person.device.store.people.get(asked.identity)
    if contact is None:
        raise SceneError("Nobody has asked to be let in.")
    if step.then == "blocked":
        person.messenger.requests.block(contact)
    else:
        person.messenger.requests.leave(contact)
    waiting = [one for one in await person.messenger.requests.all() if not one.left]
    silent = person.tap.passed() == before
    return Settled(step, not waiting and silent, {"waiting": len(waiting), "traffic": "none" if silent else "some"})
