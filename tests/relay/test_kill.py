"""kill -9 at any moment: nothing accepted is lost, nothing acknowledged comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from dying_relay import POINTS
from foreseal_relay import wire
from relay_ledger import Ledger, deaths
from relay_peer import Owner, body, drop, eid, inbox, registered, send_to
from relay_process import RelayProcess


async def test_a_relay_killed_ten_times_loses_nothing_and_repeats_nothing_acknowledged(tmp_path: Path) -> None:
    """After a commit and before its answer, between delivery and acknowledgement, in a checkpoint, before and after a
    blob has its name, and whenever it comes."""
    ledger = await deaths(tmp_path, seed=1, rounds=10)
    assert ledger.deaths == dict.fromkeys((*POINTS, "whenever"), 1) | dict.fromkeys(POINTS[:4], 2)
    assert ledger.lost() == set()
    assert len(ledger.accepted) > 10
    assert ledger.blobs


def test_a_ledger_tells_what_is_lost_altered_or_delivered_after_it_was_acknowledged() -> None:
    def delivery(number: int, text: bytes) -> wire.Deliver:
        return wire.Deliver(eid(number), bytes(32), 1, bytes(8), text, bytes(32))

    ledger = Ledger(accepted={eid(1), eid(2)})
    ledger.take(delivery(1, body(1)))
    ledger.take(delivery(1, body(1)))
    assert (ledger.lost(), ledger.repeats) == ({eid(2)}, 1)
    with pytest.raises(AssertionError, match="altered"):
        ledger.take(delivery(2, body(1)))
    ledger.acknowledged.add(eid(1))
    with pytest.raises(AssertionError, match="delivered again"):
        ledger.take(delivery(1, body(1)))


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
