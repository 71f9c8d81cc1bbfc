"""A way out that nobody sees: under pressure, blocking, keeping and getting help make no traffic."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from foreseal_client.cli.pressured import pressured
from foreseal_client.draft import Draft
from foreseal_client.events import MessageChanged
from foreseal_client.keeping import export, open_evidence
from foreseal_client.outbound import Queued, Resting
from foreseal_client.safeguard_settings import begin_young
from foreseal_client.safeguards.passcode import Lock
from foreseal_client.store import Standing, State
from foreseal_matcher import Bytes
from sample_stores import CHEAP
from stage_fixture import accept, arrival, setting

ACKNOWLEDGED = 200
"""Bytes that acknowledging one envelope may take; registering another delivery token would come on top."""
FILE = Bytes(b"%PDF-1.7 and so on", "letter.pdf")


async def test_help_keeping_blocking_and_a_moment_make_no_traffic(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        begin_young(bob.device, Lock.new("Aunt Mo", "open sesame", CHEAP))
        covered = await arrival(bob, await accept(alice, Draft("look", (FILE,))))
        assert covered.state is State.COVERED
        uncovered = await bob.messenger.reveal(covered)
        assert getattr(uncovered, "state", None) is State.SHOWN
        before = bob.tap.passed()
        asked = await bob.messenger.send(bob.peer, Draft("mine", (FILE,)))
        assert isinstance(asked, Resting)
        helped = CliRunner().invoke(pressured, ["lines", "--region", "GB"])
        assert "0800 1111" in helped.output
        assert bob.messenger.requests.keep(bob.peer) == 1
        assert export(bob.device, tmp_path / "evidence", "correct horse", CHEAP) == 1
        bob.messenger.requests.block(bob.peer)
        assert bob.peer.standing is Standing.BLOCKED
        assert bob.tap.passed() == before
        # Whatever had been poked by any of this would have run by the time that something else has gone both ways.
        await accept(alice, Draft("are you there"))
        during = bob.tap.passed()
        assert during.connections == before.connections
        assert during.bytes - before.bytes < ACKNOWLEDGED
        assert [exhibit.proven for exhibit in open_evidence(tmp_path / "evidence", "correct horse")] == [True]


async def test_what_is_not_a_moment_leaves_as_ever_and_the_tap_sees_it(tmp_path: Path) -> None:
    """The control of the test above: the same tap sees a file that goes after the moment."""
    async with setting(tmp_path) as stage:
        bob = stage.bob
        begin_young(bob.device, Lock.new("Aunt Mo", "open sesame", CHEAP))
        before = bob.tap.passed()
        outcome = await bob.messenger.send(bob.peer, Draft("mine", (FILE,)), rested=True)
        assert isinstance(outcome, Queued)
        sent = outcome.message.id
        await bob.until(MessageChanged, lambda e: e.message.id == sent and e.message.state is State.SENT)
        assert bob.tap.passed().bytes > before.bytes
