"""How long the files of what was held are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from foreseal_client import outbound, pictures
from foreseal_client.demo.stage import write_list
from foreseal_client.device import DAY, HELD_DAYS, Device
from foreseal_client.draft import Draft
from foreseal_client.looking_again import keep_looking
from foreseal_client.outbound import NotSent
from foreseal_matcher import Bytes
from group_post import Post, contact_of


async def look(device: Device) -> None:
    async for _ in keep_looking(device, every=0):
        pass


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(100_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to be")


async def test_a_client_that_runs_on_lets_go_of_held_files_after_thirty_days_without_a_new_list(tmp_path: Path) -> None:
    poster = pictures.generate("poster", 3, (320, 240))
    post = Post(tmp_path, "Alice", "Bob")
    alice, bob = post.mates.values()
    post.introduce(alice, bob)
    device = alice.device
    device.lists = write_list(tmp_path / "list", "demo", [poster])
    outcome = await outbound.send(Draft("", (Bytes(poster, "p.jpg"),)), contact_of(alice, bob), device)
    assert isinstance(outcome, NotSent)
    (file,) = outcome.message.files
    looking = asyncio.create_task(look(device))
    await until(lambda: not device.lists_changed.is_set())
    post.now += HELD_DAYS * DAY
    for _ in range(20):
        await asyncio.sleep(0)
    assert file.path.exists()
    post.now += DAY
    await until(lambda: not file.path.exists())
    looking.cancel()
    post.close()
