"""Which function carries out which step, and a scenario from its first step to its last."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import assert_never

from foreseal_client.demo import steps
from foreseal_client.demo.acts import lists, messages, people, relay, stopped, two_lists
from foreseal_client.demo.scenario import Scenario
from foreseal_client.demo.scene import Scene, Settled

__all__ = ["carry_out", "played"]


async def played(scenario: Scenario) -> AsyncGenerator[Settled, None]:
    """Plays a scenario on a stage of its own; each step as it is settled. Raises `SceneError`, and what a client
    raises."""
    with tempfile.TemporaryDirectory(prefix="foreseal-demo-") as name:
        async with Scene.open(Path(name)) as scene:
            for step in scenario.steps:
                yield await carry_out(step, scene)


async def carry_out(step: steps.AnyStep, scene: Scene) -> Settled:
    """Does what a step says and looks whether its claim holds. Raises `SceneError`, and what a client raises."""
    match step:
        case steps.Arrive():
            return await people.arrive(step, scene)
        case steps.Befriend():
            return await people.befriend(step, scene)
        case steps.Young():
            return await people.become_young(step, scene)
        case steps.Knock():
            return await people.knock(step, scene)
        case steps.Accept():
            return await people.answer_request(step, scene)
        case steps.Send():
            return await messages.send(step, scene)
        case steps.Found():
            return await messages.found_group(step, scene)
        case steps.GroupWrite():
            return await messages.send_to_group(step, scene)
        case steps.Appeal():
            return await stopped.appeal(step, scene)
        case steps.ReviewIt():
            return await stopped.review(step, scene)
        case steps.Modify():
            return await lists.modify(step, scene)
        case steps.OnList():
            return await lists.put_on_list(step, scene)
        case steps.LoseList():
            return await lists.lose_list(step, scene)
        case steps.SetPolicy():
            return await lists.set_policy(step, scene)
        case steps.Tighten():
            return await lists.tighten(step, scene)
        case steps.Compare():
            return await lists.compare(step, scene)
        case steps.Publish() | steps.Prepare() | steps.Endorse() | steps.Update() | steps.Outsider():
            return await lists.publish(step, scene)
        case steps.AnotherList():
            return await two_lists.give_another(step, scene)
        case steps.ListsCompared():
            return two_lists.compared(step, scene)
        case steps.Plant():
            return await relay.plant(step, scene)
        case steps.Search():
            return await relay.look_for(step, scene)
        case steps.RelayHolds():
            return await relay.infer(step, scene)
        case _:
            assert_never(step)
