"""Whole conversations: what is sent arrives, whole and once, whatever is killed or away in between."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from foreseal_client import pictures
from foreseal_client.demo.stage import write_list
from foreseal_client.draft import Draft
from foreseal_client.errors import RelayRefusedError
from foreseal_client.events import ContactChanged, MessageChanged
from foreseal_client.outbound import Queued
from foreseal_client.store import Direction, Message, State
from foreseal_matcher import Bytes, Mode, OnFailure, Policy
from foreseal_relay import wire
from stage_fixture import accept, accept_for, arrival, message_in, read, setting, stopped, two_relays


def _waiting(message: Message) -> Callable[[MessageChanged], bool]:
    return lambda event: event.message.id == message.id and event.message.state is State.WAITING


async def test_two_people_write_to_each_other_in_both_directions(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        for n in range(3):
            for one, other in ((stage.alice, stage.bob), (stage.bob, stage.alice)):
                arrived = await arrival(other, await accept(one, Draft(f"{one.name} {n} \u200d\u202e grüße")))
                assert (arrived.text, arrived.state) == (f"{one.name} {n} \u200d\u202e grüße", State.SHOWN)


async def test_more_messages_than_an_invitation_carries_arrive_before_the_other_ever_answers(tmp_path: Path) -> None:
    """Bob is away: the ninth envelope waits for his token, and leaves by itself once he has come."""
    async with setting(tmp_path, introduced=False) as stage:
        await stage.bob.leave()
        alice = stage.alice
        outcomes = [
            await alice.messenger.send(alice.peer, Draft(f"part {n}")) for n in range(wire.INVITATION_SENDS + 2)
        ]
        sent = [message_in(outcome) for outcome in outcomes]
        for message in sent[wire.INVITATION_SENDS :]:
            await alice.until(MessageChanged, _waiting(message))
        await stage.bob.come()
        assert [(await arrival(stage.bob, message)).text for message in sent] == [message.text for message in sent]


@pytest.mark.parametrize("size", [0, 1, 70_000, 3 * 1024 * 1024])
async def test_a_file_of_any_size_arrives_byte_identical(tmp_path: Path, size: int) -> None:
    async with setting(tmp_path) as stage:
        data = secrets.token_bytes(size)
        (tmp_path / "notes.bin").write_bytes(data)
        for person in (stage.alice, stage.bob):
            person.device.policy = Policy(Mode.HOLD, OnFailure.OPEN)  # an empty file cannot be checked
        item = stage.alice.device.attach(tmp_path / "notes.bin")
        (tmp_path / "notes.bin").write_bytes(b"changed after it was attached")
        arrived = await arrival(stage.bob, await accept(stage.alice, Draft("here", (item,))))
        assert [read(file) for file in arrived.files] == [data]
        assert [file.name for file in arrived.files] == ["notes.bin"]


async def test_a_relay_killed_at_any_moment_of_a_conversation_loses_and_repeats_nothing(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        queued = []
        for n in range(24):
            outcome = await alice.messenger.send(alice.peer, Draft(f"part {n}"))
            assert isinstance(outcome, Queued)
            queued.append(outcome.message)
            if n in (5, 11, 17):
                await stage.relay.kill()
                await stage.relay.start()
        for message in queued:
            await arrival(bob, message)
        shown = [m.eid for m in bob.device.store.history.with_contact(bob.peer.identity) if m.direction is Direction.IN]
        assert len(shown) == len(set(shown)) == len(queued)


async def test_what_is_written_while_the_relay_is_away_leaves_when_it_is_back(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        await stage.relay.kill()
        outcome = await stage.alice.messenger.send(stage.alice.peer, Draft("are you there?"))
        assert isinstance(outcome, Queued)
        await stage.relay.start()
        assert (await arrival(stage.bob, outcome.message)).text == "are you there?"


async def test_an_envelope_that_arrives_twice_is_shown_once(tmp_path: Path) -> None:
    """The relay's data is put back to a copy from before the acknowledgement: it delivers the same envelope again."""
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        await bob.leave()
        sent = await accept(alice, Draft("once"))
        await stage.relay.kill()
        shutil.copytree(stage.relay.data, tmp_path / "copy")
        await stage.relay.start()
        await bob.come()
        await arrival(bob, sent)
        await bob.leave()
        await stage.relay.kill()
        shutil.rmtree(stage.relay.data)
        shutil.copytree(tmp_path / "copy", stage.relay.data)
        await stage.relay.start()
        await bob.come()
        following = await accept(alice, Draft("next"))
        await arrival(bob, following)
        assert sent.eid is not None
        assert bytes(bob.tap.down).count(sent.eid) == 2
        texts = [m.text for m in bob.device.store.history.with_contact(bob.peer.identity) if m.text]
        assert texts == ["once", "next"]


async def test_a_full_mailbox_holds_up_nobody_else(tmp_path: Path) -> None:
    """One contact's mail is refused for a while; another's at the same relay goes out."""
    async with setting(tmp_path) as stage:
        alice = stage.alice
        real, refusing = alice.peer, alice.peer.mailbox
        other = msgspec.structs.replace(real, identity=secrets.token_bytes(32), name="Aaron", mailbox=bytes(16))
        with alice.device.store.transaction():
            alice.device.store.people.put(other)
        assert other.mailbox != refusing
        link = await alice.messenger._link(stage.relay.url)
        send = link.send

        async def full_for_one(frame: wire.Send) -> bool:
            if frame.mailbox == bytes(16):
                raise RelayRefusedError(wire.RejectCode.FULL, 3600)
            return await send(frame)

        link.send = full_for_one  # type: ignore[method-assign]
        bundle = real.bundle
        assert bundle is not None
        moved = msgspec.structs.replace(bundle.payload, mailbox=bytes(16))
        with alice.device.store.transaction():
            alice.device.store.people.change(other.identity, bundle=msgspec.structs.replace(bundle, payload=moved))
        stuck = await alice.messenger.send(other, Draft("to a full mailbox"))
        sent = await accept_for(alice, real, Draft("to Bob"))
        assert (await arrival(stage.bob, sent)).text == "to Bob"
        waits = alice.device.store.history.get(message_in(stuck).id)
        assert waits is not None
        assert waits.state is State.QUEUED


async def test_people_at_two_relays_exchange_texts_and_files(tmp_path: Path) -> None:
    async with two_relays(tmp_path) as (alice, bob):
        for one, other in ((alice, bob), (bob, alice)):
            sent = await accept(one, Draft(f"from {one.name}", (Bytes(b"x" * 5000, "x.bin"),)))
            arrived = await arrival(other, sent)
            assert (arrived.text, [read(file) for file in arrived.files]) == (f"from {one.name}", [b"x" * 5000])


async def test_an_introduction_that_a_crash_left_undone_is_made_at_the_next_login(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        await bob.leave()
        with bob.device.store.transaction():
            bob.device.store.people.change(bob.peer.identity, introduced=False)
        since = len(alice.log)
        await bob.come()
        await alice.until(ContactChanged, since=since)
        assert bob.peer.introduced


async def test_a_file_that_is_taken_away_again_leaves_no_copy_and_a_held_one_its_only_copy(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice = stage.alice
        big = pictures.generate("poster", 3, (320, 240)) + bytes(2_000_000)
        (tmp_path / "big.jpg").write_bytes(big)
        alice.device.lists = write_list(tmp_path / "list", "demo", [big])
        unsent = Draft("", (alice.device.attach(tmp_path / "big.jpg"),))
        alice.device.discard(unsent)
        assert list((tmp_path / "alice" / "files").iterdir()) == []
        draft = Draft("", (alice.device.attach(tmp_path / "big.jpg"),))
        (kept,) = (await stopped(alice, draft)).message.files
        alice.device.discard(draft)
        assert list((tmp_path / "alice" / "files").iterdir()) == [kept.path]
        assert read(kept) == big


async def test_a_restart_of_the_client_keeps_what_was_queued(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        await stage.relay.kill()
        outcome = await stage.alice.messenger.send(stage.alice.peer, Draft("", (Bytes(b"x" * 5000, "x.bin"),)))
        await stage.alice.leave()
        await stage.relay.start()
        await stage.alice.come()
        assert [read(f) for f in (await arrival(stage.bob, message_in(outcome))).files] == [b"x" * 5000]
        await stage.alice.until(
            MessageChanged, lambda e: e.message.id == message_in(outcome).id and e.message.state == "sent"
        )
        assert list((tmp_path / "alice" / "outgoing").iterdir()) == []


async def test_an_attachment_that_is_gone_from_the_relay_is_said_beside_the_text(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        await stage.bob.leave()
        sent = await accept(stage.alice, Draft("see this", (Bytes(b"x" * 5000, "x.bin"),)))
        for path in (stage.relay.data / "blobs").rglob("*"):
            if path.is_file():
                path.unlink()
        await stage.bob.come()
        arrived = await arrival(stage.bob, sent)
        assert (arrived.text, arrived.files) == ("see this", ())
        assert "not at the relay any more" in arrived.note
