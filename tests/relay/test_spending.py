"""What tokens pay for, and what somebody learns who tries without, or twice."""

from __future__ import annotations

import asyncio
import re
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drawn_tokens import draw, key_of
from foreseal_client.sealing.tokens import Blinding
from foreseal_relay import wire
from foreseal_relay.limits import DAY, PREKEYS_A_DAY, REQUESTS_A_DAY, UNAVAILABLE_RETRY, hour_of
from foreseal_relay.mailboxes import Mailboxes
from foreseal_relay.store import Outcome, Spending, SqliteStore
from foreseal_relay.token_wire import ALLOWANCE, BLOB_TOKEN_BYTES, EPOCH_DAYS, Kind, epoch_of
from foreseal_relay.wire import Accepted, Bundle, Done, Draw, Drawn, Duplicate, FetchBundle, RejectCode, Rejected
from relay_peer import NOON, Owner, eid, mailboxes_of, send_to

BOB, CAROL, NOBODY = Owner("bob"), Owner("carol"), Owner("nobody")
TODAY = epoch_of(int(NOON // DAY))
REFUSED = Rejected(7, RejectCode.NOT_DELIVERABLE)
BAD = Rejected(7, RejectCode.BAD_TOKEN)


@pytest.fixture
async def relay(store: SqliteStore) -> Mailboxes:
    """Bob takes requests, Carol does not, and Nobody is not here."""
    mailboxes = mailboxes_of(store)
    for owner in (BOB, CAROL):
        login = owner.login("https://relay.example", bytes(32))
        assert await mailboxes.change(login, wire.Register(1, wire.token_digest(owner.token)), NOON) == Done(1)
        await mailboxes.change(login, wire.Publish(1, b"bundle", tuple(bytes([n]) for n in range(16))), NOON)
    await mailboxes.change(BOB.login("https://relay.example", bytes(32)), wire.Requests(1, True), NOON)
    return mailboxes


def login(owner: Owner) -> wire.Login:
    return owner.login("https://relay.example", bytes(32))


def tokens(relay: Mailboxes, kind: Kind, count: int = 1) -> list[bytes]:
    return draw(relay.issuer, kind, NOON, count)


async def test_a_stranger_with_a_token_reaches_a_mailbox_that_takes_requests_and_no_other(relay: Mailboxes) -> None:
    answers = [
        await relay.accept(send_to(owner, token=token), NOON)
        for owner, token in zip((BOB, CAROL, NOBODY), tokens(relay, Kind.FIRST_CONTACT, 3), strict=True)
    ]
    assert answers == [Accepted(7), REFUSED, REFUSED]


async def test_a_token_is_spent_once_and_a_repetition_of_the_same_send_costs_nothing(relay: Mailboxes) -> None:
    (token,) = tokens(relay, Kind.FIRST_CONTACT)
    assert await relay.accept(send_to(BOB, 1, token=token), NOON) == Accepted(7)
    assert await relay.accept(send_to(BOB, 1, token=token), NOON) == Duplicate(7)
    assert await relay.accept(send_to(BOB, 2, token=token), NOON) == BAD
    assert await relay.accept(send_to(CAROL, 1, token=token), NOON) == BAD


async def test_asking_whether_somebody_is_here_costs_a_token_each_time(relay: Mailboxes) -> None:
    (token,) = tokens(relay, Kind.FIRST_CONTACT)
    assert await relay.accept(send_to(NOBODY, 1, token=token), NOON) == REFUSED
    assert await relay.accept(send_to(BOB, 1, token=token), NOON) == BAD


async def test_a_token_of_another_kind_opens_nothing(relay: Mailboxes) -> None:
    (bundle,), (blob,) = tokens(relay, Kind.BUNDLE), tokens(relay, Kind.BLOB)
    assert await relay.accept(send_to(BOB, token=bundle), NOON) == BAD
    assert await relay.bundle(FetchBundle(7, BOB.mailbox, blob), NOON) == BAD
    assert not await relay.pay(bytes(16), 1, [bundle], NOON)


async def test_of_a_token_that_two_spend_at_once_one_gets_something(relay: Mailboxes) -> None:
    (token,) = tokens(relay, Kind.FIRST_CONTACT)
    sends = [relay.accept(send_to(BOB, number, token=token), NOON) for number in range(20)]
    assert sorted(map(str, await asyncio.gather(*sends))).count(str(Accepted(7))) == 1


@pytest.mark.parametrize("kind", [Kind.FIRST_CONTACT, Kind.BUNDLE])
async def test_the_same_statements_run_for_a_mailbox_that_is_closed_and_one_that_is_not_here(
    relay: Mailboxes, store: SqliteStore, kind: Kind
) -> None:
    async def statements(owner: Owner, token: bytes) -> list[str]:
        seen: list[str] = []
        await store.writer.write(lambda connection: connection.set_trace_callback(seen.append))
        if kind is Kind.FIRST_CONTACT:
            assert await relay.accept(send_to(owner, token=token), NOON) == REFUSED
        else:
            assert await relay.bundle(FetchBundle(7, owner.mailbox, token), NOON) == REFUSED
        await store.writer.write(lambda connection: connection.set_trace_callback(None))
        return [re.sub(r"[xX]'[0-9A-Fa-f]*'|\d+", "?", one) for one in seen]

    one, other = tokens(relay, kind, 2)
    closed, unknown = await statements(CAROL, one), await statements(NOBODY, other)
    assert len(closed) >= 6
    assert closed == unknown


async def test_the_same_statements_run_for_a_bundle_that_a_token_does_not_open_and_one_that_is_not_here(
    relay: Mailboxes, store: SqliteStore
) -> None:
    async def statements(owner: Owner, token: bytes) -> list[str]:
        seen: list[str] = []
        await store.writer.write(lambda connection: connection.set_trace_callback(seen.append))
        assert await relay.bundle(FetchBundle(7, owner.mailbox, token), NOON) == REFUSED
        await store.writer.write(lambda connection: connection.set_trace_callback(None))
        return [re.sub(r"[xX]'[0-9A-Fa-f]*'|\d+", "?", one) for one in seen]

    there, unknown = await statements(BOB, bytes(32)), await statements(NOBODY, bytes(32))
    assert len(there) >= 5
    assert there == unknown == await statements(NOBODY, BOB.token)


async def test_guessed_tokens_are_refused_before_a_mailbox_is_looked_up(relay: Mailboxes, store: SqliteStore) -> None:
    seen: list[str] = []
    await store.writer.write(lambda connection: connection.set_trace_callback(seen.append))
    for owner in (BOB, CAROL, NOBODY):
        assert await relay.accept(send_to(owner, token=b"\x07" * 128), NOON) == BAD
        assert await relay.bundle(FetchBundle(7, owner.mailbox, b"\x07" * 128), NOON) == BAD
    assert [one for one in seen if one != "COMMIT"] == []


async def test_strangers_flood_a_mailbox_up_to_a_number_a_day(relay: Mailboxes) -> None:
    drawn = tokens(relay, Kind.FIRST_CONTACT, REQUESTS_A_DAY + 1)
    answers = [await relay.accept(send_to(BOB, n, token=token), NOON) for n, token in enumerate(drawn)]
    assert answers == [Accepted(7)] * REQUESTS_A_DAY + [REFUSED]
    assert await relay.accept(send_to(BOB, 99), NOON) == Accepted(7)  # those he has let in still reach him
    (another,) = tokens(relay, Kind.FIRST_CONTACT)
    assert await relay.accept(send_to(BOB, 100, token=another), NOON + DAY) == Accepted(7)


async def test_strangers_get_few_prekeys_a_day_and_then_a_bundle_without(relay: Mailboxes) -> None:
    drawn = tokens(relay, Kind.BUNDLE, PREKEYS_A_DAY + 2)
    answers = [await relay.bundle(FetchBundle(7, BOB.mailbox, token), NOON) for token in drawn]
    prekeys = [answer.one_time for answer in answers if isinstance(answer, Bundle)]
    assert len(set(prekeys[:PREKEYS_A_DAY])) == PREKEYS_A_DAY
    assert prekeys[PREKEYS_A_DAY:] == [None, None]
    assert await relay.bundle(FetchBundle(7, BOB.mailbox, drawn[0]), NOON) == answers[0]  # a lost answer costs nothing
    await relay.change(login(BOB), wire.Invite(1, wire.token_digest(b"i" * 32), 3600), NOON)
    invited = await relay.bundle(FetchBundle(7, BOB.mailbox, b"i" * 32), NOON)
    assert isinstance(invited, Bundle)
    assert invited.one_time is not None


async def test_a_blob_grows_as_far_as_it_is_paid_for(relay: Mailboxes) -> None:
    first, second, third = tokens(relay, Kind.BLOB, 3)
    blob, other = b"b" * 16, b"o" * 16
    assert not await relay.pay(blob, 1, [], NOON)
    assert not await relay.pay(blob, BLOB_TOKEN_BYTES + 1, [first], NOON)
    assert not await relay.pay(blob, BLOB_TOKEN_BYTES + 1, [first, first], NOON)
    assert await relay.pay(blob, BLOB_TOKEN_BYTES + 1, [first, second], NOON)
    assert await relay.pay(blob, 2 * BLOB_TOKEN_BYTES, [], NOON)
    assert await relay.pay(blob, 5, [third], NOON)  # paid for: the third is not taken
    assert not await relay.pay(other, 1, [first], NOON)
    assert not await relay.pay(other, 2 * BLOB_TOKEN_BYTES, [third, second], NOON)
    assert await relay.pay(other, 1, [third], NOON)  # what was refused has spent nothing


async def test_an_account_draws_a_fixed_number_once_a_day(relay: Mailboxes) -> None:
    def asked(count: int = ALLOWANCE[Kind.BUNDLE], epoch: int = TODAY) -> Draw:
        return Draw(
            3, Kind.BUNDLE, epoch, Blinding(Kind.BUNDLE, key_of(relay.issuer, Kind.BUNDLE, TODAY), count).blinded
        )

    first = asked()
    answer = await relay.draw(login(BOB), first, NOON)
    assert isinstance(answer, Drawn)
    repeated = await relay.draw(login(BOB), first, NOON)
    assert isinstance(repeated, Drawn)
    elements = [answer.evaluated[at + 64 : at + 96] for at in range(0, len(answer.evaluated), 96)]
    assert elements == [repeated.evaluated[at + 64 : at + 96] for at in range(0, len(repeated.evaluated), 96)]
    second = await relay.draw(login(BOB), asked(), NOON)
    assert isinstance(second, Rejected)
    assert (second.code, second.retry_after) == (RejectCode.FULL, DAY - int(NOON) % DAY)
    assert isinstance(await relay.draw(login(BOB), asked(), NOON + DAY), Drawn)
    assert await relay.draw(login(CAROL), asked(count=1), NOON) == Rejected(3, RejectCode.MALFORMED)
    assert await relay.draw(login(CAROL), Draw(3, "bundle", TODAY, (bytes(32),) * 8), NOON) == Rejected(
        3, RejectCode.MALFORMED
    )
    assert await relay.draw(login(CAROL), asked(epoch=TODAY + 1), NOON) == Rejected(
        3, RejectCode.UNAVAILABLE, UNAVAILABLE_RETRY
    )
    assert await relay.draw(login(NOBODY), asked(), NOON) == Rejected(3, RejectCode.NOT_REGISTERED)


async def test_spent_tokens_are_forgotten_when_they_could_not_be_spent_anyway(
    relay: Mailboxes, store: SqliteStore
) -> None:
    (token,) = tokens(relay, Kind.FIRST_CONTACT)
    await relay.accept(send_to(BOB, token=token), NOON)

    async def remembered() -> int:
        return int(await store.writer.write(lambda c: c.execute("SELECT count(*) FROM spent").fetchone()[0]))

    end = (TODAY + 2) * EPOCH_DAYS * DAY
    await relay.store.expire(hour_of(end - 1), 0, 100)
    assert await remembered() == 1
    await relay.store.expire(hour_of(end), 0, 100)
    assert await remembered() == 0
    assert await relay.accept(send_to(BOB, 2, token=token), end) == BAD


async def test_what_a_commit_does_not_keep_is_not_spent(relay: Mailboxes, store: SqliteStore) -> None:
    (token,) = tokens(relay, Kind.FIRST_CONTACT)

    def faulty(_: sqlite3.Connection) -> None:
        raise RuntimeError("a fault of ours")

    sending = asyncio.create_task(relay.accept(send_to(BOB, 1, token=token), NOON))
    spoiling = asyncio.create_task(store.writer.write(faulty))
    await asyncio.wait([sending, spoiling])
    if sending.exception() is None:  # they came in two batches; then it is spent for good
        assert await relay.accept(send_to(BOB, 2, token=token), NOON) == BAD
    else:
        assert await relay.accept(send_to(BOB, 2, token=token), NOON) == Accepted(7)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spends=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=12))
async def test_whatever_is_tried_a_token_serves_one_purpose(store: SqliteStore, spends: list[tuple[int, int]]) -> None:
    await store.writer.write(lambda c: c.execute("DELETE FROM spent").rowcount)
    await store.writer.write(lambda c: c.execute("DELETE FROM allowances").rowcount)
    model: dict[int, int] = {}
    for token, purpose in spends:
        spending = Spending(bytes([token]) * 32, bytes([purpose]) * 16, 10**6)
        outcome = await store.pay(eid(100 + token * 10 + purpose), 1, [spending], 10**6)
        may = model.setdefault(token, purpose) == purpose
        assert outcome is (Outcome.STORED if may else Outcome.BAD_TOKEN)
