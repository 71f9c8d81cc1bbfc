"""Whole conversations: large files whose way is cut, at the relay and at the one who fetches."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

from foreseal_client.draft import Draft
from foreseal_client.events import MessageChanged, Transferred
from foreseal_client.outbound import Queued
from foreseal_client.store import Direction, State
from stage_fixture import arrival, message_in, read, setting

SIZE = 12 * 1024 * 1024


async def test_a_relay_killed_in_the_middle_of_an_upload_is_sent_the_rest(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        data = secrets.token_bytes(SIZE)
        (tmp_path / "large.bin").write_bytes(data)
        outcome = await alice.messenger.send(alice.peer, Draft("", (alice.device.attach(tmp_path / "large.bin"),)))
        assert isinstance(outcome, Queued)
        await alice.until(Transferred, lambda event: event.direction is Direction.OUT)
        await stage.relay.kill()
        await stage.relay.start()
        arrived = await arrival(bob, outcome.message)
        assert [read(file) for file in arrived.files] == [data]
        told = [(event.done, event.total) for event in alice.log if isinstance(event, Transferred)]
        assert told[-1][0] == told[-1][1]


async def test_who_leaves_in_the_middle_of_a_download_fetches_the_rest_later(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        data = secrets.token_bytes(SIZE)
        (tmp_path / "large.bin").write_bytes(data)
        outcome = await alice.messenger.send(alice.peer, Draft("", (alice.device.attach(tmp_path / "large.bin"),)))
        await bob.until(Transferred, lambda event: event.direction is Direction.IN)
        await bob.leave()
        await bob.come()
        arrived = await arrival(bob, message_in(outcome))
        assert [read(file) for file in arrived.files] == [data]
        assert list((bob.device.store.profile / "incoming").iterdir()) == []


async def test_a_text_leaves_while_a_large_file_is_sealed_and_sent(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice = stage.alice
        (tmp_path / "large.bin").write_bytes(bytes(SIZE))
        item = alice.device.attach(tmp_path / "large.bin")
        sending = asyncio.create_task(alice.messenger.send(alice.peer, Draft("", (item,))))
        outcome = await alice.messenger.send(alice.peer, Draft("meanwhile"))
        assert not sending.done()
        await alice.until(
            MessageChanged, lambda e: e.message.id == message_in(outcome).id and e.message.state is State.SENT
        )
        large = await sending
        await arrival(stage.bob, message_in(large))
