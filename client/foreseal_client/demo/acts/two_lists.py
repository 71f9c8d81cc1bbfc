"""A list that differs from person to person: given to one of them, and found out by what they write each other."""

from __future__ import annotations

import asyncio

from foreseal_client.demo.publisher import ENDORSERS
from foreseal_client.demo.scene import Scene, SceneError, Settled
from foreseal_client.demo.shelf import taken
from foreseal_client.demo.steps import AnotherList, ListsCompared
from foreseal_client.store import State
from foreseal_client.transparency.heads import Judgement

__all__ = ["compared", "give_another"]

_SPLIT = Judgement.SPLIT_VIEW.name.lower().replace("_", "-")


async def give_another(step: AnotherList, scene: Scene) -> Settled:
    """The publisher divides; the device follows the other half from now on, and refuses nothing of it."""
    if scene.publisher is None:
        raise SceneError("Nobody publishes a list yet.")
    device = scene.person(step.who).device
    other = await asyncio.to_thread(scene.publisher.divided, scene.new_folder("another"))
    await asyncio.to_thread(other.prepare, *map(taken, step.pictures))
    published = other.endorse(*ENDORSERS[:2])
    way = await other.update()
    await device.follow(other.installed)
    scene.following = tuple(name for name in scene.following if name != step.who)
    entries = sum(fact.entries for fact in device.lists.describe(device.date))
    taken_up = published and way != "nothing new" and not device.lists.problems
    return Settled(step, taken_up, {"update": way, "entries": entries, "signatures": 2})


def compared(step: ListsCompared, scene: Scene) -> Settled:
    """What the device keeps of the comparison, and the line that stands in the conversation. Nothing was compared where
    no letter with a head came."""
    device, other = scene.person(step.who).device, scene.contact(scene.person(step.who), step.other)
    found = [one for one in device.store.heads.all() if one.identity == other.identity]
    lines = [one.text for one in device.store.history.with_contact(other.identity) if one.state is State.NOTICE]
    proofs = [one.evidence for one in found if one.judgement == _SPLIT and one.evidence]
    became = "told apart" if proofs and lines else "no difference" if found and not lines else "unknown"
    return Settled(
        step, became == step.then,
        {
            "compared": [one.judgement for one in found], "the_screen_says": lines,
            "bytes_of_proof": sum(map(len, proofs)),
        },
    )  # fmt: skip
