"""Whole conversations: what is held, withheld, passed and revealed under each policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreseal_client import pictures
from foreseal_client.demo.stage import write_list
from foreseal_client.draft import Draft
from foreseal_client.errors import StoreError
from foreseal_client.outbound import Queued
from foreseal_client.store import State
from foreseal_matcher import Bytes, Clear, Held, ListSet, Match, Mode, OnFailure, Policy, Reason, Unreadable
from stage_fixture import accept, arrival, read, setting, stopped


async def test_files_of_other_kinds_say_that_only_exact_copies_could_be_found(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        sent = await accept(stage.alice, Draft("", (Bytes(b"%PDF-1.7 and so on", "letter.pdf"),)))
        assert sent.verdict == Clear((Reason.OTHER_KIND,))


async def test_a_held_picture_makes_no_traffic_and_is_kept_encrypted_on_this_device_alone(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice = stage.alice
        listed = pictures.generate("poster", 3, (320, 240))
        alice.device.lists = write_list(tmp_path / "list", "demo", [listed])
        with alice.device.store.transaction():
            alice.device.store.ledger.switch(True, alice.device.date)
        before, copy = alice.tap.passed(), pictures.edited(listed, "as-webp")
        outcome = await stopped(alice, Draft("look", (Bytes(copy, "p.webp"),)))
        assert isinstance(outcome.held.verdict, Match)
        assert outcome.message.state is State.HELD
        assert alice.tap.passed() == before
        assert alice.device.store.outbox.relays() == set()
        assert alice.device.store.ledger.head.lines == 2  # that it is on, and this check
        (kept,) = outcome.message.files
        assert read(kept) == copy
        assert not [path for path in tmp_path.rglob("*") if path.is_file() and copy[100:164] in path.read_bytes()]


async def test_under_hold_nothing_overrides_a_match_and_under_warn_the_person_may(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice = stage.alice
        listed = pictures.generate("poster", 3, (320, 240))
        alice.device.lists = write_list(tmp_path / "list", "demo", [listed])
        draft = Draft("", (Bytes(listed, "p.jpg"),))
        assert not (await stopped(alice, draft, acknowledged=True)).held.may_override
        alice.device.policy = Policy(Mode.WARN, OnFailure.CLOSED)
        assert (await stopped(alice, draft)).held.may_override
        outcome = await alice.messenger.send(alice.peer, draft, acknowledged=True)
        assert isinstance(outcome, Queued)
        assert isinstance(outcome.message.verdict, Match)
        assert (await arrival(stage.bob, outcome.message)).state is State.SHOWN


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.OBSERVE])
async def test_a_listed_picture_passes_under_off_without_and_under_observe_with_its_verdict(
    tmp_path: Path, mode: Mode
) -> None:
    async with setting(tmp_path) as stage:
        listed = pictures.generate("poster", 3, (320, 240))
        stage.alice.device.lists = write_list(tmp_path / "list", "demo", [listed])
        stage.alice.device.policy = Policy(mode, OnFailure.CLOSED)
        sent = await accept(stage.alice, Draft("", (Bytes(listed, "p.jpg"),)))
        assert isinstance(sent.verdict, Match) is (mode is Mode.OBSERVE)
        assert (sent.verdict == Clear((Reason.POLICY_OFF,))) is (mode is Mode.OFF)
        assert read((await arrival(stage.bob, sent)).files[0]) == listed


@pytest.mark.parametrize(
    ("wrong", "reason"), [("absent", Reason.LIST_ABSENT), ("cut", Reason.LIST_DAMAGED), ("edited", Reason.LIST_DAMAGED)]
)
async def test_without_a_usable_list_the_policy_decides_open_or_closed(
    tmp_path: Path, wrong: str, reason: Reason
) -> None:
    folder = tmp_path / "list"
    write_list(folder, "demo", [])
    column = next(path for path in folder.rglob("pdq.bin"))
    if wrong == "absent":
        folder = tmp_path / "nowhere"
    elif wrong == "cut":
        column.write_bytes(column.read_bytes()[:-7])
    else:
        column.write_bytes(bytes(32) + column.read_bytes()[32:])
    async with setting(tmp_path) as stage:
        alice, draft = stage.alice, Draft("", (Bytes(pictures.generate("quilt", 4, (320, 240)), "q.jpg"),))
        alice.device.lists = ListSet.open([folder], alice.device.date)
        held = (await stopped(alice, draft)).held.verdict
        assert isinstance(held, Unreadable)
        assert held.reason is reason
        alice.device.policy = Policy(Mode.HOLD, OnFailure.OPEN)
        assert isinstance((await accept(alice, draft)).verdict, Unreadable)
        assert (await accept(alice, Draft("a text needs no list"))).verdict == Clear()


async def test_an_incoming_listed_picture_is_withheld_and_its_text_with_it(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        listed = pictures.generate("nebula", 3, (320, 240))
        stage.bob.device.lists = write_list(tmp_path / "list", "demo", [listed])
        arrived = await arrival(stage.bob, await accept(stage.alice, Draft("hm", (Bytes(listed, "n.jpg"),))))
        assert arrived.state is State.WITHHELD
        assert isinstance(arrived.verdict, Match)


async def test_what_is_revealed_goes_through_the_gate_again(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        listed = pictures.generate("nebula", 3, (320, 240))
        bob = stage.bob
        bob.device.lists = write_list(tmp_path / "list", "demo", [listed])
        arrived = await arrival(bob, await accept(stage.alice, Draft("hm", (Bytes(listed, "n.jpg"),))))
        assert arrived.state is State.WITHHELD
        assert isinstance(await bob.messenger.reveal(arrived), Held)
        bob.device.policy = Policy(Mode.WARN, OnFailure.CLOSED)
        revealed = await bob.messenger.reveal(arrived)
        assert not isinstance(revealed, Held)
        assert revealed.state is State.SHOWN
        # A message that goes while it is looked at is not drawn once more.
        bob.messenger.conversations.delete_here(arrived)
        bob.device.policy = Policy(Mode.OFF, OnFailure.OPEN)
        with pytest.raises(StoreError, match="not on this device any more"):
            await bob.messenger.reveal(arrived)
