"""What every store must do, whichever it is."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from foreseal_relay.limits import MAILBOX_IDLE_DAYS, MAX_INVITATIONS
from foreseal_relay.presence import Presence
from foreseal_relay.store import Blob, Claim, Envelope, MailboxStore, Outcome, StoreRefused, store_at
from foreseal_relay.store.deciding import leaving
from foreseal_relay.wire import MAX_ONE_TIME_PREKEYS
from relay_peer import eid

BOX, TOKEN, HOUR = b"m" * 16, b"t" * 32, 480_000
DAY = HOUR // 24


def envelope(number: int, *, mailbox: bytes = BOX, expires: int = HOUR + 24, size: int = 4096) -> Envelope:
    return Envelope(mailbox, eid(number), b"c" * 32, bytes(size), DAY, expires)


@pytest.fixture
def store(each_store: MailboxStore) -> MailboxStore:
    return each_store


@pytest.fixture
async def box(store: MailboxStore) -> MailboxStore:
    assert await store.register(BOX, b"k" * 32, TOKEN, 0, DAY) is Outcome.STORED
    return store


async def test_waiting_leaves_out_what_was_pushed_and_what_has_expired(box: MailboxStore) -> None:
    for number in range(4):
        await box.put(envelope(number), TOKEN, HOUR)
    await box.put(envelope(9, expires=HOUR + 1), TOKEN, HOUR)
    left = await box.waiting(BOX, {eid(0), eid(2)}, 10, HOUR + 1)
    assert [found.eid for found in left] == [eid(1), eid(3)]
    assert len(await box.waiting(BOX, (), 3, HOUR)) == 3


async def test_expired_envelopes_that_were_not_swept_yet_stand_in_nobodys_way(box: MailboxStore) -> None:
    for number in range(7):
        await box.put(envelope(number, expires=HOUR + 1 + (number in (3, 6))), TOKEN, HOUR)
    assert [found.eid for found in await box.waiting(BOX, (), 2, HOUR + 1)] == [eid(3), eid(6)]


async def test_a_tombstone_lasts_until_the_envelope_would_have_expired(box: MailboxStore) -> None:
    await box.put(envelope(1), TOKEN, HOUR)
    await box.acknowledge(BOX, [eid(1)])
    assert await box.expire(HOUR + 23, 0, 100) == 0
    assert await box.put(envelope(1), TOKEN, HOUR + 23) is Outcome.DUPLICATE
    assert await box.expire(HOUR + 24, 0, 100) == 1


async def test_the_same_eid_in_two_mailboxes_is_two_envelopes(box: MailboxStore) -> None:
    other = b"o" * 16
    await box.register(other, b"k" * 32, TOKEN, 0, 0)
    assert await box.put(envelope(1), TOKEN, HOUR) is Outcome.STORED
    assert await box.put(envelope(1, mailbox=other), TOKEN, HOUR) is Outcome.STORED
    await box.acknowledge(other, [eid(1)])
    assert len(await box.waiting(BOX, (), 10, HOUR)) == 1


async def test_a_repeated_publish_does_not_bring_back_a_prekey_that_was_claimed(box: MailboxStore) -> None:
    await box.publish(BOX, b"bundle", (b"one", b"two"))
    for invitation in (b"1" * 32, b"2" * 32, b"3" * 32):
        await box.invite(BOX, invitation, 8, HOUR + 24, HOUR)
    assert await box.claim(BOX, b"1" * 32, HOUR) == Claim(b"bundle", b"one")
    await box.publish(BOX, b"bundle", (b"one", b"two"))
    assert await box.claim(BOX, b"2" * 32, HOUR) == Claim(b"bundle", b"two")
    assert await box.claim(BOX, b"3" * 32, HOUR) == Claim(b"bundle", None)


async def test_inviting_twice_with_one_digest_gives_no_second_set_of_sends(box: MailboxStore) -> None:
    for _ in range(2):
        assert await box.invite(BOX, b"i" * 32, 1, HOUR + 24, HOUR) is Outcome.STORED
        await box.put(envelope(1), b"i" * 32, HOUR)
    assert await box.put(envelope(2), b"i" * 32, HOUR) is Outcome.NOT_DELIVERABLE


async def test_a_mailbox_has_so_many_invitations_and_no_more(box: MailboxStore) -> None:
    first = (box.invite(BOX, number.to_bytes(32, "big"), 8, HOUR + 1, HOUR) for number in range(MAX_INVITATIONS))
    assert set(await asyncio.gather(*first)) == {Outcome.STORED}
    assert await box.invite(BOX, b"\xff" * 32, 8, HOUR + 1, HOUR) is Outcome.FULL
    assert await box.invite(BOX, bytes(32), 8, HOUR + 1, HOUR) is Outcome.STORED
    assert await box.invite(BOX, b"\xff" * 32, 8, HOUR + 2, HOUR + 1) is Outcome.STORED


async def test_a_mailbox_nobody_opens_is_forgotten_with_everything_in_it(box: MailboxStore) -> None:
    await box.publish(BOX, b"bundle", (b"one",))
    await box.put(envelope(1, expires=HOUR + 10**6), TOKEN, HOUR)
    assert await box.expire(HOUR, DAY, 100) == 0
    assert await box.expire(HOUR, DAY + MAILBOX_IDLE_DAYS, 100) == 1
    assert await box.sign_in(BOX, 0, 0) is None
    assert await box.put(envelope(2), TOKEN, HOUR) is Outcome.NOT_DELIVERABLE
    assert await box.waiting(BOX, (), 10, HOUR) == []


async def test_a_reading_of_fewer_than_one_envelope_is_a_fault_and_not_the_whole_mailbox(box: MailboxStore) -> None:
    await box.put(envelope(1), TOKEN, HOUR)
    for limit in (0, -1, -8):
        with pytest.raises(ValueError, match="at least one"):
            await box.waiting(BOX, (), limit, HOUR)
    assert await box.waiting(BOX, (), 1, HOUR) == [envelope(1)]


async def test_an_unknown_mailbox_and_a_bad_token_are_answered_alike(box: MailboxStore) -> None:
    await box.publish(BOX, b"bundle", ())
    assert await box.put(envelope(1, mailbox=b"u" * 16), TOKEN, HOUR) is Outcome.NOT_DELIVERABLE
    assert await box.put(envelope(1), b"x" * 32, HOUR) is Outcome.NOT_DELIVERABLE
    assert await box.put(envelope(1, mailbox=b"u" * 16), bytes(32), HOUR) is Outcome.NOT_DELIVERABLE
    assert await box.claim(b"u" * 16, TOKEN, HOUR) is None
    assert await box.claim(BOX, b"x" * 32, HOUR) is None


async def test_what_a_mailbox_must_have_first_is_refused_without_one(store: MailboxStore) -> None:
    assert await store.publish(BOX, b"bundle", ()) is Outcome.NOT_REGISTERED
    assert await store.invite(BOX, b"i" * 32, 1, HOUR + 1, HOUR) is Outcome.NOT_REGISTERED
    assert await store.raise_generation(BOX, 1) is Outcome.NOT_REGISTERED
    assert await store.sign_in(BOX, 1, DAY) is None
    await store.acknowledge(BOX, [eid(1)])


async def test_bytes_fill_a_mailbox_before_envelopes_do(box: MailboxStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foreseal_relay.store.deciding.MAX_WAITING_BYTES", 3 * 4096)
    outcomes = await asyncio.gather(*(box.put(envelope(number), TOKEN, HOUR) for number in range(5)))
    assert outcomes.count(Outcome.STORED) == 3
    assert outcomes.count(Outcome.FULL) == 2
    kept = await box.waiting(BOX, (), 10, HOUR)
    await box.acknowledge(BOX, [kept[0].eid])
    assert await box.put(envelope(7), TOKEN, HOUR) is Outcome.STORED
    assert await box.put(envelope(8), TOKEN, HOUR) is Outcome.FULL


async def test_mailboxes_nobody_opens_are_forgotten_a_few_at_a_time_by_how_much_they_hold(box: MailboxStore) -> None:
    for number in range(4):
        await box.register(bytes([number]) * 16, b"k" * 32, TOKEN, 0, DAY - 9)
        for each in range(8 * (number < 2)):
            full = bytes([number]) * 16
            assert await box.put(envelope(each, mailbox=full), TOKEN, HOUR) is Outcome.STORED
    rows = 2 * MAX_ONE_TIME_PREKEYS + 8  # room for a mailbox with eight envelopes and an empty one
    went = []
    while gone := await box.expire(HOUR, DAY, rows):
        went.append(gone)
    assert sum(went) == 4
    assert max(went) == 2
    assert (await box.sign_in(BOX, 0, DAY)) is not None


@pytest.mark.parametrize(
    ("waiting", "rows", "leaves"),
    [([], 500, 0), ([2000, 0], 500, 1), ([0, 2000, 0], 500, 1), ([0] * 9, 500, 5), ([150, 150], 500, 2), ([9], 1, 1)],
)
def test_of_idle_mailboxes_so_many_leave_as_hold_few_enough_rows_and_always_one(
    waiting: list[int], rows: int, leaves: int
) -> None:
    idle = [(eid(number), count) for number, count in enumerate(waiting)]
    assert leaving(iter(idle), rows) == [mailbox for mailbox, _ in idle[:leaves]]


async def test_so_many_envelopes_fill_a_mailbox_and_expired_ones_make_room_when_they_are_swept(
    box: MailboxStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foreseal_relay.store.deciding.MAX_WAITING", 2)
    for number, outcome in enumerate([Outcome.STORED, Outcome.STORED, Outcome.FULL]):
        assert await box.put(envelope(number, expires=HOUR + 1), TOKEN, HOUR) is outcome
    assert await box.put(envelope(3), TOKEN, HOUR + 1) is Outcome.FULL
    assert await box.expire(HOUR + 1, 0, 1) == 1
    assert await box.put(envelope(3), TOKEN, HOUR + 1) is Outcome.STORED


async def test_one_envelope_sent_many_times_at_once_is_stored_once(box: MailboxStore) -> None:
    outcomes = await asyncio.gather(*(box.put(envelope(1), TOKEN, HOUR) for _ in range(20)))
    assert outcomes.count(Outcome.STORED) == 1
    assert outcomes.count(Outcome.DUPLICATE) == 19


async def test_an_invitation_used_many_times_at_once_carries_its_sends_and_no_more(box: MailboxStore) -> None:
    await box.invite(BOX, b"i" * 32, 3, HOUR + 24, HOUR)
    outcomes = await asyncio.gather(*(box.put(envelope(number), b"i" * 32, HOUR) for number in range(10)))
    assert outcomes.count(Outcome.STORED) == 3
    assert outcomes.count(Outcome.NOT_DELIVERABLE) == 7


async def test_claims_at_once_hand_out_every_prekey_once(box: MailboxStore) -> None:
    await box.publish(BOX, b"bundle", (b"one", b"two", b"three"))
    invitations = [bytes([number]) * 32 for number in range(1, 6)]
    for invitation in invitations:
        await box.invite(BOX, invitation, 8, HOUR + 24, HOUR)
    claims = await asyncio.gather(*(box.claim(BOX, one, HOUR) for one in invitations * 2))
    handed_out = [claim.one_time for claim in claims if claim is not None]
    assert handed_out[:5] == handed_out[5:], "the same invitation is given the same prekey"
    assert sorted(one for one in handed_out[:5] if one) == [b"one", b"three", b"two"]


async def test_a_publish_with_too_many_prekeys_changes_nothing(box: MailboxStore) -> None:
    await box.publish(BOX, b"older", (b"one",))
    many = [number.to_bytes(2, "big") for number in range(MAX_ONE_TIME_PREKEYS)]
    assert await box.publish(BOX, b"newer", many) is Outcome.FULL
    assert await box.claim(BOX, TOKEN, HOUR) == Claim(b"older", None)
    standing = await box.sign_in(BOX, 0, DAY)
    assert standing is not None
    assert standing.prekeys_left == 1


async def test_a_generation_never_goes_down(box: MailboxStore) -> None:
    highest = 2**63 - 1
    assert await box.raise_generation(BOX, 5) is Outcome.STORED
    assert await box.raise_generation(BOX, 4) is Outcome.ROLLED_BACK
    standing = await box.sign_in(BOX, 3, DAY)
    assert standing is not None
    assert standing.generation == 5
    assert await box.raise_generation(BOX, highest) is Outcome.STORED
    standing = await box.sign_in(BOX, highest, DAY)
    assert standing is not None
    assert standing.generation == highest


async def test_an_expired_blob_is_gone_and_its_id_stays_taken_until_it_is_swept(store: MailboxStore) -> None:
    first, second = Blob(b"b" * 16, 7, b"h" * 32, HOUR + 1), Blob(b"b" * 16, 8, b"g" * 32, HOUR + 9)
    assert await store.add_blob(first) == first
    assert await store.add_blob(second) == first
    assert await store.blob(first.id, HOUR) == first
    assert await store.blob(first.id, HOUR + 1) is None
    assert await store.expire_blobs(HOUR, 10) == []
    assert await store.expire_blobs(HOUR + 1, 10) == [first]
    assert await store.add_blob(second) == second
    assert await store.blobs() == [second]


async def test_a_closed_store_has_committed_what_was_queued_and_takes_no_more(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    for url in (None, request.getfixturevalue("database")):
        async with store_at(url, tmp_path / "s", Presence(), "a-relay.") as store:
            await store.register(BOX, b"k" * 32, TOKEN, 0, DAY)
            puts = [asyncio.create_task(store.put(envelope(number), TOKEN, HOUR)) for number in range(50)]
            await asyncio.sleep(0)
        assert set(await asyncio.gather(*puts)) == {Outcome.STORED}
        with pytest.raises(StoreRefused, match="stopping"):
            await store.put(envelope(99), TOKEN, HOUR)
        async with store_at(url, tmp_path / "s", Presence(), "a-relay.") as store:
            assert len(await store.waiting(BOX, (), 100, HOUR)) == 50
