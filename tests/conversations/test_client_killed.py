"""kill -9 of the sending client at any moment: what it promised arrives, once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.messenger import Messenger
from foreseal_client.relay_link import SocketLink
from foreseal_client.store import Direction
from foreseal_client.store.key import file_key
from foreseal_matcher import Bytes
from sample_lists import build
from stage_fixture import accept, arrival, read, setting

SENDER = '''
"""Sends numbered messages from the profile given, and prints each as soon as it is promised."""
import asyncio, sys, time
from datetime import date
from pathlib import Path
from foreseal_client.demo.stage import HOLD_CLOSED
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.messenger import Messenger
from foreseal_client.relay_link import SocketLink
from foreseal_client.store.key import file_key
from foreseal_matcher import Bytes, ListSet

async def main() -> None:
    profile = Path(sys.argv[1])
    lists = ListSet.open([Path(sys.argv[2])], date.today())
    device = Device(profile, file_key(profile / "key"), lists=lists, policy=HOLD_CLOSED, clock=time.time)
    async with Messenger.running(device, SocketLink) as messenger:
        to = device.store.people.all()[0]
        for n in range(1000):
            outcome = await messenger.send(to, Draft(f"part {n}", (Bytes(b"%d" % n * 3000, "n.bin"),)))
            print(outcome.message.eid.hex(), flush=True)

asyncio.run(main())
'''

RECEIVER = '''
"""Receives into the profile given, and prints the id of each message as soon as it is shown."""
import asyncio, sys, time
from datetime import date
from pathlib import Path
from foreseal_client.demo.stage import HOLD_CLOSED
from foreseal_client.device import Device
from foreseal_client.events import MessageChanged
from foreseal_client.messenger import Messenger
from foreseal_client.relay_link import SocketLink
from foreseal_client.store.key import file_key
from foreseal_matcher import ListSet

async def main() -> None:
    profile = Path(sys.argv[1])
    lists = ListSet.open([Path(sys.argv[2])], date.today())
    device = Device(profile, file_key(profile / "key"), lists=lists, policy=HOLD_CLOSED, clock=time.time)
    async with Messenger.running(device, SocketLink) as messenger:
        with messenger.events() as events:
            while True:
                event = await events.get()
                if isinstance(event, MessageChanged) and event.message.direction == "in":
                    print(event.message.eid.hex(), flush=True)

asyncio.run(main())
'''


@pytest.mark.parametrize("seen", [0, 1, 5])
async def test_what_was_sent_to_a_killed_client_is_shown_once(tmp_path: Path, seen: int) -> None:
    async with setting(tmp_path) as stage:
        bob = stage.bob
        await bob.leave()
        sent = [await accept(stage.alice, Draft(f"part {n}", (Bytes(b"%d" % n * 3000, "n.bin"),))) for n in range(8)]
        profile, lists = bob.device.store.profile, bob.device.lists
        bob.device.close()
        build(tmp_path / "empty-list", [], made=stage.alice.device.date)
        command = [sys.executable, "-c", RECEIVER, str(profile), str(tmp_path / "empty-list")]
        with subprocess.Popen(  # noqa: ASYNC220 - nothing else runs while it is waited for
            command, stdout=subprocess.PIPE, text=True, env=os.environ
        ) as receiver:
            assert receiver.stdout is not None
            shown = [bytes.fromhex(receiver.stdout.readline()) for _ in range(seen)]
            receiver.kill()
        bob.device = Device(
            profile, file_key(profile / "key"), lists=lists, policy=stage.alice.device.policy, clock=time.time
        )
        await bob.come()
        await arrival(bob, await accept(stage.alice, Draft("the last one")))
        history = bob.device.store.history.with_contact(bob.peer.identity)
        eids = [message.eid for message in history if message.text.startswith("part")]
        assert len(eids) == len(sent)
        assert set(eids) == {message.eid for message in sent}
        assert set(shown) <= set(eids)
        files = {message.eid: [read(file) for file in message.files] for message in history}
        assert all(files[message.eid] == [b"%d" % n * 3000] for n, message in enumerate(sent))


@pytest.mark.parametrize("promised", [1, 4, 11])
async def test_what_a_killed_client_promised_arrives_once(tmp_path: Path, promised: int) -> None:
    async with setting(tmp_path) as stage:
        await stage.alice.leave()
        profile = stage.alice.device.store.profile
        stage.alice.device.close()
        build(tmp_path / "empty-list", [], made=stage.bob.device.date)
        command = [sys.executable, "-c", SENDER, str(profile), str(tmp_path / "empty-list")]
        with subprocess.Popen(  # noqa: ASYNC220 - nothing else runs while it is waited for
            command,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ,
        ) as sender:
            assert sender.stdout is not None
            eids = [bytes.fromhex(sender.stdout.readline()) for _ in range(promised)]
            sender.kill()
            eids += [bytes.fromhex(line) for line in sender.stdout.read().split()]
        device = Device(
            profile,
            file_key(profile / "key"),
            lists=stage.bob.device.lists,
            policy=stage.bob.device.policy,
            clock=time.time,
        )
        async with Messenger.running(device, SocketLink) as messenger:
            await messenger.online()
            mine = device.store.history.with_contact(device.store.people.all()[0].identity)
            sent = {message.eid: message for message in mine if message.direction is Direction.OUT}
            assert set(eids) <= set(sent)
            for eid in eids:
                arrived = await arrival(stage.bob, sent[eid])
                assert arrived.text == sent[eid].text
        bobs = stage.bob.device.store.history.with_contact(stage.bob.peer.identity)
        assert len(bobs) == len({message.eid for message in bobs})
        device.close()
