"""Sending: over a real socket, anonymous, one recipient."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import aiohttp
import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from foreseal_relay import wire
from foreseal_relay.app import application
from foreseal_relay.limits import MAX_FAULTS, MAX_WAITING, OLD_TOKEN_DAYS, OLD_TOKEN_SENDS, SENDS_UNDER_WAY
from foreseal_relay.relay import Relay
from foreseal_relay.store import Envelope, Outcome, SqliteStore
from foreseal_relay.wire import Accepted, Bundle, Done, Duplicate, FetchBundle, RejectCode, Rejected
from relay_peer import Clock, Owner, Running, drop, eid, inbox, registered, relay_of, send_to, until


async def test_an_envelope_is_on_disk_before_it_is_accepted(running: Running, bob: Owner) -> None:
    async with drop(running.url) as sender:
        assert await sender.ask(send_to(bob)) == Accepted(7)
        other = sqlite3.connect(running.data / "relay.sqlite")
        assert other.execute("SELECT eid FROM envelopes").fetchall() == [(eid(1),)]
        other.close()


async def test_of_one_drop_so_many_sends_are_under_way_and_the_others_wait_in_its_socket(
    running: Running, bob: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, go_on, asked = running.relay.mailboxes.store, asyncio.Event(), 0
    putting = store.put

    async def slowly(envelope: Envelope, token: bytes, hour: int) -> Outcome:
        nonlocal asked
        asked += 1
        await go_on.wait()
        return await putting(envelope, token, hour)

    monkeypatch.setattr(store, "put", slowly)
    async with drop(running.url) as sender:
        for number in range(SENDS_UNDER_WAY + 40):
            await sender.say(send_to(bob, number, req=number))
        await until(lambda: asked == SENDS_UNDER_WAY)
        for _ in range(200):  # turns in which more of them could be taken
            await asyncio.sleep(0)
        assert asked == SENDS_UNDER_WAY
        go_on.set()
        answers = {await sender.hear() for _ in range(SENDS_UNDER_WAY + 40)}
    assert answers == {Accepted(number) for number in range(SENDS_UNDER_WAY + 40)}


async def test_the_same_eid_again_is_a_duplicate_and_stored_once(running: Running, bob: Owner) -> None:
    async with drop(running.url) as sender:
        await sender.ask(send_to(bob))
        assert await sender.ask(send_to(bob)) == Duplicate(7)
    async with inbox(running.url, bob) as owner:
        await owner.say(wire.Credit(10))
        await owner.deliveries(1)
        await owner.nothing_more()


async def test_a_retry_after_the_acknowledgement_is_a_duplicate_and_delivers_nothing(
    running: Running, bob: Owner
) -> None:
    async with drop(running.url) as sender, inbox(running.url, bob) as owner:
        await sender.ask(send_to(bob))
        await owner.say(wire.Credit(10))
        await owner.deliveries(1)
        assert await owner.ask(wire.Ack(1, (eid(1),))) == Done(1)
        assert await sender.ask(send_to(bob)) == Duplicate(7)
        await owner.nothing_more()


async def test_unknown_mailbox_and_bad_token_get_the_same_bytes(running: Running, bob: Owner) -> None:
    answers = []
    for frame in (send_to(Owner("nobody")), send_to(bob, token=bytes(32)), send_to(bob, token=b"\xff" * 32)):
        async with drop(running.url) as sender:
            await sender.socket.send_bytes(wire.encode(frame))
            answers.append((await sender.socket.receive(timeout=20)).data)
    assert set(answers) == {wire.encode(Rejected(7, RejectCode.NOT_DELIVERABLE))}


async def test_asking_for_a_bundle_does_not_tell_an_unknown_mailbox_from_a_bad_token(
    running: Running, bob: Owner
) -> None:
    async with inbox(running.url, bob) as owner:
        await owner.ask(wire.Publish(1, b"bundle", ()))
    answers = []
    for frame in (FetchBundle(7, Owner("nobody").mailbox, bob.token), FetchBundle(7, bob.mailbox, bytes(32))):
        async with drop(running.url) as sender:
            await sender.socket.send_bytes(wire.encode(frame))
            answers.append((await sender.socket.receive(timeout=20)).data)
    assert set(answers) == {wire.encode(Rejected(7, RejectCode.NOT_DELIVERABLE))}


async def test_a_second_recipient_is_refused_and_the_first_still_served(running: Running, bob: Owner) -> None:
    carol = await registered(running.url, Owner("carol"))
    async with drop(running.url) as sender:
        assert await sender.ask(send_to(bob, 1)) == Accepted(7)
        assert await sender.ask(send_to(carol, 2)) == Rejected(7, RejectCode.SECOND_RECIPIENT)
        assert await sender.ask(send_to(bob, 3)) == Accepted(7)


async def test_a_frame_of_an_inbox_is_refused_on_a_drop(running: Running, bob: Owner) -> None:
    async with drop(running.url) as sender:
        assert await sender.ask(wire.Ack(5, (eid(1),))) == Rejected(5, RejectCode.WRONG_CONNECTION)
        assert await sender.ask(send_to(bob)) == Accepted(7)


async def test_bodies_of_other_lengths_are_refused_and_nothing_is_stored(running: Running, bob: Owner) -> None:
    async with drop(running.url) as sender:
        for size in (0, 1, 4095, 4097, 16383, 65535):
            frame = msgspec.structs.replace(send_to(bob), body=bytes(size))
            assert await sender.ask(frame) == Rejected(7, RejectCode.BAD_SIZE), size
        assert await sender.ask(send_to(bob)) == Accepted(7)


async def test_each_of_the_three_body_sizes_arrives_as_it_was_sent(running: Running, bob: Owner) -> None:
    async with drop(running.url) as sender, inbox(running.url, bob) as owner:
        await owner.say(wire.Credit(3))
        for number, size in enumerate(wire.BODY_SIZES):
            sent = msgspec.structs.replace(send_to(bob, number), body=bytes([number]) * size)
            assert await sender.ask(sent) == Accepted(7)
            (delivered,) = await owner.deliveries(1)
            assert (delivered.eid, delivered.commitment, delivered.body) == (sent.eid, sent.commitment, sent.body)


async def test_text_is_malformed_and_the_connection_survives(running: Running, bob: Owner) -> None:
    async with drop(running.url) as sender:
        await sender.socket.send_str("hello")
        assert await sender.hear() == Rejected(0, RejectCode.MALFORMED)
        assert await sender.ask(send_to(bob)) == Accepted(7)


async def test_a_message_longer_than_a_frame_closes_the_connection_as_too_big(running: Running) -> None:
    async with drop(running.url) as sender:
        assert await sender.ask_raw(bytes(wire.MAX_FRAME + 2)) is None
        assert sender.socket.close_code == 1009


async def test_a_message_of_the_greatest_length_is_only_malformed(running: Running, bob: Owner) -> None:
    async with drop(running.url) as sender:
        assert await sender.ask_raw(bytes(wire.MAX_FRAME)) == Rejected(0, RejectCode.MALFORMED)
        assert await sender.ask(send_to(bob)) == Accepted(7)


async def test_a_peer_that_sends_nothing_but_faults_is_closed(running: Running) -> None:
    async with drop(running.url) as sender:
        for _ in range(MAX_FAULTS):
            assert await sender.ask_raw(b"\xc1") == Rejected(0, RejectCode.MALFORMED)
        assert await sender.hear() is None
        assert sender.socket.close_code == 4003


async def test_a_full_mailbox_says_when_to_try_again_and_an_acknowledgement_makes_room(
    running: Running, bob: Owner
) -> None:
    async with drop(running.url) as sender, inbox(running.url, bob) as owner:
        answers = []
        for first in range(0, MAX_WAITING, 50):
            for number in range(first, first + 50):
                await sender.say(send_to(bob, number))
            answers += [await sender.hear() for _ in range(50)]
        assert set(answers) == {Accepted(7)}
        refused = await sender.ask(send_to(bob, MAX_WAITING))
        assert isinstance(refused, Rejected)
        assert (refused.code, refused.retry_after > 0) == (RejectCode.FULL, True)
        await owner.ask(wire.Ack(1, (eid(0),)))
        assert await sender.ask(send_to(bob, MAX_WAITING)) == Accepted(7)


async def test_an_invitation_carries_so_many_envelopes_and_a_retry_costs_nothing(running: Running, bob: Owner) -> None:
    token = b"i" * 32
    async with inbox(running.url, bob) as owner:
        assert await owner.ask(wire.Invite(1, wire.token_digest(token), 3600)) == Done(1)
    async with drop(running.url) as sender:
        for number in range(wire.INVITATION_SENDS):
            assert await sender.ask(send_to(bob, number, token=token)) == Accepted(7)
            assert await sender.ask(send_to(bob, number, token=token)) == Duplicate(7)
        assert await sender.ask(send_to(bob, 99, token=token)) == Rejected(7, RejectCode.NOT_DELIVERABLE)


async def test_an_expired_invitation_opens_nothing(running: Running, bob: Owner) -> None:
    token = b"i" * 32
    async with inbox(running.url, bob) as owner:
        await owner.ask(wire.Publish(1, b"bundle", ()))
        await owner.ask(wire.Invite(2, wire.token_digest(token), 3600))
    running.clock.now += 2 * 3600
    async with drop(running.url) as sender:
        assert await sender.ask(send_to(bob, token=token)) == Rejected(7, RejectCode.NOT_DELIVERABLE)
        assert await sender.ask(FetchBundle(8, bob.mailbox, token)) == Rejected(8, RejectCode.NOT_DELIVERABLE)


async def test_concurrent_claims_never_get_the_same_one_time_prekey(running: Running, bob: Owner) -> None:
    prekeys = tuple(bytes([number]) * 32 for number in range(16))
    tokens = [bytes([number]) * 32 for number in range(20)]
    async with inbox(running.url, bob) as owner:
        await owner.ask(wire.Publish(1, b"bundle", prekeys))
        for number, token in enumerate(tokens):
            assert await owner.ask(wire.Invite(number, wire.token_digest(token), 3600)) == Done(number)

    async def claim(token: bytes) -> bytes | None:
        async with drop(running.url) as sender:
            first = await sender.ask(FetchBundle(1, bob.mailbox, token))
            again = await sender.ask(FetchBundle(1, bob.mailbox, token))
            assert isinstance(first, Bundle)
            assert first == again
            return first.one_time

    claimed = await asyncio.gather(*map(claim, tokens))
    assert sorted(prekey for prekey in claimed if prekey) == sorted(prekeys)
    assert claimed.count(None) == len(tokens) - len(prekeys)


async def test_a_delivery_token_gets_the_bundle_and_no_one_time_prekey(running: Running, bob: Owner) -> None:
    async with inbox(running.url, bob) as owner:
        await owner.ask(wire.Publish(1, b"bundle", (b"prekey",)))
    async with drop(running.url) as sender:
        assert await sender.ask(FetchBundle(7, bob.mailbox, bob.token)) == Bundle(7, b"bundle", None)
    async with inbox(running.url) as owner:
        welcome = await owner.ask(bob.login(running.url, owner.nonce))
        assert isinstance(welcome, wire.Welcome)
        assert welcome.prekeys_left == 1


async def test_a_replaced_delivery_token_brings_few_envelopes_more_and_then_none(running: Running, bob: Owner) -> None:
    async with inbox(running.url, bob) as owner:
        await owner.ask(wire.Register(1, wire.token_digest(b"n" * 32)))
    async with drop(running.url) as sender:
        for number in range(OLD_TOKEN_SENDS):
            assert await sender.ask(send_to(bob, number)) == Accepted(7)
        assert await sender.ask(send_to(bob, 99)) == Rejected(7, RejectCode.NOT_DELIVERABLE)
        assert await sender.ask(send_to(bob, 99, token=b"n" * 32)) == Accepted(7)


async def test_a_replaced_delivery_token_ends_after_two_weeks(running: Running, bob: Owner) -> None:
    async with inbox(running.url, bob) as owner:
        await owner.ask(wire.Register(1, wire.token_digest(b"n" * 32)))
    running.clock.now += (OLD_TOKEN_DAYS + 1) * 86400
    async with drop(running.url) as sender:
        assert await sender.ask(send_to(bob)) == Rejected(7, RejectCode.NOT_DELIVERABLE)


@pytest.fixture
def upgrade_gate(store: SqliteStore, tmp_path: Path, clock: Clock) -> UpgradeGate:
    relay = relay_of(store, tmp_path, clock)
    return UpgradeGate(relay)


class UpgradeGate:
    """A relay's application whose upgrades wait: the moment in which a connection is there and not open yet."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.app = application(relay)
        self.reached, self.passed = asyncio.Event(), asyncio.Event()
        self.fault: Exception | None = None
        self.app.on_response_prepare.append(self._wait)

    async def _wait(self, _: web.Request, response: web.StreamResponse) -> None:
        if isinstance(response, web.WebSocketResponse):
            self.reached.set()
            await self.passed.wait()
            if self.fault is not None:
                raise self.fault


async def test_a_connection_that_opens_while_the_relay_says_goodbye_is_told_so_too(upgrade_gate: UpgradeGate) -> None:
    async with (
        TestServer(upgrade_gate.app) as server,
        aiohttp.ClientSession() as session,
        asyncio.timeout(30),
    ):
        opening = asyncio.create_task(session.ws_connect(server.make_url("/v1/drop")))
        await upgrade_gate.reached.wait()
        await upgrade_gate.relay.say_goodbye()
        upgrade_gate.passed.set()
        socket = await opening
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 1001


async def test_a_fault_before_the_upgrade_is_answered_over_http_and_logged_once(
    upgrade_gate: UpgradeGate, caplog: pytest.LogCaptureFixture
) -> None:
    upgrade_gate.fault = KeyError("quoted")
    upgrade_gate.passed.set()
    async with TestServer(upgrade_gate.app) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(server.make_url("/v1/drop"))
    assert refused.value.status == 500
    assert not upgrade_gate.relay.connections
    (record,) = (record for record in caplog.records if record.levelname == "ERROR")
    assert record.getMessage().startswith("fault KeyError at ")
    assert "quoted" not in record.getMessage()


async def test_a_fault_of_the_relays_own_closes_that_connection_alone_and_the_log_names_only_the_place(
    running: Running, bob: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    noon = running.clock.now
    async with drop(running.url) as unlucky, drop(running.url) as lucky:
        running.clock.now = float("nan")
        assert await unlucky.ask(send_to(bob)) is None
        assert unlucky.socket.close_code == 1011
        running.clock.now = noon
        assert await lucky.ask(send_to(bob)) == Accepted(7)
    (record,) = (record for record in caplog.records if record.levelname == "ERROR")
    assert record.getMessage().startswith("fault ValueError at day_of:")
    assert "NaN" not in record.getMessage()
