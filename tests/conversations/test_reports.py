"""From a message that somebody was sent to the first device that stops it, and back: nothing in it is faked."""

from __future__ import annotations

import asyncio
from pathlib import Path

from desk_stage import REVIEWER, agree, at, new_desk
from foreseal_client.demo.stage import Stage
from foreseal_client.desk.cases import Kind, State
from foreseal_client.desk.listing import Proposal, propose
from foreseal_client.desk.room import Desk
from foreseal_client.desk.running import collect
from foreseal_client.draft import Draft
from foreseal_client.events import MessageChanged
from foreseal_client.handing_over import hand_in
from foreseal_client.publishing.listed import open_to_publish
from foreseal_client.publishing.publishing import prepare_list
from foreseal_client.relay_link import SocketLink
from foreseal_client.reporting import appeal_of, report_of, told_of
from foreseal_client.reports.proof import Finding
from foreseal_client.reports.said import Category
from foreseal_client.store import Ground
from foreseal_client.store import State as MessageState
from foreseal_client.updates.fetching import fetcher_for
from foreseal_client.updates.updating import update
from foreseal_matcher import Bytes, Match
from foreseal_matcher.lists import FollowedLists, Purpose
from sample_pictures import encoded, picture
from sample_repositories import NOW, TODAY, Publisher
from stage_fixture import accept, arrival, read, setting, stopped


async def collected(folder: Path, stage: Stage) -> Desk:
    desk = at(folder)
    async with SocketLink(stage.relay.url) as link:
        await collect(desk, link)
    return desk


async def test_a_report_becomes_an_entry_that_stops_and_an_appeal_takes_it_off_again(tmp_path: Path) -> None:
    sent = encoded(picture(31), "PNG")
    publisher = Publisher.beginning(tmp_path / "publisher")
    source, in_force, listed = str(publisher.repository.folder), tmp_path / "list", tmp_path / "desk-list"
    async with setting(tmp_path) as stage:
        new_desk(tmp_path / "desk", stage.relay.url)
        desk = await collected(tmp_path / "desk", stage)
        card = desk.account.card()
        desk.close()
        alice, bob = stage.alice, stage.bob
        other = await arrival(bob, await accept(alice, Draft("nobody reports this")))
        bad = await arrival(bob, await accept(alice, Draft("look at this", (Bytes(sent, "one.png"),))))

        report = report_of([bad], Category.CHILD_ABUSE, "please look", bob.device)
        told = "\n".join(f"{name} {value}" for name, value in told_of(report, bob.device))
        assert "look at this" in told
        assert "one.png" in told
        assert other.text not in told
        await hand_in(report, card, bob.device, bob.messenger.first_contact)

        desk = await collected(tmp_path / "desk", stage)
        (case,) = (desk.tables.case(found.id) for found in desk.tables.queue())
        assert case is not None
        assert case.kind is Kind.REPORT
        (evidence,) = case.evidence
        assert (evidence.finding, evidence.text, evidence.sender) == (
            Finding.PROVEN,
            "look at this",
            alice.device.identity,
        )
        assert [read(file) for file in case.files] == [sent]
        desk.close()
        everything = b"".join(p.read_bytes() for p in (tmp_path / "desk").rglob("*") if p.is_file())
        assert b"look at this" not in everything
        assert sent[:64] not in everything

        agree(tmp_path / "desk", case.id)
        await _publish(tmp_path / "desk", listed, publisher)
        await asyncio.to_thread(update, source, fetcher_for(source), in_force, TODAY, root=publisher.root)
        await alice.device.follow(FollowedLists([in_force]))
        outcome = await stopped(alice, Draft("again", (Bytes(sent, "two.png"),)))
        assert isinstance(outcome.held.verdict, Match)
        held = outcome.message

        # It was wrong, says the one whom it stopped; two people at the desk agree, and it comes off.
        with alice.device.store.transaction():
            alice.device.store.appeals.put(held.id, Ground.WRONGLY_LISTED, "it is my own", at=alice.device.now)
        await hand_in(appeal_of(held, alice.device), card, alice.device, alice.messenger.first_contact)
        desk = await collected(tmp_path / "desk", stage)
        (appeal,) = desk.tables.queue()
        desk.close()
        assert (appeal.kind, appeal.entry) == (
            Kind.APPEAL,
            held.verdict.entry.id if isinstance(held.verdict, Match) else 0,
        )
        agree(tmp_path / "desk", appeal.id)
        await _publish(tmp_path / "desk", listed, publisher)
        await asyncio.to_thread(update, source, fetcher_for(source), in_force, TODAY, root=publisher.root)
        await alice.device.newest_lists()
        await alice.until(MessageChanged, lambda e: (e.message.id, e.message.state) == (held.id, MessageState.RELEASED))
        desk = at(tmp_path / "desk", REVIEWER)
        assert {desk.tables.case(id).state for id in (case.id, appeal.id)} == {State.WITHDRAWN}  # type: ignore[union-attr]
        desk.close()


async def _publish(folder: Path, listed: Path, publisher: Publisher) -> None:
    desk = at(folder)
    made = propose(desk, listed, name="desk", purpose=Purpose.SYNTHETIC)
    desk.close()
    assert isinstance(made, Proposal), made
    assert prepare_list(publisher.repository, open_to_publish(listed, TODAY), NOW)
    publisher.complete()
