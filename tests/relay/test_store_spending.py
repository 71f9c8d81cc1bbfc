"""What every store owes those who pay with tokens, and those whose mailboxes are paid for."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from foreseal_relay.limits import OLD_TOKEN_DAYS, OLD_TOKEN_SENDS, PREKEYS_A_DAY, REQUESTS_A_DAY
from foreseal_relay.store import Claim, Envelope, MailboxStore, Outcome, Spending, SqliteStore, StoreRefused
from foreseal_relay.store.postgres.store import PostgresStore
from foreseal_relay.token_wire import BLOB_TOKEN_BYTES
from relay_peer import eid

BOX, TOKEN, HOUR = b"m" * 16, b"t" * 32, 480_000
DAY = HOUR // 24
CLOSED, UNKNOWN = b"c" * 16, b"u" * 16


def envelope(number: int, *, mailbox: bytes = BOX, day: int = DAY) -> Envelope:
    return Envelope(mailbox, eid(number), b"c" * 32, bytes(4096), day, HOUR + 24 * 30)


def spending(token: int, purpose: int = 0, until: int = HOUR + 1000) -> Spending:
    return Spending(token.to_bytes(32, "big"), purpose.to_bytes(16, "big"), until)


@pytest.fixture
def store(each_store: MailboxStore) -> MailboxStore:
    return each_store


@pytest.fixture
async def box(store: MailboxStore) -> MailboxStore:
    for mailbox in (BOX, CLOSED):
        assert await store.register(mailbox, b"k" * 32, TOKEN, 0, DAY) is Outcome.STORED
        await store.publish(mailbox, b"bundle", [bytes([number]) for number in range(16)])
    assert await store.take_requests(BOX, is_open=True) is Outcome.STORED
    return store


async def test_a_mailbox_takes_requests_from_when_it_says_so_until_it_says_otherwise(box: MailboxStore) -> None:
    assert await box.put_first(envelope(1), spending(1)) is Outcome.STORED
    assert await box.put_first(envelope(2, mailbox=CLOSED), spending(2)) is Outcome.NOT_DELIVERABLE
    assert await box.put_first(envelope(3, mailbox=UNKNOWN), spending(3)) is Outcome.NOT_DELIVERABLE
    assert await box.take_requests(BOX, is_open=False) is Outcome.STORED
    assert await box.put_first(envelope(4), spending(4)) is Outcome.NOT_DELIVERABLE
    assert await box.take_requests(UNKNOWN, is_open=True) is Outcome.NOT_REGISTERED
    assert [one.eid for one in await box.waiting(BOX, (), 9, HOUR)] == [eid(1)]
    standing = await box.sign_in(BOX, 0, DAY)
    assert standing is not None
    assert standing.waiting == 1


async def test_a_token_serves_one_purpose_and_the_same_one_again(box: MailboxStore) -> None:
    assert await box.put_first(envelope(1), spending(1, purpose=1)) is Outcome.STORED
    assert await box.put_first(envelope(1), spending(1, purpose=1)) is Outcome.DUPLICATE
    assert await box.put_first(envelope(2), spending(1, purpose=2)) is Outcome.BAD_TOKEN
    assert await box.claim_first(BOX, spending(1, purpose=3), DAY) is Outcome.BAD_TOKEN
    await box.acknowledge(BOX, [eid(1)])
    assert await box.put_first(envelope(1), spending(1, purpose=1)) is Outcome.DUPLICATE


async def test_what_reached_nobody_has_cost_its_token_all_the_same(box: MailboxStore) -> None:
    assert await box.put_first(envelope(1, mailbox=UNKNOWN), spending(1, purpose=1)) is Outcome.NOT_DELIVERABLE
    assert await box.put_first(envelope(1), spending(1, purpose=2)) is Outcome.BAD_TOKEN


async def test_of_many_who_spend_one_token_at_once_one_gets_something(box: MailboxStore) -> None:
    puts = [box.put_first(envelope(number), spending(1, purpose=number)) for number in range(12)]
    outcomes = await asyncio.gather(*puts)
    assert outcomes.count(Outcome.STORED) == 1
    assert outcomes.count(Outcome.BAD_TOKEN) == 11


async def test_strangers_fill_a_day_and_the_next_one_begins_anew(
    box: MailboxStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert REQUESTS_A_DAY > 3
    monkeypatch.setattr("foreseal_relay.limits.REQUESTS_A_DAY", 3)
    puts = [box.put_first(envelope(number), spending(number)) for number in range(5)]
    outcomes = await asyncio.gather(*puts)
    assert (outcomes.count(Outcome.STORED), outcomes.count(Outcome.NOT_DELIVERABLE)) == (3, 2)
    assert await box.put(envelope(50), TOKEN, HOUR) is Outcome.STORED, "those who were let in still reach it"
    assert await box.put_first(envelope(60, day=DAY + 1), spending(60)) is Outcome.STORED
    assert await box.put_first(envelope(61, day=DAY), spending(61)) is Outcome.STORED, "of the day after, not before"


async def test_a_desk_takes_reports_and_no_requests_and_nobody_else_takes_reports(
    box: MailboxStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await box.put_first(envelope(1), spending(1), report=True) is Outcome.NOT_DELIVERABLE
    assert await box.take_requests(BOX, is_open=True, desk=True) is Outcome.STORED
    assert await box.put_first(envelope(2), spending(2)) is Outcome.NOT_DELIVERABLE
    monkeypatch.setattr("foreseal_relay.limits.REPORTS_A_DAY", 2)
    monkeypatch.setattr("foreseal_relay.limits.REQUESTS_A_DAY", 0)
    reports = [await box.put_first(envelope(number), spending(number), report=True) for number in (3, 4, 5)]
    assert reports == [Outcome.STORED, Outcome.STORED, Outcome.NOT_DELIVERABLE]
    assert isinstance(await box.claim_first(BOX, spending(6), DAY), Claim), "its keys are asked for as anybody's are"
    assert await box.take_requests(BOX, is_open=False, desk=True) is Outcome.STORED
    assert await box.put_first(envelope(7, day=DAY + 1), spending(7), report=True) is Outcome.NOT_DELIVERABLE


async def run(store: MailboxStore, *statements: str) -> None:
    """Runs statements in a store's own database, past everything that it offers."""
    if isinstance(store, SqliteStore):
        for statement in statements:
            await store.writer.write(lambda connection, said=statement: connection.execute(said))  # type: ignore[misc]
    else:
        assert isinstance(store, PostgresStore)
        async with store._connections.transaction() as connection:
            for statement in statements:
                await connection.execute(statement)


async def refuse(store: MailboxStore, table: str) -> None:
    """From now on a row more in `table` is an error in the middle of whatever brings it."""
    if isinstance(store, SqliteStore):
        await run(store, f"CREATE TRIGGER no BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END")
    else:
        await run(
            store,
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$",
            f"CREATE TRIGGER no BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION no()",
        )


async def allow(store: MailboxStore, table: str) -> None:
    await run(store, "DROP TRIGGER no" if isinstance(store, SqliteStore) else f"DROP TRIGGER no ON {table}")


async def test_a_token_is_not_spent_on_an_envelope_that_could_not_be_stored(box: MailboxStore) -> None:
    await refuse(box, "envelopes")
    with pytest.raises(StoreRefused):
        await box.put_first(envelope(1), spending(1, purpose=1))
    await allow(box, "envelopes")
    assert await box.put_first(envelope(2), spending(1, purpose=2)) is Outcome.STORED


async def test_a_token_is_not_spent_on_a_prekey_that_could_not_be_claimed_nor_is_that_gone(box: MailboxStore) -> None:
    await refuse(box, "taken")
    with pytest.raises(StoreRefused):
        await box.claim_first(BOX, spending(1, purpose=1), DAY)
    await allow(box, "taken")
    assert await box.claim_first(BOX, spending(1, purpose=2), DAY) == Claim(b"bundle", bytes([0]))


async def test_a_token_is_not_spent_on_a_blob_whose_payment_could_not_be_noted(box: MailboxStore) -> None:
    await refuse(box, "allowances")
    with pytest.raises(StoreRefused):
        await box.pay(b"b" * 16, 9, [spending(1, purpose=1)], HOUR + 9)
    await allow(box, "allowances")
    assert await box.pay(b"c" * 16, 9, [spending(1, purpose=2)], HOUR + 9) is Outcome.STORED


@pytest.mark.parametrize(("limit", "most"), [("MAX_WAITING", 1), ("MAX_WAITING_BYTES", 4096)])
async def test_a_full_mailbox_takes_no_request_and_says_nothing_of_why(
    box: MailboxStore, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    for module in ("spending", "postgres.spending"):
        monkeypatch.setattr(f"foreseal_relay.store.{module}.{limit}", most)
    assert await box.put_first(envelope(1), spending(1)) is Outcome.STORED
    assert await box.put_first(envelope(2), spending(2)) is Outcome.NOT_DELIVERABLE


async def test_strangers_get_few_prekeys_a_day_and_one_token_always_the_same(box: MailboxStore) -> None:
    claims = [await box.claim_first(BOX, spending(number), DAY) for number in range(PREKEYS_A_DAY + 2)]
    handed_out = [claim.one_time for claim in claims if isinstance(claim, Claim)]
    assert handed_out == [bytes([number]) for number in range(PREKEYS_A_DAY)] + [None, None]
    assert await box.claim_first(BOX, spending(0), DAY) == Claim(b"bundle", b"\x00")
    assert await box.claim_first(BOX, spending(99), DAY + 1) == Claim(b"bundle", bytes([PREKEYS_A_DAY]))
    standing = await box.sign_in(BOX, 0, DAY)
    assert standing is not None
    assert standing.prekeys_left == 16 - PREKEYS_A_DAY - 1


async def test_a_bundle_is_given_to_strangers_by_open_mailboxes_that_have_one(box: MailboxStore) -> None:
    assert await box.claim_first(CLOSED, spending(1), DAY) is Outcome.NOT_DELIVERABLE
    assert await box.claim_first(UNKNOWN, spending(2), DAY) is Outcome.NOT_DELIVERABLE
    bare = b"b" * 16
    await box.register(bare, b"k" * 32, TOKEN, 0, DAY)
    await box.take_requests(bare, is_open=True)
    assert await box.claim_first(bare, spending(3), DAY) is Outcome.NOT_DELIVERABLE
    standing = await box.sign_in(CLOSED, 0, DAY)
    assert standing is not None
    assert standing.prekeys_left == 16, "nothing was taken from where nothing was given"


async def test_a_blob_grows_as_far_as_it_is_paid_for_and_a_refusal_spends_nothing(store: MailboxStore) -> None:
    blob, other = b"b" * 16, b"o" * 16
    first, second, third = spending(1, 1), spending(2, 1), spending(3, 2)
    assert await store.pay(blob, 1, [], HOUR) is Outcome.BAD_TOKEN
    assert await store.pay(blob, BLOB_TOKEN_BYTES + 1, [first, first], HOUR) is Outcome.BAD_TOKEN
    assert await store.pay(blob, BLOB_TOKEN_BYTES + 1, [second, first], HOUR) is Outcome.STORED
    assert await store.pay(blob, 2 * BLOB_TOKEN_BYTES, [], HOUR) is Outcome.STORED
    assert await store.pay(other, 1, [replace(first, purpose=b"2" * 16)], HOUR) is Outcome.BAD_TOKEN
    assert await store.pay(other, 2 * BLOB_TOKEN_BYTES, [third, spending(2, 2)], HOUR) is Outcome.BAD_TOKEN
    assert await store.pay(blob, 3 * BLOB_TOKEN_BYTES, [first, second, spending(3, 1)], HOUR) is Outcome.STORED


async def test_an_account_draws_a_kind_once_a_day_and_the_same_draw_again(box: MailboxStore) -> None:
    assert await box.draw(BOX, "bundle", DAY, b"r" * 32) is Outcome.STORED
    assert await box.draw(BOX, "bundle", DAY, b"r" * 32) is Outcome.STORED
    assert await box.draw(BOX, "bundle", DAY, b"s" * 32) is Outcome.FULL
    assert await box.draw(BOX, "bundle", DAY - 1, b"s" * 32) is Outcome.FULL, "a clock set back opens no day again"
    assert await box.draw(BOX, "blob", DAY, b"s" * 32) is Outcome.STORED
    assert await box.draw(BOX, "bundle", DAY + 1, b"s" * 32) is Outcome.STORED
    assert await box.draw(UNKNOWN, "bundle", DAY, b"r" * 32) is Outcome.NOT_REGISTERED


async def test_a_code_makes_one_mailbox_and_that_one_again(store: MailboxStore) -> None:
    code, of_another = spending(1, purpose=1), spending(1, purpose=2)
    assert await store.register(BOX, b"k" * 32, TOKEN, 0, DAY, code=code) is Outcome.STORED
    assert await store.register(BOX, b"k" * 32, TOKEN, 0, DAY, code=code) is Outcome.STORED
    assert await store.register(CLOSED, b"k" * 32, TOKEN, 0, DAY, code=of_another) is Outcome.ADMISSION
    assert await store.sign_in(CLOSED, 0, DAY) is None
    # A mailbox that is there needs none, so that its owner may change the token later.
    assert await store.register(BOX, b"k" * 32, b"n" * 32, 0, DAY, code=of_another) is Outcome.STORED


async def test_of_two_mailboxes_made_at_once_with_one_code_there_is_one(store: MailboxStore) -> None:
    makes = [
        store.register(bytes([number]) * 16, b"k" * 32, TOKEN, 0, DAY, code=spending(1, purpose=number))
        for number in range(6)
    ]
    assert sorted(one.name for one in await asyncio.gather(*makes)) == ["ADMISSION"] * 5 + ["STORED"]


async def test_a_replaced_token_brings_a_few_more_envelopes_for_a_few_more_days(box: MailboxStore) -> None:
    for _ in range(2):  # an owner whose answer was lost registers again
        assert await box.register(BOX, b"k" * 32, b"n" * 32, 0, DAY) is Outcome.STORED
    ends = (DAY + 1 + OLD_TOKEN_DAYS) * 24
    outcomes = [await box.put(envelope(number), TOKEN, HOUR) for number in range(OLD_TOKEN_SENDS + 1)]
    assert outcomes == [Outcome.STORED] * OLD_TOKEN_SENDS + [Outcome.NOT_DELIVERABLE]
    assert await box.put(envelope(0), TOKEN, ends - 1) is Outcome.DUPLICATE
    assert await box.put(envelope(0), TOKEN, ends) is Outcome.NOT_DELIVERABLE
    assert await box.put(envelope(200), b"n" * 32, ends) is Outcome.STORED


async def test_what_says_nothing_any_more_is_forgotten_and_nothing_sooner(box: MailboxStore) -> None:
    until = (DAY + 5) * 24
    await box.put_first(envelope(1), spending(1, purpose=1, until=until))
    await box.pay(b"b" * 16, 1, [spending(2, until=until)], until)
    await box.draw(BOX, "bundle", DAY, b"r" * 32)
    assert await box.expire(HOUR, 0, 10) == 0
    assert await box.expire((DAY + 1) * 24, 0, 10) == 2, "what was had of a mailbox yesterday, and its draw"
    assert await box.put_first(envelope(2), spending(1, purpose=2)) is Outcome.BAD_TOKEN
    assert await box.pay(b"b" * 16, 1, [], until) is Outcome.STORED
    assert await box.expire(until - 1, 0, 10) == 0
    assert await box.expire(until, 0, 10) == 3
    assert await box.pay(b"b" * 16, 1, [], until) is Outcome.BAD_TOKEN


async def test_a_forgotten_mailbox_that_is_made_again_begins_without_a_past(box: MailboxStore) -> None:
    await box.draw(BOX, "bundle", DAY, b"r" * 32)
    await box.put_first(envelope(1), spending(1))
    while await box.expire(HOUR, DAY + 1, 10):
        pass
    await box.register(BOX, b"k" * 32, TOKEN, 0, DAY)
    assert await box.draw(BOX, "bundle", DAY, b"s" * 32) is Outcome.STORED
    assert await box.put_first(envelope(2), spending(2)) is Outcome.NOT_DELIVERABLE, "it takes no requests yet"
