"""Strangers on a real device: what of their letters is shown, what is fetched, and what they can do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from foreseal_client import inbound, outbound
from foreseal_client.draft import Draft, Opened
from foreseal_client.errors import BackupError, PeerFaultError, WrongPassphraseError
from foreseal_client.events import RequestsWaiting
from foreseal_client.keeping import export, keep, open_evidence
from foreseal_client.new_contacts import first_contact, moment_before, opens_links, reminder_due
from foreseal_client.outbound import Queued, Resting
from foreseal_client.request_desk import RequestDesk, block_and_lock_out, block_quietly, unblock, waiting
from foreseal_client.safeguards.first_contacts import TooMany
from foreseal_client.safeguards.requests import MAX_REQUEST_LETTERS, MAX_REQUEST_TEXT
from foreseal_client.safeguards.settings import ORDINARY, YOUNG, GroupAdds, Safeguards
from foreseal_client.sealing.franking import opens
from foreseal_client.showing import state_of
from foreseal_client.store import Contact, Standing, State
from foreseal_matcher import Bytes, ListSet
from foreseal_matcher.lists import from_links
from foreseal_relay import wire
from group_post import Mate, Post, contact_of, write
from sample_lists import build
from sample_stores import CHEAP

DAY = 86_400
WORDS = "correct horse"
FILE = Bytes(b"%PDF-1.7 and so on", "letter.pdf")


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    made = Post(tmp_path, "Bob", "Eve", "Carol")
    yield made
    made.close()


def settle_on(mate: Mate, settings: Safeguards) -> None:
    with mate.device.store.transaction():
        mate.device.store.safeguards.put(settings, None)


Opening = Callable[[str, bytes], Awaitable[wire.Bundle]]


async def never(_relay: str, _mailbox: bytes) -> wire.Bundle:
    raise AssertionError("nothing is fetched for who may not be written to")


def desk(mate: Mate, opening: Opening = never) -> RequestDesk:
    return RequestDesk(mate.device, opening, mate.events.append, lambda: None, lambda contact: None)


async def begun(writer: Mate, reader: Mate, post: Post) -> Contact:
    """The writer has the reader's public card and begins by it."""

    async def opening(_relay: str, mailbox: bytes) -> wire.Bundle:
        return await post.fetch_bundle(mailbox, reader.device.account.delivery_token)

    contact = await desk(writer, opening).begin(reader.device.card())
    assert isinstance(contact, Contact), contact
    return contact


async def written(writer: Mate, reader: Mate, post: Post, *drafts: Draft) -> None:
    contact = contact_of(writer, reader) if _knows(writer, reader) else await begun(writer, reader, post)
    for draft in drafts:
        assert isinstance(await outbound.send(draft, contact, writer.device, rested=True), Queued)
    await post.settle()


def _knows(one: Mate, other: Mate) -> bool:
    return one.device.store.people.get(other.device.identity) is not None


def standing(mate: Mate, of: Mate) -> Standing | None:
    found = mate.device.store.people.get(of.device.identity)
    return None if found is None else found.standing


async def test_a_request_is_text_and_a_count_of_files_of_which_nothing_was_fetched(post: Post) -> None:
    bob, eve, _ = post.mates.values()
    # The link that this post has can fetch bundles alone: asking it for a blob would fail.
    await written(eve, bob, post, Draft("hi, see https://evil.example/x", (FILE, FILE)), Draft("x" * 600))
    (request,) = await desk(bob).all()
    assert request.text.startswith("hi, see https[:]//evil[.]example/x\nxxx")
    assert (request.name, request.files, request.shortened, request.hidden) == ("Eve", 2, True, 0)
    assert len(request.text) < 2 * MAX_REQUEST_TEXT
    assert (standing(bob, eve), bob.shown, waiting(bob.device)) == (Standing.REQUESTED, [], 1)
    assert bob.device.store.inbox.relays() == set()
    assert list((bob.device.store.profile / "incoming").iterdir()) == []


async def test_nothing_goes_back_to_a_stranger_before_they_are_accepted(post: Post) -> None:
    bob, eve, _ = post.mates.values()
    await written(eve, bob, post, Draft("hi"))
    await desk(bob).all()
    desk(bob).keep(contact_of(bob, eve))
    desk(bob).leave(contact_of(bob, eve))
    assert bob.device.store.people.relays() == bob.device.store.outbox.relays() == set()
    assert bob.events == [RequestsWaiting(0)]
    desk(bob).accept(contact_of(bob, eve))
    assert bob.device.store.people.relays() != set()


async def test_accepting_shows_all_of_it_and_counts_from_that_day(post: Post) -> None:
    bob, eve, _ = post.mates.values()
    await written(eve, bob, post, Draft("hi"), Draft("x" * 600))
    post.now += 3 * DAY
    desk(bob).accept(contact_of(bob, eve))
    await post.look(bob)
    assert bob.texts == ["hi", "x" * 600]
    assert bob.device.store.safeguards.met_on(eve.device.identity) == bob.device.today
    assert bob.device.store.safeguards.counts()["requests_accepted"] == 1


async def test_a_strangers_text_goes_through_the_check_like_any_other(post: Post, tmp_path: Path) -> None:
    bob, eve, _ = post.mates.values()
    folder = tmp_path / "list"
    listed = list(from_links(["https://evil.example"], "links", 1, category="c", source="tests"))
    build(folder, listed, made=bob.device.date)
    bob.device.lists = ListSet.open([folder], bob.device.date)
    await written(eve, bob, post, Draft("see https://evil.example/x"), Draft("hi"))
    (request,) = await desk(bob).all()
    assert (request.text, request.hidden) == ("hi", 1)


async def test_a_stranger_who_goes_on_writing_fills_nothing(post: Post) -> None:
    bob, eve, _ = post.mates.values()
    await written(eve, bob, post, *[Draft(f"{n}") for n in range(MAX_REQUEST_LETTERS + 3)])
    assert len(bob.device.store.letters.of_request(eve.device.identity)) == MAX_REQUEST_LETTERS
    assert len(bob.dropped) == 3


async def test_under_invited_a_strangers_letter_leaves_no_trace_but_an_invitation_still_opens(post: Post) -> None:
    bob, eve, _ = post.mates.values()
    settle_on(bob, YOUNG)
    await written(eve, bob, post, Draft("hi"))
    assert standing(bob, eve) is None
    assert bob.device.store.letters.of_request(eve.device.identity) == []
    assert "without an invitation" in bob.dropped[0]
    _, token, _ = bob.device.invitation()
    with eve.device.store.transaction():
        eve.device.store.people.change(bob.device.identity, invitation=token)
    await written(eve, bob, post, Draft("I was invited"))
    assert (standing(bob, eve), bob.texts) == (Standing.ACCEPTED, ["I was invited"])
    assert bob.device.store.safeguards.met_on(eve.device.identity) == bob.device.today


async def test_blocking_drops_what_was_written_and_is_counted(post: Post) -> None:
    bob, eve, _ = post.mates.values()
    token = bob.device.account.delivery_token
    await written(eve, bob, post, Draft("hi"))
    desk(bob).block(contact_of(bob, eve))
    assert await desk(bob).all() == []
    assert bob.device.store.letters.of_request(eve.device.identity) == []
    assert bob.device.store.safeguards.counts()["requests_blocked"] == 1
    assert bob.device.account.delivery_token == token
    assert bob.device.store.outbox.relays() == bob.device.store.people.relays() == set()
    await written(eve, bob, post, Draft("again"))
    assert "is blocked" in bob.dropped[-1]


async def test_blocking_with_another_token_drops_and_counts_a_request_as_well(post: Post) -> None:
    bob, eve, _ = post.mates.values()
    token = bob.device.account.delivery_token
    await written(eve, bob, post, Draft("hi"))
    block_and_lock_out(contact_of(bob, eve), bob.device, bob.events.append)
    assert bob.device.store.letters.of_request(eve.device.identity) == []
    assert bob.device.store.safeguards.counts()["requests_blocked"] == 1
    assert bob.device.account.delivery_token != token


async def test_what_was_being_looked_at_when_its_writer_was_blocked_is_dropped(post: Post) -> None:
    bob, eve, _ = post.mates.values()
    await written(eve, bob, post, Draft("hi"))
    contact = desk(bob).accept(contact_of(bob, eve))
    (arrived,) = bob.device.store.inbox.waiting(contact.relay)
    block_quietly(contact, bob.device, bob.events.append)
    with pytest.raises(PeerFaultError, match="dropped unread"):
        await inbound.admit(arrived, bob.device, post.link, lambda done, total: None)
    assert bob.device.store.history.with_contact(contact.identity) == []


async def test_who_is_unblocked_is_what_they_were_before(post: Post) -> None:
    bob, eve, _ = post.mates.values()
    await written(eve, bob, post, Draft("hi"))
    assert again(bob, eve) is Standing.REQUESTED
    # What asked was dropped: nobody asks before there is something new.
    assert (await desk(bob).all(), waiting(bob.device)) == ([], 0)
    await written(eve, bob, post, Draft("hi again"))
    assert ([one.text for one in await desk(bob).all()], waiting(bob.device)) == (["hi again"], 1)
    desk(bob).accept(contact_of(bob, eve))
    assert again(bob, eve) is Standing.ACCEPTED


async def test_who_is_unblocked_in_a_group_is_a_member_again(post: Post) -> None:
    bob, eve, carol = post.mates.values()
    post.introduce(carol, eve)
    post.introduce(carol, bob)
    await post.founded(carol, bob, eve)
    assert standing(bob, eve) is Standing.MEMBER
    assert again(bob, eve) is Standing.MEMBER


def again(mate: Mate, other: Mate) -> Standing:
    block_quietly(contact_of(mate, other), mate.device, mate.events.append)
    return unblock(contact_of(mate, other), mate.device, mate.events.append).standing


async def test_who_wears_the_name_of_a_contact_is_said_to(post: Post) -> None:
    bob, eve, carol = post.mates.values()
    post.introduce(bob, carol)
    with bob.device.store.transaction():
        bob.device.store.people.change(carol.device.identity, name="eve")
    await written(eve, bob, post, Draft("it is me"))
    (request,) = await desk(bob).all()
    assert request.resembles == "eve"


async def test_first_contacts_run_out_for_a_day_and_contacts_cost_none(post: Post) -> None:
    eve = post.mates["Eve"]
    settle_on(eve, msgspec.structs.replace(ORDINARY, first_contacts=1))
    await begun(eve, post.mates["Bob"], post)

    assert await desk(eve).begin(post.mates["Carol"].device.card()) == TooMany(1, 1)
    assert await desk(eve).begin(post.mates["Bob"].device.card()) == contact_of(eve, post.mates["Bob"])
    post.now -= DAY  # a clock that is put back gives none back
    assert isinstance(first_contact(b"c" * 32, eve.device), TooMany)
    post.now += 2 * DAY
    assert first_contact(b"c" * 32, eve.device) is None


async def test_a_bundle_of_another_key_than_the_cards_makes_nobody_a_contact(post: Post) -> None:
    bob, eve, carol = post.mates.values()

    async def swapped(_relay: str, _mailbox: bytes) -> wire.Bundle:
        return await post.fetch_bundle(carol.device.mailbox, carol.device.account.delivery_token)

    with pytest.raises(PeerFaultError):
        await desk(eve, swapped).begin(bob.device.card())
    assert standing(eve, bob) is None


async def test_a_moment_comes_before_any_check_and_keeps_and_sends_nothing(post: Post) -> None:
    bob, eve, _ = post.mates.values()
    post.introduce(bob, eve)
    settle_on(bob, YOUNG)
    draft = Draft("look", (FILE,))
    outcome = await outbound.send(draft, contact_of(bob, eve), bob.device)
    assert isinstance(outcome, Resting)
    assert bob.device.last_check_ms is None
    assert bob.device.store.history.with_contact(eve.device.identity) == []
    assert bob.device.store.outbox.relays() == set()
    assert bob.device.store.safeguards.counts()["paused"] == 1
    assert isinstance(await outbound.send(Draft("words alone"), contact_of(bob, eve), bob.device), Queued)
    assert isinstance(await outbound.send(draft, contact_of(bob, eve), bob.device, rested=True), Queued)
    with bob.device.store.transaction():
        bob.device.store.safeguards.meet(eve.device.identity, bob.device.today - 30)
    assert moment_before(draft, contact_of(bob, eve), bob.device) is None


async def test_a_group_with_somebody_new_in_it_asks_for_the_moment_too(post: Post) -> None:
    bob, eve, carol = post.mates.values()
    post.introduce(bob, eve)
    post.introduce(bob, carol)
    group = await post.founded(bob, eve, carol)
    with bob.device.store.transaction():
        bob.device.store.safeguards.meet(eve.device.identity, 0)
    settle_on(bob, YOUNG)
    outcome = await bob.groups.send(group, Draft("", (FILE,)))
    assert isinstance(outcome, Resting)
    assert outcome.moment.identity == carol.device.identity


async def test_files_of_somebody_new_come_up_covered_and_links_of_theirs_do_not_open(post: Post) -> None:
    bob, eve, _ = post.mates.values()
    post.introduce(bob, eve)
    opened = Opened(eve.device.identity, b"e" * 16, "look", (FILE,), 0)
    with bob.device.store.transaction():
        bob.device.store.safeguards.meet(eve.device.identity, bob.device.today)
    assert (state_of(opened, bob.device), opens_links(eve.device.identity, bob.device)) == (State.SHOWN, True)
    settle_on(bob, YOUNG)
    assert (state_of(opened, bob.device), opens_links(eve.device.identity, bob.device)) == (State.COVERED, False)
    words_alone = Opened(eve.device.identity, b"e" * 16, "look", (), 0)
    assert state_of(words_alone, bob.device) is State.SHOWN
    assert not opens_links(b"s" * 32, bob.device)


async def test_the_first_link_of_a_new_contact_is_spoken_of_once(post: Post) -> None:
    bob, eve, _ = post.mates.values()
    await written(eve, bob, post, Draft("hi"))
    desk(bob).accept(contact_of(bob, eve))
    await written(eve, bob, post, Draft("see https://example.org"), Draft("and https://example.org/2"))
    assert [reminder_due(message, bob.device) is not None for message in bob.shown] == [False, True, False]
    assert bob.device.store.safeguards.counts()["reminded"] == 1


@pytest.mark.parametrize(
    ("adds", "verified", "joined"),
    [(GroupAdds.CONTACTS, False, True), (GroupAdds.VERIFIED, False, False), (GroupAdds.VERIFIED, True, True),
     (GroupAdds.NOBODY, True, False)],
)  # fmt: skip
async def test_only_who_may_add_this_person_to_a_group_does(
    post: Post, adds: GroupAdds, verified: bool, joined: bool
) -> None:
    bob, eve, _ = post.mates.values()
    post.introduce(bob, eve)
    settle_on(bob, msgspec.structs.replace(ORDINARY, groups=adds))
    if verified:
        with bob.device.store.transaction():
            bob.device.store.trust.verify(eve.device.identity, 1)
    group = await post.founded(eve, bob)
    assert (bob.names(group) is not None) is joined
    await write(eve, group, "come in")
    await post.settle()
    assert bob.texts == (["come in"] if joined else [])


async def test_evidence_is_proven_survives_a_block_and_a_removal_and_opens_under_its_passphrase(
    post: Post, tmp_path: Path
) -> None:
    bob, eve, _ = post.mates.values()
    await written(eve, bob, post, Draft("send me", (FILE,)), Draft("or else"))
    assert keep(contact_of(bob, eve), bob.device) == 2
    assert keep(contact_of(bob, eve), bob.device) == 0
    block_quietly(contact_of(bob, eve), bob.device, bob.events.append)
    assert export(bob.device, tmp_path / "out", WORDS, CHEAP) == 2
    assert b"or else" not in (tmp_path / "out").read_bytes()
    exhibits = open_evidence(tmp_path / "out", WORDS)
    assert [(one.text, one.name, one.proven) for one in exhibits] == [
        ("send me", "Eve", True),
        ("or else", "Eve", True),
    ]
    assert exhibits[0].files == (FILE.sha256.hex(),)
    with pytest.raises(WrongPassphraseError):
        open_evidence(tmp_path / "out", "battery staple")
    with pytest.raises(BackupError, match="already"):
        export(bob.device, tmp_path / "out", WORDS, CHEAP)


async def test_an_altered_letter_is_kept_as_what_it_is_not_proven(post: Post, tmp_path: Path) -> None:
    bob, eve, _ = post.mates.values()
    await written(eve, bob, post, Draft("hello"))
    keep(contact_of(bob, eve), bob.device)
    with bob.device.store.transaction():
        (kept,) = bob.device.store.letters.kept()
        bob.device.store._database.run("UPDATE evidence SET content = ?", kept.content.replace(b"hello", b"hullo"))
    export(bob.device, tmp_path / "out", WORDS, CHEAP)
    (exhibit,) = open_evidence(tmp_path / "out", WORDS)
    assert (exhibit.text, exhibit.proven) == ("hullo", False)


async def test_a_letter_stays_provable_beside_its_message_and_goes_when_the_text_does(post: Post) -> None:
    bob, eve, _ = post.mates.values()
    await written(eve, bob, post, Draft("hi"))
    desk(bob).accept(contact_of(bob, eve))
    await post.look(bob)
    (message,), store = bob.shown, bob.device.store
    proof, row = store.history.proof(message.id), store._database.row("SELECT content FROM letters")
    assert proof is not None
    assert row is not None
    assert opens(proof.commitment, proof.opening, row[0])
    with store.transaction():
        store._database.run("UPDATE messages SET text = '' WHERE id = ?", message.id)
    assert store._database.row("SELECT content FROM letters") is None
