"""Both stores, step by step beside a model that fits on two screens: after any history they answer alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from foreseal_relay.presence import Presence
from foreseal_relay.store import Envelope, MailboxStore, store_at
from relay_peer import eid
from store_model import Model

HOUR = 480_000
FULL = 3
MAILBOXES = st.sampled_from([b"a", b"b"])
TOKENS = st.sampled_from([letter * 32 for letter in (b"1", b"2", b"3")])
NUMBERS = st.integers(0, 5)
GENERATIONS = st.integers(0, 3)
PREKEYS = st.lists(st.sampled_from([b"one", b"two", b"three"]), max_size=3)
LATER = st.integers(1, 30)


class Stores(RuleBasedStateMachine):
    """A history in mailboxes of its own: stores are opened once for all of them."""

    runner: asyncio.Runner
    stores: Sequence[MailboxStore]
    histories = count()

    def __init__(self) -> None:
        super().__init__()
        self.own = next(self.histories).to_bytes(15, "big")
        self.model = Model(FULL)
        self.hour = HOUR

    def run(self, ask: Callable[[MailboxStore], Coroutine[Any, Any, object]]) -> list[object]:
        return [self.runner.run(ask(store)) for store in self.stores]

    def all_answer(self, expected: object, ask: Callable[[MailboxStore], Coroutine[Any, Any, object]]) -> None:
        assert self.run(ask) == [expected] * len(self.stores)

    @rule(box=MAILBOXES, token=TOKENS, generation=GENERATIONS)
    def register(self, box: bytes, token: bytes, generation: int) -> None:
        mailbox = self.own + box
        day = self.hour // 24
        expected = self.model.register(mailbox, token, generation, day)
        self.all_answer(expected, lambda store: store.register(mailbox, b"k" * 32, token, generation, day))

    @rule(box=MAILBOXES, token=TOKENS, numbers=st.lists(NUMBERS, min_size=1, max_size=4), life=LATER)
    def put(self, box: bytes, token: bytes, numbers: list[int], life: int) -> None:
        mailbox = self.own + box
        for number in numbers:
            envelope = Envelope(mailbox, eid(number), b"c" * 32, bytes(64), HOUR // 24, self.hour + life)
            expected = self.model.put(envelope, token, self.hour)
            self.all_answer(expected, lambda store, one=envelope: store.put(one, token, self.hour))  # type: ignore[misc]

    @rule(box=MAILBOXES, without=st.sets(NUMBERS), limit=st.integers(1, 4))
    def waiting(self, box: bytes, without: set[int], limit: int) -> None:
        mailbox = self.own + box
        eids = {eid(number) for number in without}
        expected = self.model.waiting(mailbox, eids, limit, self.hour)
        self.all_answer(expected, lambda store: store.waiting(mailbox, eids, limit, self.hour))

    @rule(box=MAILBOXES, numbers=st.lists(NUMBERS, max_size=4))
    def acknowledge(self, box: bytes, numbers: list[int]) -> None:
        mailbox = self.own + box
        eids = [eid(number) for number in numbers]
        self.model.acknowledge(mailbox, eids)
        self.all_answer(None, lambda store: store.acknowledge(mailbox, eids))

    @rule(box=MAILBOXES, generation=GENERATIONS)
    def sign_in(self, box: bytes, generation: int) -> None:
        mailbox = self.own + box
        expected = self.model.sign_in(mailbox, generation, self.hour // 24)
        self.all_answer(expected, lambda store: store.sign_in(mailbox, generation, self.hour // 24))

    @rule(box=MAILBOXES, prekeys=PREKEYS, bundle=st.sampled_from([b"old", b"new"]))
    def publish(self, box: bytes, prekeys: list[bytes], bundle: bytes) -> None:
        mailbox = self.own + box
        expected = self.model.publish(mailbox, bundle, prekeys)
        self.all_answer(expected, lambda store: store.publish(mailbox, bundle, prekeys))

    @rule(box=MAILBOXES, token=TOKENS, sends=st.integers(1, 2), life=LATER)
    def invite(self, box: bytes, token: bytes, sends: int, life: int) -> None:
        mailbox = self.own + box
        expires = self.hour + life
        expected = self.model.invite(mailbox, token, sends, expires)
        self.all_answer(expected, lambda store: store.invite(mailbox, token, sends, expires, self.hour))

    @rule(box=MAILBOXES, token=TOKENS)
    def claim(self, box: bytes, token: bytes) -> None:
        mailbox = self.own + box
        expected = self.model.claim(mailbox, token, self.hour)
        self.all_answer(expected, lambda store: store.claim(mailbox, token, self.hour))

    @rule(hours=st.integers(0, 40), idle=st.integers(1, 3))
    def time_passes_and_is_swept(self, hours: int, idle: int) -> None:
        self.hour += hours
        idle_day = self.hour // 24 - idle
        self.model.expire(self.hour, idle_day)
        while any(self.run(lambda store: store.expire(self.hour, idle_day, 2))):
            pass


def test_both_stores_answer_as_the_model_does(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Few fill a mailbox, so that a short history does.
    monkeypatch.setattr("foreseal_relay.store.deciding.MAX_WAITING", FULL)
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        opening = [store_at(url, tmp_path / "s", Presence(), "a-relay.") for url in (None, database)]
        monkeypatch.setattr(Stores, "runner", runner, raising=False)
        monkeypatch.setattr(
            Stores, "stores", [runner.run(stack.enter_async_context(store)) for store in opening], raising=False
        )
        try:
            games = settings().max_examples * 2 // 5  # each is thirty steps at two stores; more of them in `make soak`
            run_state_machine_as_test(
                Stores, settings=settings(max_examples=games, stateful_step_count=30, deadline=None)
            )
        finally:
            runner.run(stack.aclose())
