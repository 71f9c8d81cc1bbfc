"""Relays over one database: they wake each other's inboxes, and are one relay to whoever asks them."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from foreseal_relay import wire
from foreseal_relay.home import HomeError
from foreseal_relay.presence import Presence
from foreseal_relay.serving import Settings, serving
from foreseal_relay.store.postgres import opened, statements
from foreseal_relay.store.postgres.bell import CHANNELS, Bell, calls
from relay_peer import Clock, Owner, Running, drop, eid, inbox, registered, send_to

BOX = b"m" * 16


@contextlib.asynccontextmanager
async def two_relays(database: str, folder: Path) -> AsyncIterator[tuple[Running, Running]]:
    """Two relays with the same keys and one folder of blobs, as an operator sets them up."""
    clock = Clock()
    blobs = folder / "blobs"
    async with serving(Settings(folder / "a", store=database, blobs=blobs), clock) as (url, relay):
        first = Running(url, relay, clock, folder / "a")
        (folder / "b").mkdir()
        for key in ("stamp.key", "issuer.key"):
            shutil.copy(folder / "a" / key, folder / "b")
        async with serving(Settings(folder / "b", store=database, blobs=blobs), clock) as (url, relay):
            yield first, Running(url, relay, clock, folder / "b")


async def test_mail_accepted_at_one_relay_wakes_the_inbox_at_another(database: str, tmp_path: Path) -> None:
    async with two_relays(database, tmp_path) as (here, there):
        bob = await registered(here.url, Owner("bob"))
        async with inbox(here.url, bob) as owner, drop(there.url) as sender:
            await owner.say(wire.Credit(8))
            for number in range(3):
                assert await sender.ask(send_to(bob, number)) == wire.Accepted(7)
                (delivered,) = await owner.deliveries(1)
                assert delivered.eid == eid(number)


async def test_what_was_announced_while_a_relay_could_not_hear_is_found_when_it_can(
    database: str, tmp_path: Path, asking: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foreseal_relay.store.postgres.bell.BELL_RETRY", 0.05)
    monkeypatch.setattr("foreseal_relay.store.postgres.bell.BELL_POLL", 0.5)
    async with two_relays(database, tmp_path) as (here, there):
        bob = await registered(here.url, Owner("bob"))
        async with inbox(here.url, bob) as owner, drop(there.url) as sender:
            await owner.say(wire.Credit(8))
            await asking.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'foreseal-relay'"
                " AND query ~ 'LISTEN|pg_notify|waiting > 0'"  # those that listen, by what they said last
            )
            assert await sender.ask(send_to(bob)) == wire.Accepted(7)
            assert [one.eid for one in await owner.deliveries(1)] == [eid(1)]


async def test_the_newest_inbox_wins_across_relays(database: str, tmp_path: Path) -> None:
    async with two_relays(database, tmp_path) as (here, there):
        bob = await registered(here.url, Owner("bob"))
        async with inbox(here.url, bob) as older, inbox(there.url, bob) as newer:
            assert await older.hear() is None
            assert older.socket.close_code == 4001
            await newer.nothing_more()


async def test_a_send_repeated_at_another_relay_is_a_duplicate_there(database: str, tmp_path: Path) -> None:
    async with two_relays(database, tmp_path) as (here, there):
        bob = await registered(here.url, Owner("bob"))
        async with drop(here.url) as first, drop(there.url) as second:
            for number in range(6):
                answers = await asyncio.gather(first.ask(send_to(bob, number)), second.ask(send_to(bob, number)))
                assert {type(one) for one in answers} == {wire.Accepted, wire.Duplicate}
        async with inbox(there.url, bob) as owner:
            await owner.say(wire.Credit(64))
            assert len({one.eid for one in await owner.deliveries(6)}) == 6
            await owner.nothing_more()


@pytest.mark.parametrize(("copied", "lacking"), [("issuer", "stamp"), ("stamp", "issuer")])
async def test_relays_of_one_database_have_the_same_keys_or_do_not_start(
    database: str, tmp_path: Path, copied: str, lacking: str
) -> None:
    async with serving(Settings(tmp_path / "a", store=database)):
        (tmp_path / "b").mkdir()
        shutil.copy(tmp_path / "a" / f"{copied}.key", tmp_path / "b")
        with pytest.raises(HomeError, match=rf"{lacking}\.key is another one"):
            async with serving(Settings(tmp_path / "b", store=database)):
                pytest.fail("it started")


async def test_a_relay_that_starts_leaves_a_blob_alone_that_another_one_is_just_noting(
    database: str, tmp_path: Path
) -> None:
    (tmp_path / "blobs").mkdir()
    on_its_way = tmp_path / "blobs" / ("ab" * 16)
    on_its_way.write_bytes(b"sealed")
    async with two_relays(database, tmp_path):
        assert on_its_way.exists()


def test_however_many_mailboxes_are_announced_no_call_is_longer_than_postgresql_carries() -> None:
    arrived = [number.to_bytes(16, "big") for number in range(3000)]
    of_one = [bytes(14) + number.to_bytes(2, "big") for number in range(3000)]
    called = list(calls("a-relay.", arrived, dict.fromkeys(of_one, 2**50)))
    assert {channel for channel, _ in called} <= set(CHANNELS)
    assert max(len(said) for _, said in called) < 8000
    assert sum(len(said) - 9 for _, said in called) == 3000 * 22 + 3000 * 38


def test_what_arrives_on_one_channel_is_one_call() -> None:
    of_one = [bytes([7]) + number.to_bytes(15, "big") for number in range(9)]
    assert [len(said) for _, said in calls("a-relay.", of_one, {})] == [9 + 9 * 22]
    assert len(list(calls("a-relay.", [*of_one, bytes([8]) * 16], {}))) == 2


async def test_what_arrives_while_nobody_rings_is_rung_by_one_statement(database: str) -> None:
    class Line:
        def __init__(self) -> None:
            self.rung: list[tuple[str, list[str]]] = []
            self.over = asyncio.Event()

        async def execute(self, statement: str, channels: list[str], _: list[str]) -> None:
            self.rung.append((statement, channels))
            self.over.set()

    line, bell = Line(), Bell(database, Presence(), "a-relay.")
    await bell.close()
    for number in range(40):
        bell.arrived([number.to_bytes(16, "little")])
    ringing = asyncio.create_task(bell._ring_as_it_comes(line))
    async with asyncio.timeout(20):
        await line.over.wait()
    ringing.cancel()
    await asyncio.gather(ringing, return_exceptions=True)
    assert line.rung == [(statements.RING, [CHANNELS[number] for number in range(40)])]


async def test_a_login_announced_late_does_not_close_the_inbox_of_a_later_one(database: str) -> None:
    class Known(Presence):
        def __init__(self) -> None:
            super().__init__()
            self.replaced: list[bytes] = []

        def replace(self, mailbox: bytes) -> None:
            self.replaced.append(mailbox)

    inboxes = Known()
    bell = Bell(database, inboxes, "a-relay.")
    try:
        bell.logged_in(BOX, 500)
        for at in (499, 501):
            for channel, said in calls("another.", (), {BOX: at}):
                bell.heard(None, 0, channel, said)
            assert inboxes.replaced == [BOX] * (at > 500)
    finally:
        await bell.close()


async def test_what_others_say_on_the_channels_wakes_nobody_and_ends_nothing(
    database: str, asking: asyncpg.Connection
) -> None:
    class Heard(Presence):
        def __init__(self) -> None:
            super().__init__()
            self.woken = asyncio.Queue[bytes]()

        def wake(self, mailbox: bytes) -> None:
            self.woken.put_nowait(mailbox)

    inboxes = Heard()
    bell = Bell(database, inboxes, "a-relay.")
    try:
        async with opened(database, Presence(), "another."), asyncio.timeout(20):
            for said in ("", "x", "another.", "another.a!!!", "another.q" + "A" * 22, "a-relay.a" + "B" * 22):
                await asking.execute("SELECT pg_notify($1, $2)", CHANNELS[0], said)
            while inboxes.woken.empty():
                await asking.execute("SELECT pg_notify($1, $2)", CHANNELS[0], "another.a" + "C" * 22)
                await asyncio.sleep(0.01)
        assert inboxes.woken.get_nowait() == bytes.fromhex("0820820820820820820820820820820820820820"[:32])
    finally:
        await bell.close()
