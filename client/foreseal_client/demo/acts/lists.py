"""Lists and policies: who puts what on a device, and what the device makes of it."""

from __future__ import annotations

import asyncio
import shutil
from typing import assert_never

from foreseal_client import words
from foreseal_client.demo.evidence import Evidence
from foreseal_client.demo.publisher import ENDORSERS, StagePublisher
from foreseal_client.demo.scene import Scene, SceneError, Settled
from foreseal_client.demo.shelf import Shelved, taken
from foreseal_client.demo.steps import (
    Compare,
    Endorse,
    LoseList,
    Modify,
    OnList,
    Outsider,
    Prepare,
    Publish,
    SetPolicy,
    Tighten,
    Update,
)
from foreseal_client.pictures.hues import mean_hue
from foreseal_matcher import ListSet, Mode, OnFailure, Policy
from foreseal_matcher.fingerprints import pdq
from foreseal_matcher.lists import from_picture

__all__ = ["compare", "lose_list", "modify", "publish", "put_on_list", "set_policy", "tighten"]


async def put_on_list(step: OnList, scene: Scene) -> Settled:
    """A list in force on each of the devices."""
    for name in step.devices:
        scene.person(name)
        await scene.give_list(name, step.pictures)
    device = scene.person(step.devices[0]).device
    entries = sum(fact.entries for fact in device.lists.describe(device.date))
    return Settled(step, not device.lists.problems and entries > len(step.pictures), {"entries": entries})


async def lose_list(step: LoseList, scene: Scene) -> Settled:
    """The files are gone, as after a bad update or a full disk."""
    device = scene.person(step.who).device
    folder = scene.list_folders[step.who]
    await asyncio.to_thread(shutil.rmtree, folder)
    device.lists = ListSet.open([folder], device.date)
    problem = words.cannot_check(device.lists, device.policy)
    return Settled(step, bool(problem), {"the_screen_says": problem})


async def set_policy(step: SetPolicy, scene: Scene) -> Settled:
    """At the devices themselves."""
    policy = Policy(step.mode, step.on_failure)
    for name in step.devices:
        scene.person(name).device.policy = policy
    return Settled(step, True, {"means": words.consequence(policy)})


async def tighten(step: Tighten, scene: Scene) -> Settled:
    """What a configuration asks for is joined with what holds: the tighter of each part."""
    device = scene.person(step.who).device
    before = device.policy
    device.policy = Policy.tightest(before, Policy(step.mode, step.on_failure))
    became = "unchanged" if device.policy == before else "tighter"
    evidence: Evidence = {
        "asked_for": f"{step.mode}, {step.on_failure}", "held_before": f"{before.mode}, {before.on_failure}",
        "holds_now": f"{device.policy.mode}, {device.policy.on_failure}", "means": words.consequence(device.policy),
    }  # fmt: skip
    return Settled(step, became == step.then, evidence)


async def modify(step: Modify, scene: Scene) -> Settled:
    """No list, and a policy that stops nothing: what is left of a client once its check is taken out."""
    device = scene.person(step.who).device
    device.lists, device.policy = ListSet.empty(), Policy(Mode.OFF, OnFailure.OPEN)
    return Settled(step, not device.policy.stops, {"check": "taken out"})


async def compare(step: Compare, scene: Scene) -> Settled:
    """The distance of two fingerprints, and that of the hues, which no fingerprint here looks at."""
    one, other = (_pdq(name) for name in step.pictures)
    bits = pdq.distance(one, other)
    hues = [mean_hue(taken(name)) for name in step.pictures]
    apart = abs((hues[0] - hues[1] + 180) % 360 - 180)
    fits = step.at_least <= bits <= step.at_most and apart >= step.hues
    same = taken(step.pictures[0]) == taken(step.pictures[1])
    return Settled(
        step, fits and not same,
        {"distance": bits, "of_bits": 256, "limit": pdq.MATCH_AT, "hues_apart_in_degrees": round(apart)},
    )  # fmt: skip


def _pdq(name: Shelved) -> bytes:
    rows = from_picture(taken(name), 1, category="", source="")
    return next(row.value for row in rows if row.entry.algorithm == "pdq")


async def publish(step: Publish | Prepare | Endorse | Update | Outsider, scene: Scene) -> Settled:
    """A signed list: what waits, who signs, what a device takes."""
    if isinstance(step, Publish):
        return await _first(step, scene)
    publisher = scene.publisher
    if publisher is None:
        raise SceneError("Nobody publishes a list yet.")
    match step:
        case Prepare():
            await asyncio.to_thread(publisher.prepare, *map(taken, step.pictures))
            return Settled(step, True, {"entries_that_wait": len(step.pictures)})
        case Endorse():
            enough = publisher.endorse(*step.endorsers)
            became = "published" if enough else "waiting"
            return Settled(
                step, became == step.then, {"signed_now": len(step.endorsers), "endorsers": 3, "needed_together": 2}
            )
        case Update():
            way = await publisher.update()
            await _noticed(scene)
            became = "nothing new" if way == "nothing new" else "installed"
            return Settled(step, became == step.then, {"update": way})
        case Outsider():
            refused = await publisher.offered_by_another(scene.new_folder("outsider"), *map(taken, step.pictures))
            return Settled(step, refused is not None, {"the_device_says": refused or "taken"})
        case _:
            assert_never(step)


async def _first(step: Publish, scene: Scene) -> Settled:
    publisher = await asyncio.to_thread(StagePublisher.begin, scene.new_folder("publisher"))
    await asyncio.to_thread(publisher.prepare, *map(taken, step.pictures))
    published = publisher.endorse(*ENDORSERS[:2])
    await publisher.update()
    scene.publisher, scene.following = publisher, step.devices
    for name in step.devices:
        await scene.person(name).device.follow(publisher.installed)
    device = scene.person(step.devices[0]).device
    entries = sum(fact.entries for fact in device.lists.describe(device.date))
    return Settled(step, published and entries > 0, {"entries": entries, "signatures": 2})


async def _noticed(scene: Scene) -> None:
    for name in scene.following:
        await scene.person(name).device.newest_lists()
