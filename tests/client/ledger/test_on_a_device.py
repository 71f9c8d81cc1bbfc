"""What a device writes into its ledger, and when it writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from foreseal_client import outbound, pictures
from foreseal_client.demo.stage import write_list
from foreseal_client.draft import Draft
from foreseal_client.ledger import (
    BEGINNING,
    Checked,
    Course,
    Erased,
    Fault,
    Found,
    Kind,
    Outcome,
    Said,
    Switched,
    read_line,
    verify_links,
)
from foreseal_client.looking_again import look_again
from foreseal_client.outbound import NotSent, Queued
from foreseal_client.revealing import reveal
from foreseal_client.store import State
from foreseal_matcher import Bytes, ListSet, Mode, OnFailure, Policy
from group_post import Mate, Post, contact_of
from sample_lists import nothing_listed

WARN, OFF = Policy(Mode.WARN, OnFailure.CLOSED), Policy(Mode.OFF, OnFailure.CLOSED)
POSTER = pictures.generate("poster", 3, (320, 240))
PICTURE = Draft("", (Bytes(POSTER, "NAME OF A FILE.jpg"),))


@pytest.fixture(scope="module")
def listing(tmp_path_factory: pytest.TempPathFactory) -> ListSet:
    return write_list(tmp_path_factory.mktemp("list"), "demo", [POSTER])


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    post = Post(tmp_path, "Alice", "Bob")
    alice, bob = post.mates.values()
    post.introduce(alice, bob)
    post.collect()
    yield post
    post.close()


def switched(mate: Mate, on: bool = True) -> Mate:
    with mate.device.store.transaction():
        mate.device.store.ledger.switch(on, mate.device.date)
    return mate


def said(mate: Mate) -> list[Said]:
    links = list(mate.device.store.ledger.links())
    assert verify_links(links, mate.device.store.ledger.head).fault is None
    return [line.said for link in links if (line := read_line(link.spelled)) is not None]


def checks(mate: Mate) -> list[tuple[tuple[Kind, ...], Course, Found, Outcome]]:
    return [(one.kinds, one.direction, one.found, one.outcome) for one in said(mate) if isinstance(one, Checked)]


async def sent(post: Post, draft: Draft, *, acknowledged: bool = False) -> outbound.Outcome:
    alice, bob = post.mates.values()
    return await outbound.send(draft, contact_of(alice, bob), alice.device, acknowledged=acknowledged)


async def test_a_held_send_writes_its_line_and_makes_no_traffic(post: Post, listing: ListSet) -> None:
    alice = switched(post.mates["Alice"])
    alice.device.lists = listing
    assert isinstance(await sent(post, PICTURE), NotSent)
    begun, check = said(alice)
    assert begun == Switched(True)
    assert isinstance(check, Checked)
    assert [(one.name, one.version, one.digest) for one in check.lists] == [
        (one.name, one.version, one.digest) for one in listing.lists
    ]
    assert (check.mode, check.on_failure, check.looks) == (Mode.HOLD, OnFailure.CLOSED, alice.device.policy.looks)
    assert (check.found, check.outcome, check.bytes_out) == (Found.MATCH, Outcome.HELD, 0)
    assert post.collect() == []


async def test_off_as_it_is_at_first_and_off_again_writes_nothing(post: Post, listing: ListSet) -> None:
    alice = post.mates["Alice"]
    alice.device.lists = listing
    await sent(post, PICTURE)
    assert alice.device.store.ledger.head == BEGINNING
    switched(switched(alice), False)
    await sent(post, PICTURE)
    await sent(post, Draft("hello"))
    assert said(alice) == [Switched(True), Switched(False)]


async def test_each_kind_of_content_is_named_by_its_bytes_and_nothing_in_it_is(post: Post) -> None:
    alice, bob = (switched(mate) for mate in post.mates.values())
    film = Bytes(bytes(4) + b"ftypisom" * 4, "f")
    items = (Bytes(POSTER, "NAME OF A FILE.txt"), Bytes(b"%PDF-1.7", "p.jpg.pdf"), film)
    for draft in (Draft("WORDS"), Draft("see https://example.org/PAGE"), Draft("WORDS", items[:2])):
        assert isinstance(await sent(post, draft), Queued)
    assert isinstance(await sent(post, Draft("", items[2:])), NotSent)
    assert [kinds for kinds, *_ in checks(alice)] == [
        (Kind.TEXT,), (Kind.LINK,), (Kind.FILE, Kind.PICTURE, Kind.TEXT), (Kind.FILM,)
    ]  # fmt: skip
    assert checks(alice)[-1][2:] == (Found.UNREADABLE, Outcome.HELD)
    told = b"".join(link.spelled for link in alice.device.store.ledger.links())
    people = [mate.device.identity.hex().encode() for mate in (alice, bob)]
    names = [b"WORDS", b"PAGE", b"NAME", b"Bob", b"Alice", POSTER[:8], *people]
    assert [name for name in names if name in told] == []


async def test_what_has_nothing_to_look_at_has_no_line(post: Post) -> None:
    alice = switched(post.mates["Alice"])
    assert isinstance(await sent(post, Draft()), Queued)
    assert checks(alice) == []


async def test_what_a_person_sends_anyway_is_told_from_what_passed(post: Post, listing: ListSet) -> None:
    alice = switched(post.mates["Alice"])
    alice.device.lists, alice.device.policy = listing, WARN
    assert isinstance(await sent(post, PICTURE), NotSent)
    assert isinstance(await sent(post, PICTURE, acknowledged=True), Queued)
    assert [outcome for *_, outcome in checks(alice)] == [Outcome.HELD, Outcome.SENT_ANYWAY]


async def test_under_the_policy_off_a_check_is_told_and_not_what_it_found(post: Post, listing: ListSet) -> None:
    alice = switched(post.mates["Alice"])
    alice.device.lists, alice.device.policy = listing, OFF
    assert isinstance(await sent(post, PICTURE), Queued)
    assert checks(alice) == [((Kind.PICTURE,), Course.OUT, Found.NOT_KEPT, Outcome.PASSED)]


async def test_what_arrives_is_withheld_and_shown_anyway_in_lines_of_its_own(post: Post, listing: ListSet) -> None:
    bob = switched(post.mates["Bob"])
    await sent(post, Draft("see https://example.org/"))
    bob.device.lists = ListSet.empty()
    for letter in post.collect():
        await post.hand_over(letter)
    await post.look(bob)
    assert checks(bob) == [((Kind.LINK,), Course.IN, Found.UNREADABLE, Outcome.WITHHELD)]
    (message,) = [one for one in bob.shown if one.state is State.WITHHELD]
    bob.device.lists = nothing_listed()
    await reveal(message, bob.device)
    assert checks(bob)[1:] == [((Kind.LINK,), Course.IN, Found.CLEAR, Outcome.PASSED)]


async def test_looking_again_is_noted_of_what_had_left_and_not_called_held(post: Post, listing: ListSet) -> None:
    alice = switched(post.mates["Alice"])
    assert isinstance(await sent(post, PICTURE), Queued)
    alice.device.lists = listing
    assert [message.state async for message in look_again(alice.device)] == [State.QUEUED]
    again = [one for one in said(alice) if isinstance(one, Checked) and one.again]
    assert [(one.found, one.outcome) for one in again] == [(Found.MATCH, Outcome.NOTED)]


async def test_a_message_that_is_not_kept_leaves_no_line(post: Post) -> None:
    alice = switched(post.mates["Alice"])
    with pytest.raises(ValueError, match="Shorten it"):
        await sent(post, Draft("x" * 70_000))
    assert checks(alice) == []


async def test_erasing_leaves_the_day_and_the_last_hash_or_nothing_at_all(post: Post) -> None:
    alice = switched(post.mates["Alice"])
    store = alice.device.store
    await sent(post, Draft("hello"))
    before = store.ledger.head
    with store.transaction():
        assert store.ledger.erase(alice.device.date, marked=True) == before
    store.ledger.forget()
    assert said(alice) == [Erased(before.hash)]
    assert verify_links(store.ledger.links(), before).fault is Fault.ERASED_SINCE
    with store.transaction():
        store.ledger.erase(alice.device.date, marked=False)
    assert store.ledger.head == BEGINNING
    assert store.ledger.on
    await sent(post, Draft("hello"))
    assert checks(alice) == [((Kind.TEXT,), Course.OUT, Found.CLEAR, Outcome.PASSED)]


async def test_a_line_altered_or_removed_inside_the_store_is_found(post: Post) -> None:
    alice = switched(post.mates["Alice"])
    for text in ("one", "two", "three"):
        await sent(post, Draft(text))
    store = alice.device.store
    head = store.ledger.head
    store._database.run(
        "UPDATE ledger SET line = CAST(replace(CAST(line AS TEXT), 'hold', 'warn') AS BLOB) WHERE number = 2"
    )
    assert verify_links(store.ledger.links()).fault is Fault.ALTERED
    store._database.run("DELETE FROM ledger WHERE number = 2")
    assert verify_links(store.ledger.links()).fault is Fault.CUT_OUT
    store._database.run("DELETE FROM ledger WHERE number > 1")
    assert verify_links(store.ledger.links()).fault is None
    assert verify_links(store.ledger.links(), head).fault is Fault.CUT_OFF
