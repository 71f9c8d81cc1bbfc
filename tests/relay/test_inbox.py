"""Receiving: logged in, by credit, acknowledged by ids."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec
import pytest
from aiohttp.test_utils import TestServer

from foreseal_relay import wire
from foreseal_relay.app import application
from foreseal_relay.store import Envelope, SqliteStore
from foreseal_relay.wire import Accepted, Ack, Credit, Done, RejectCode, Rejected, Welcome
from relay_peer import NOON, Clock, Owner, Running, drop, eid, inbox, relay_of, send_to

ORIGIN = "http://relay.example"


async def fill(running: Running, owner: Owner, numbers: range) -> None:
    async with drop(running.url) as sender:
        for number in numbers:
            assert await sender.ask(send_to(owner, number)) == Accepted(7)


async def test_nothing_is_delivered_without_credit(running: Running, bob: Owner) -> None:
    async with inbox(running.url, bob) as owner:
        await fill(running, bob, range(3))
        await owner.nothing_more()


async def test_never_more_is_delivered_than_the_credit_granted(running: Running, bob: Owner) -> None:
    await fill(running, bob, range(20))
    async with inbox(running.url, bob) as owner:
        await owner.say(Credit(11))
        first = await owner.deliveries(11)
        await owner.nothing_more()
        await owner.say(Credit(5))
        await owner.say(Credit(5))
        second = await owner.deliveries(9)
        assert {frame.eid for frame in first + second} == {eid(number) for number in range(20)}


async def test_credit_left_over_serves_what_arrives_later(running: Running, bob: Owner) -> None:
    async with inbox(running.url, bob) as owner:
        await owner.say(Credit(2))
        await fill(running, bob, range(3))
        assert {frame.eid for frame in await owner.deliveries(2)} <= {eid(number) for number in range(3)}
        await owner.nothing_more()


async def test_what_was_not_acknowledged_is_delivered_again_and_what_was_is_not(running: Running, bob: Owner) -> None:
    await fill(running, bob, range(4))
    async with inbox(running.url, bob) as owner:
        await owner.say(Credit(10))
        await owner.deliveries(4)
        assert await owner.ask(Ack(1, (eid(3), eid(0)))) == Done(1)
    async with inbox(running.url, bob) as owner:
        await owner.say(Credit(10))
        assert {frame.eid for frame in await owner.deliveries(2)} == {eid(1), eid(2)}
        await owner.nothing_more()


async def test_acknowledging_somebody_elses_eid_deletes_nothing(running: Running, bob: Owner) -> None:
    await fill(running, bob, range(1))
    async with inbox(running.url, Owner("eve")) as eve:
        await eve.ask(wire.Register(1, bytes(32)))
        assert await eve.ask(Ack(2, (eid(0),))) == Done(2)
    async with inbox(running.url, bob) as owner:
        await owner.say(Credit(1))
        await owner.deliveries(1)


async def test_an_envelope_past_its_ttl_is_not_delivered_and_the_sweep_forgets_it(running: Running, bob: Owner) -> None:
    await fill(running, bob, range(2))
    running.clock.now += 3600
    assert await running.relay.mailboxes.expire(running.clock()) == 0
    running.clock.now += 3600
    async with inbox(running.url, bob) as owner:
        await owner.say(Credit(5))
        await owner.nothing_more()
    assert await running.relay.mailboxes.expire(running.clock()) == 2


async def test_a_delivery_carries_the_day_and_a_stamp_that_the_relay_confirms(running: Running, bob: Owner) -> None:
    await fill(running, bob, range(1))
    async with inbox(running.url, bob) as owner:
        await owner.say(Credit(1))
        (sent,) = await owner.deliveries(1)
    key = running.relay.mailboxes.stamp_key
    assert sent.day == int(NOON // 86400)
    assert sent.key_id == key.id
    assert key.confirms(sent.stamp, sent.commitment, bob.mailbox, sent.eid, sent.day)
    assert not key.confirms(sent.stamp, sent.commitment, bob.mailbox, sent.eid, sent.day + 1)
    assert not key.confirms(sent.stamp, bytes(32), bob.mailbox, sent.eid, sent.day)


async def test_a_send_on_an_inbox_is_refused_stores_nothing_and_the_connection_survives(
    running: Running, bob: Owner
) -> None:
    async with inbox(running.url, bob) as owner:
        await owner.say(Credit(5))
        assert await owner.ask(send_to(bob)) == Rejected(7, RejectCode.WRONG_CONNECTION)
        await owner.nothing_more()


async def test_every_frame_before_the_login_is_refused_and_the_login_still_holds(running: Running, bob: Owner) -> None:
    async with inbox(running.url) as owner:
        for frame in (wire.Register(1, bytes(32)), Ack(1, ()), wire.Publish(1, b"b", ()), wire.Generation(1, 1)):
            assert await owner.ask(frame) == Rejected(1, RejectCode.NOT_LOGGED_IN)
        assert await owner.ask(Credit(5)) == Rejected(0, RejectCode.NOT_LOGGED_IN)
        assert isinstance(await owner.ask(bob.login(running.url, owner.nonce)), Welcome)


@pytest.mark.parametrize("wrong", ["key", "origin", "nonce", "mailbox", "generation", "signature", "no-point"])
async def test_a_login_that_does_not_fit_is_refused_and_the_connection_closed(
    running: Running, bob: Owner, wrong: str
) -> None:
    async with inbox(running.url) as owner:
        good = bob.login(running.url, owner.nonce)
        replace = msgspec.structs.replace
        login = {
            "key": replace(good, key=Owner("eve").public),
            "origin": bob.login("http://elsewhere.example", owner.nonce),
            "nonce": bob.login(running.url, bytes(32)),
            "mailbox": replace(good, mailbox=Owner("eve").mailbox),
            "generation": replace(good, generation=1),
            "signature": replace(good, signature=bytes(64)),
            "no-point": replace(good, key=b"\x02" + bytes(31), mailbox=wire.mailbox_of(b"\x02" + bytes(31))),
        }[wrong]
        assert await owner.ask(login) == Rejected(0, RejectCode.BAD_LOGIN)
        assert await owner.hear() is None
        assert owner.socket.close_code == 4004


async def test_a_login_replayed_on_another_connection_is_refused(running: Running, bob: Owner) -> None:
    async with inbox(running.url) as owner:
        login = bob.login(running.url, owner.nonce)
        assert isinstance(await owner.ask(login), Welcome)
    async with inbox(running.url) as thief:
        assert await thief.ask(login) == Rejected(0, RejectCode.BAD_LOGIN)


async def test_another_version_is_refused_by_name(running: Running, bob: Owner) -> None:
    async with inbox(running.url) as owner:
        login = msgspec.structs.replace(bob.login(running.url, owner.nonce), version=2)
        assert await owner.ask(login) == Rejected(0, RejectCode.VERSION)


async def test_all_names_of_this_machine_are_good_origins_for_a_relay_on_loopback(running: Running, bob: Owner) -> None:
    port = running.url.rpartition(":")[2]
    for host in ("localhost", "[::1]"):
        async with inbox(running.url) as owner:
            assert isinstance(await owner.ask(bob.login(f"http://{host}:{port}", owner.nonce)), Welcome)


async def test_the_newest_inbox_wins_and_the_older_one_is_told_why(running: Running, bob: Owner) -> None:
    async with inbox(running.url, bob) as older:
        await older.say(Credit(5))
        async with inbox(running.url, bob) as newer:
            assert await older.hear() is None
            assert older.socket.close_code == 4001
            await newer.say(Credit(5))
            await fill(running, bob, range(1))
            await newer.deliveries(1)


class Gated(SqliteStore):
    """A store whose reading and acknowledging wait for a test. `limits`: how much each reading asked for."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.limits: list[int] = []
        self.reading, self.acknowledging = asyncio.Event(), asyncio.Event()
        self.may_read, self.may_acknowledge = asyncio.Event(), asyncio.Event()

    async def waiting(self, mailbox: bytes, without: Collection[bytes], limit: int, hour: int) -> list[Envelope]:
        self.limits.append(limit)
        self.reading.set()
        await self.may_read.wait()
        return await super().waiting(mailbox, without, limit, hour)

    async def acknowledge(self, mailbox: bytes, eids: Sequence[bytes]) -> None:
        self.acknowledging.set()
        await self.may_acknowledge.wait()
        await super().acknowledge(mailbox, eids)


async def test_an_inbox_that_is_replaced_while_it_reads_reads_and_delivers_nothing_more(
    tmp_path: Path, clock: Clock
) -> None:
    store = Gated(tmp_path / "relay.sqlite")
    relay = relay_of(store, tmp_path, clock, (ORIGIN,))
    bob = Owner("bob")
    async with TestServer(application(relay)) as server, asyncio.timeout(30):
        url = str(server.make_url("")).rstrip("/")
        async with inbox(url) as older, inbox(url) as newer, drop(url) as sender:
            await older.ask(bob.login(ORIGIN, older.nonce))
            await older.ask(wire.Register(1, wire.token_digest(bob.token)))
            for number in range(20):
                assert await sender.ask(send_to(bob, number)) == Accepted(7)
            await older.say(Credit(11))
            await store.reading.wait()
            await older.say(Ack(2, ()))
            await store.acknowledging.wait()  # its connection is busy, so that it lives on for a moment
            assert isinstance(await newer.ask(bob.login(ORIGIN, newer.nonce)), Welcome)
            store.may_read.set()
            await newer.say(Credit(20))
            assert {frame.eid for frame in await newer.deliveries(20)} == {eid(number) for number in range(20)}
            store.may_acknowledge.set()
            assert await older.hear() is None
            assert older.socket.close_code == 4001
    await store.close()
    assert store.limits == [8, 8, 8, 4]


async def test_what_could_not_be_acknowledged_is_not_pushed_again_on_the_same_inbox(
    running: Running, bob: Owner
) -> None:
    await fill(running, bob, range(1))
    async with inbox(running.url, bob) as owner:
        await owner.say(Credit(5))
        await owner.deliveries(1)
        other = sqlite3.connect(running.data / "relay.sqlite", isolation_level=None)
        other.execute("CREATE TRIGGER jammed BEFORE DELETE ON envelopes BEGIN SELECT RAISE(ABORT, 'jammed'); END")
        refused = await owner.ask(Ack(1, (eid(0),)))
        assert isinstance(refused, Rejected)
        assert refused.code == RejectCode.UNAVAILABLE
        await owner.say(Credit(1))
        await owner.nothing_more()
        other.execute("DROP TRIGGER jammed")
        other.close()
        assert await owner.ask(Ack(2, (eid(0),))) == Done(2)


async def test_an_unregistered_mailbox_is_welcomed_as_such_and_can_only_register(running: Running) -> None:
    new = Owner("new")
    async with inbox(running.url) as owner:
        welcome = await owner.ask(new.login(running.url, owner.nonce))
        assert welcome == Welcome(registered=False, generation=0, prekeys_left=0, waiting=0)
        for frame in (wire.Publish(3, b"b", ()), wire.Invite(3, bytes(32), 60), wire.Generation(3, 4)):
            assert await owner.ask(frame) == Rejected(3, RejectCode.NOT_REGISTERED)
        assert await owner.ask(wire.Register(4, bytes(32))) == Done(4)
        assert await owner.ask(wire.Publish(5, b"b", ())) == Done(5)


async def test_a_device_restored_from_an_older_state_learns_it_at_login(running: Running, bob: Owner) -> None:
    async with inbox(running.url, bob.at(5)) as owner:
        assert await owner.ask(wire.Generation(1, 9)) == Done(1)
        assert await owner.ask(wire.Generation(2, 8)) == Rejected(2, RejectCode.ROLLED_BACK)
        assert await owner.ask(wire.Generation(3, 9)) == Done(3)
    async with inbox(running.url) as restored:
        welcome = await restored.ask(bob.at(6).login(running.url, restored.nonce))
        assert isinstance(welcome, Welcome)
        assert welcome.generation == 9


async def test_a_welcome_counts_prekeys_and_waiting_envelopes(running: Running, bob: Owner) -> None:
    async with inbox(running.url, bob) as owner:
        await owner.ask(wire.Publish(1, b"b", (b"one", b"two", b"two")))
    await fill(running, bob, range(3))
    async with inbox(running.url) as owner:
        assert await owner.ask(bob.login(running.url, owner.nonce)) == Welcome(True, 0, prekeys_left=2, waiting=3)


async def test_a_second_login_on_one_inbox_is_refused(running: Running, bob: Owner) -> None:
    async with inbox(running.url, bob) as owner:
        assert await owner.ask(bob.login(running.url, owner.nonce)) == Rejected(0, RejectCode.MALFORMED)


async def test_more_one_time_prekeys_than_may_be_kept_are_refused_as_a_whole(running: Running, bob: Owner) -> None:
    async with inbox(running.url, bob) as owner:
        for first in range(0, 96, 16):
            prekeys = tuple(bytes([first + number]) for number in range(16))
            assert await owner.ask(wire.Publish(1, b"b", prekeys)) == Done(1)
        refused = await owner.ask(wire.Publish(2, b"changed", tuple(bytes([100 + number]) for number in range(5))))
        assert isinstance(refused, Rejected)
        assert refused.code == RejectCode.FULL
    async with drop(running.url) as sender:
        assert await sender.ask(wire.FetchBundle(1, bob.mailbox, bob.token)) == wire.Bundle(1, b"b")
