"""What cannot be handed to a desk now is kept, in a sentence, and handed in later; a flood ends at its tokens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from desk_stage import at, new_desk
from drawn_tokens import draw
from foreseal_client.demo.stage import Person
from foreseal_client.desk.room import Desk
from foreseal_client.desk.running import collect
from foreseal_client.draft import Draft
from foreseal_client.drawing import Drawing
from foreseal_client.errors import CardError, NoTokenError, RolledBackError
from foreseal_client.events import MessageChanged, OtherKeys
from foreseal_client.handing_over import bring_kept, hand_in, take_back
from foreseal_client.outbound import Queued
from foreseal_client.relay_link import SocketLink
from foreseal_client.reports.said import Category, TipOff
from foreseal_client.store import Contact, Progress, State
from foreseal_relay.store import SqliteStore
from foreseal_relay.token_wire import ALLOWANCE, Kind, epoch_of, read_issuer_list
from foreseal_relay.tokens import Issuer
from town import Town, a_town, drawn


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path) as town:
        yield town


@pytest.fixture
async def desk(town: Town) -> AsyncIterator[Desk]:
    new_desk(town.folder / "desk", town.url)
    desk = at(town.folder / "desk")
    await collected(desk, town)
    yield desk
    desk.close()


async def collected(desk: Desk, town: Town) -> int:
    async with SocketLink(town.url) as link:
        return len(await collect(desk, link))


def tip(number: int) -> TipOff:
    return TipOff(Category.OTHER, "", f"https://found.example/{number}")


def tokens(person: Person, town: Town, kind: Kind, count: int) -> None:
    """A purse with so many new tokens of a kind, and no others of it."""
    device, now = person.device, time.time()
    with device.store.transaction():
        device.store._database.run("DELETE FROM tokens WHERE kind = ?", kind.value)
        drawn = draw(town.relay.mailboxes.issuer, kind, now, count) if count else []
        device.store.purse.put(town.url, kind, epoch_of(device.today), drawn, device.today)


def states(person: Person) -> list[Progress]:
    return [row.state for row in person.device.store.handed_in.all()]


async def test_a_flood_ends_at_the_days_tokens_and_what_is_over_goes_another_day(town: Town, desk: Desk) -> None:
    alice = await town.person("Alice")
    card, first = desk.account.card(), alice.messenger.first_contact
    await drawn(alice)
    assert alice.device.store.purse.left(town.url, Kind.REPORT) == ALLOWANCE[Kind.REPORT]
    handed = [await hand_in(tip(number), card, alice.device, first) for number in range(ALLOWANCE[Kind.REPORT] + 1)]
    assert [bool(one.waits) for one in handed] == [False] * ALLOWANCE[Kind.REPORT] + [True]
    assert "used up" in handed[-1].waits
    assert "kept on this device" in handed[-1].waits
    assert states(alice) == [Progress.RECEIVED] * ALLOWANCE[Kind.REPORT] + [Progress.WAITING]
    assert await collected(desk, town) == ALLOWANCE[Kind.REPORT]
    assert alice.device.store.purse.left(town.url, Kind.FIRST_CONTACT) == ALLOWANCE[Kind.FIRST_CONTACT]

    await alice.leave()
    tokens(alice, town, Kind.REPORT, 1)
    await alice.come()  # by itself, with the next connection
    await until_handed_in(alice)
    assert await collected(desk, town) == 1
    assert len(desk.tables.queue()) == ALLOWANCE[Kind.REPORT] + 1


async def test_what_a_desk_cannot_take_today_waits_and_what_could_never_be_taken_is_not_kept(
    town: Town, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await town.person("Alice")
    card, device, first = desk.account.card(), alice.device, alice.messenger.first_contact
    monkeypatch.setattr("foreseal_relay.limits.REPORTS_A_DAY", 0)
    waiting = await hand_in(tip(1), card, device, first)
    assert "takes nothing more today" in waiting.waits
    assert [(one.number, bool(one.waits)) for one in await bring_kept(device, first)] == [(waiting.number, True)]
    monkeypatch.undo()
    await take_back(waiting.number, device, first)
    assert await bring_kept(device, first) == []  # what was taken back does not go any more
    assert states(alice) == [Progress.TAKEN_BACK]
    with pytest.raises(CardError):
        await hand_in(tip(2), card[:-4], device, first)
    with pytest.raises(ValueError, match="too-much"):
        await hand_in(TipOff(Category.OTHER, "x" * 100_000, "https://found.example"), card, device, first)
    assert states(alice) == [Progress.TAKEN_BACK]


async def test_what_is_taken_back_before_it_left_does_not_go_also_where_the_desk_cannot_be_told(
    town: Town, desk: Desk
) -> None:
    alice = await town.person("Alice")
    device, first = alice.device, alice.messenger.first_contact
    tokens(alice, town, Kind.REPORT, 0)
    waiting = await hand_in(tip(1), desk.account.card(), device, first)
    with pytest.raises(NoTokenError):
        await take_back(waiting.number, device, first)
    assert [row.said for row in device.store.handed_in.all()] == [None]
    tokens(alice, town, Kind.REPORT, 2)
    assert await bring_kept(device, first) == []
    assert await collected(desk, town) == 0
    await take_back(waiting.number, device, first)  # and once more, for the desk
    assert states(alice) == [Progress.TAKEN_BACK]


async def test_who_is_cut_off_while_handing_in_has_not_lost_it(town: Town, desk: Desk) -> None:
    alice = await town.person("Alice")
    device, first = alice.device, alice.messenger.first_contact
    handing = asyncio.create_task(hand_in(tip(1), desk.account.card(), device, first))
    await asyncio.sleep(0)
    handing.cancel()
    await asyncio.wait({handing})
    assert handing.cancelled()
    assert states(alice) == [Progress.WAITING]
    assert [one.waits for one in await bring_kept(device, first)] == [""]
    assert await collected(desk, town) == 1


async def test_what_was_taken_back_on_its_way_stays_taken_back(town: Town, desk: Desk) -> None:
    alice = await town.person("Alice")
    device, first = alice.device, alice.messenger.first_contact
    handing = asyncio.create_task(hand_in(tip(1), desk.account.card(), device, first))
    await asyncio.sleep(0)
    (row,) = device.store.handed_in.all()
    with device.store.transaction():
        device.store.handed_in.move(row.number, Progress.TAKEN_BACK)
    assert not (await handing).waits
    assert states(alice) == [Progress.TAKEN_BACK]
    assert await collected(desk, town) == 2, "the desk was not told after it had what was taken back"


async def test_a_device_that_has_stopped_keeps_no_report_and_shows_no_token(town: Town, desk: Desk) -> None:
    alice = await town.person("Alice")
    device, first = alice.device, alice.messenger.first_contact
    tokens(alice, town, Kind.REPORT, 0)
    waiting = await hand_in(tip(1), desk.account.card(), device, first)
    tokens(alice, town, Kind.REPORT, 3)
    device.note_rolled_back()
    with pytest.raises(RolledBackError):
        await hand_in(tip(2), desk.account.card(), device, first)
    with pytest.raises(RolledBackError):
        await take_back(waiting.number, device, first)
    with pytest.raises(RolledBackError):
        await alice.messenger.requests.begin(desk.account.card())
    assert [row.number for row in device.store.handed_in.all()] == [waiting.number]
    assert device.store.purse.left(town.url, Kind.REPORT) == 3
    assert device.store.purse.left(town.url, Kind.BUNDLE) == ALLOWANCE[Kind.BUNDLE]


async def test_a_desk_takes_no_requests_and_somebody_who_takes_requests_no_reports(town: Town, desk: Desk) -> None:
    alice, bob = await town.person("Alice"), await town.person("Bob")
    await bob.messenger.first_contact.take_requests(is_open=True)
    kept = await hand_in(tip(1), bob.device.card(), alice.device, alice.messenger.first_contact)
    assert "takes nothing more today" in kept.waits
    contact = await alice.messenger.requests.begin(desk.account.card())
    assert isinstance(contact, Contact)
    outcome = await alice.messenger.send(contact, Draft("hello?"))
    assert isinstance(outcome, Queued)
    await alice.until(MessageChanged, lambda e: e.message.id == outcome.message.id and e.message.state is State.WAITING)
    assert await collected(desk, town) == 0


async def test_a_list_of_keys_may_grow_by_a_kind_and_change_in_nothing_else(town: Town) -> None:
    alice = await town.person("Alice")
    listed = read_issuer_list(town.relay.mailboxes.issuer.listed)
    assert listed is not None
    older = msgspec.structs.replace(listed, keys=listed.keys[:-1])
    assert (listed.extends(older), older.extends(listed)) == (True, False)
    assert older.key(Kind.REPORT, listed.first) is None
    other = msgspec.structs.replace(older, keys=(older.keys[0], older.keys[0], older.keys[2]))
    for pinned, grows in ((older, True), (other, False)):
        with alice.device.store.transaction():
            alice.device.store.purse.extend(town.url, msgspec.msgpack.encode(pinned))
            alice.device.store._database.run("DELETE FROM draws")
        store = town.relay.mailboxes.store
        assert isinstance(store, SqliteStore)
        await store.writer.write(lambda connection: connection.execute("DELETE FROM draws").rowcount)
        await alice.leave()
        await alice.come()
        await drawn(alice)
        kept = alice.device.store.purse.listed(town.url)
        assert kept == (town.relay.mailboxes.issuer.listed if grows else msgspec.msgpack.encode(other))
    await alice.until(OtherKeys)


async def test_a_kind_that_a_relay_of_an_older_version_does_not_make_is_asked_for_once_a_day(town: Town) -> None:
    issuer = town.relay.mailboxes.issuer
    object.__setattr__(town.relay.mailboxes, "issuer", OfOlderVersion(issuer._secret, issuer._first))
    alice = await town.person("Alice")
    await drawn(alice)
    assert alice.device.store.purse.left(town.url, Kind.REPORT) == 0
    assert alice.device.store.purse.left(town.url, Kind.BUNDLE) == ALLOWANCE[Kind.BUNDLE]
    assert Drawing(alice.device).due(town.url) == []


class OfOlderVersion(Issuer):
    @property
    def listed(self) -> bytes:
        whole = read_issuer_list(super().listed)
        assert whole is not None
        return msgspec.msgpack.encode(msgspec.structs.replace(whole, keys=whole.keys[:3]))


async def until_handed_in(person: Person) -> None:
    async with asyncio.timeout(20):
        while Progress.WAITING in states(person):  # noqa: ASYNC110 - nobody is told of it
            await asyncio.sleep(0.01)
