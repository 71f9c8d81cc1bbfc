"""kill -9 at any moment: nothing accepted is lost, nothing acknowledged comes back."""

from __future__ import annotations

import asyncio
import contextlib
import random
from pathlib import Path

import aiohttp
import pytest

from foreseal_relay import wire
from relay_peer import Owner, body, drop, eid, inbox, registered, send_to
from relay_process import RelayProcess


class Ledger:
    """What the relay said, and therefore owes."""

    def __init__(self) -> None:
        self.sent = 0
        self.accepted: set[bytes] = set()
        self.acknowledged: set[bytes] = set()
        self.received: set[bytes] = set()


async def keep_sending(url: str, owner: Owner, ledger: Ledger, enough: int, reached: asyncio.Event) -> None:
    """Sends without waiting for answers, until the connection dies."""
    under_way: dict[int, bytes] = {}
    accepted_before = len(ledger.accepted)
    async with drop(url) as sender:

        async def listen() -> None:
            while (answer := await sender.hear()) is not None:
                assert isinstance(answer, wire.Accepted), answer
                ledger.accepted.add(under_way.pop(answer.req))
                if len(ledger.accepted) - accepted_before >= enough:
                    reached.set()

        listening = asyncio.create_task(listen())
        with contextlib.suppress(aiohttp.ClientError, ConnectionError):
            while not listening.done():
                ledger.sent += 1
                under_way[ledger.sent] = eid(ledger.sent)
                await sender.say(send_to(owner, ledger.sent, req=ledger.sent))
                await asyncio.sleep(0)
        await listening


async def receive_everything(url: str, owner: Owner, ledger: Ledger, rng: random.Random) -> None:
    """Takes all that waits, and acknowledges a random half of it."""
    async with inbox(url) as peer:
        welcome = await peer.ask(owner.login(url, peer.nonce))
        assert isinstance(welcome, wire.Welcome)
        await peer.say(wire.Credit(wire.MAX_CREDIT))
        received = await peer.deliveries(welcome.waiting)
        for delivery in received:
            assert delivery.body == body(int.from_bytes(delivery.eid, "big"))
        eids = [delivery.eid for delivery in received]
        assert len(set(eids)) == len(eids)
        assert not ledger.acknowledged & set(eids)
        ledger.received.update(eids)
        some = tuple(one for one in eids if rng.random() < 0.5)
        for first in range(0, len(some), wire.MAX_ACK):
            part = some[first : first + wire.MAX_ACK]
            assert await peer.ask(wire.Ack(first, part)) == wire.Done(first)
            ledger.acknowledged.update(part)


@pytest.mark.parametrize("seed", range(3))
async def test_a_relay_killed_while_it_accepts_loses_nothing_and_repeats_nothing(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    ledger = Ledger()
    with RelayProcess(tmp_path / "data") as relay:
        bob = await registered(relay.url, Owner("bob"))
        for _ in range(2):
            reached = asyncio.Event()
            sending = asyncio.create_task(keep_sending(relay.url, bob, ledger, rng.randrange(1, 120), reached))
            waiting = asyncio.create_task(reached.wait())
            await asyncio.wait([sending, waiting], return_when=asyncio.FIRST_COMPLETED)
            relay.kill()
            await sending
            assert waiting.done()
            relay.restart()
            await receive_everything(relay.url, bob, ledger, rng)
            assert ledger.accepted <= ledger.received
        await receive_everything(relay.url, bob, ledger, rng)


async def test_a_send_whose_answer_was_lost_is_a_duplicate_after_the_restart(tmp_path: Path) -> None:
    with RelayProcess(tmp_path / "data") as relay:
        bob = await registered(relay.url, Owner("bob"))
        async with drop(relay.url) as sender:
            assert await sender.ask(send_to(bob)) == wire.Accepted(7)
            relay.kill()
        relay.restart()
        async with drop(relay.url) as sender:
            assert await sender.ask(send_to(bob)) == wire.Duplicate(7)


async def test_a_prekey_claimed_before_a_kill_is_not_given_to_somebody_else_after_it(tmp_path: Path) -> None:
    tokens = [bytes([number]) * 32 for number in (1, 2)]
    claimed = []
    with RelayProcess(tmp_path / "data") as relay:
        bob = await registered(relay.url, Owner("bob"))
        async with inbox(relay.url, bob) as owner:
            await owner.ask(wire.Publish(1, b"bundle", (b"one", b"two")))
            for token in tokens:
                await owner.ask(wire.Invite(2, wire.token_digest(token), 3600))
        for token in tokens:
            async with drop(relay.url) as sender:
                answer = await sender.ask(wire.FetchBundle(1, bob.mailbox, token))
                assert isinstance(answer, wire.Bundle)
                claimed.append(answer.one_time)
            relay.kill()
            relay.restart()
    assert claimed == [b"one", b"two"]
