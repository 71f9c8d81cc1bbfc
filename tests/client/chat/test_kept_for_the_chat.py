"""What the store keeps for the chat: how far was read, what can be found, choices, and appeals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_client.chat.conversations import Conversation, named
from foreseal_client.chat.policies import FIRST, chosen_policy
from foreseal_client.errors import StoreError
from foreseal_client.store import Direction, Ground, Message, Outcome, State, Store
from foreseal_client.store.appeals import MAX_APPEAL
from foreseal_matcher import Bytes, Clear, Looks, Mode, OnFailure, Policy
from sample_stores import BOB, KEY, people_and_messages

GROUP = b"g" * 16


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path, KEY)
    people_and_messages(store)
    yield store
    store.close()


def said(
    store: Store, text: str, state: State = State.SHOWN, group: bytes | None = None, file: str = "", digest: int = 0
) -> Message:
    direction = Direction.OUT if state in (State.SENT, State.HELD) else Direction.IN
    with store.keeping([Bytes(b"x", file)] if file else []) as files, store.transaction():
        return store.history.add(
            BOB, direction, state, at=60, text=text, verdict=Clear(), digest=bytes([digest]) * 32, files=files,
            group=group,
        )  # fmt: skip


def test_what_came_since_it_was_read_is_counted_in_each_conversation(store: Store) -> None:
    assert store.reading.unread(BOB) == 0  # what this person wrote is not unread
    said(store, "one")
    said(store, "two", group=GROUP)
    said(store, "mine", State.SENT)
    assert (store.reading.unread(BOB), store.reading.unread(GROUP)) == (1, 1)
    with store.transaction():
        store.reading.mark_read(BOB)
    assert (store.reading.unread(BOB), store.reading.unread(GROUP)) == (0, 1)
    said(store, "three")
    assert store.reading.unread(BOB) == 1


def test_words_are_found_whatever_their_case_newest_first_and_in_names_of_files(store: Store) -> None:
    first, second = said(store, "Die STRASSE"), said(store, "straße", group=GROUP)
    third = said(store, "look", file="Strasse.jpg")
    assert store.reading.find("strasse") == [third.id, second.id, first.id]
    assert store.reading.find("strasse", BOB) == [third.id, first.id]
    assert store.reading.find("strasse", GROUP) == [second.id]
    assert store.reading.find("strasse", limit=1) == [third.id]
    assert store.reading.find("%") == []
    assert store.reading.find("nowhere") == []


def test_what_is_hidden_is_not_found(store: Store) -> None:
    hidden = said(store, "a secret phrase", State.WITHHELD)
    assert store.reading.find("secret phrase") == []
    with store.transaction():
        store.history.reveal(hidden.id)
    assert store.reading.find("secret phrase") == [hidden.id]


def test_a_page_ends_in_front_of_a_message(store: Store) -> None:
    ids = [said(store, str(number)).id for number in range(7)]
    assert [m.id for m in store.history.with_contact(BOB, 3)] == ids[4:]
    assert [m.id for m in store.history.with_contact(BOB, 3, before=ids[4])] == ids[1:4]
    grouped = [said(store, str(number), group=GROUP).id for number in range(3)]
    assert [m.id for m in store.history.in_group(GROUP, 9, before=grouped[1])] == grouped[:1]


def test_an_appeal_waits_is_settled_and_goes_with_its_message(store: Store) -> None:
    held = said(store, "held", State.HELD, digest=7)
    with store.transaction():
        store.appeals.put(held.id, Ground.OTHER_PICTURE, "my kitchen", at=1)
        store.appeals.put(held.id, Ground.WRONGLY_LISTED, "my kitchen, really", at=2)
    (waiting,) = store.appeals.waiting()
    assert (waiting.ground, waiting.text, waiting.at) == (Ground.WRONGLY_LISTED, "my kitchen, really", 2)
    assert store.appeals.reviewed(held.id) == frozenset()
    with store.transaction():
        store.appeals.settle(held.id, Outcome.UPHELD)
    assert (store.appeals.waiting(), store.appeals.reviewed(held.id)) == ([], frozenset())
    with store.transaction():
        store.appeals.settle(held.id, Outcome.OVERTURNED)
    assert store.appeals.reviewed(held.id) == frozenset([bytes([7]) * 32])
    store._database.run("UPDATE messages SET state = 'sent' WHERE id = ?", held.id)
    assert store.appeals.reviewed(held.id) == frozenset()  # once
    store._database.run("DELETE FROM messages WHERE id = ?", held.id)
    assert store.appeals.get(held.id) is None


def test_an_appeal_that_is_too_long_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="Shorten it"):
        store.appeals.put(1, Ground.SOMETHING_ELSE, "x" * (MAX_APPEAL + 1), at=1)


def test_a_policy_that_was_not_chosen_or_cannot_be_read_is_the_strictest_one(store: Store) -> None:
    assert chosen_policy(store) == FIRST == Policy(Mode.HOLD, OnFailure.CLOSED)
    for kept in ("", "hold", "off fail-open", "off fail-open quick more", "ghost fail-open quick"):
        store.preferences.put("policy", kept)
        assert chosen_policy(store) == FIRST
    store.preferences.put("policy", "warn fail-open full")
    assert chosen_policy(store) == Policy(Mode.WARN, OnFailure.OPEN, Looks.FULL)


@given(st.text(max_size=12))
@settings(max_examples=40, deadline=None)
def test_any_name_finds_who_is_called_so_before_who_begins_so(name: str) -> None:
    class Of:
        identity = bytes(32)

        def __init__(self, name: str) -> None:
            self.name = name

    both = [Conversation(Of(name + "x")), Conversation(Of(name))]  # type: ignore[arg-type]
    found = named(name, both)
    if name.strip() == name and name:
        assert found == [both[1]]
