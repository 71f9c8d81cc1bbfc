"""Bundles that are refused, keys that are replaced, and secrets that are forgotten."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing.bundles import BUNDLE_DAYS, OneTimePrekey, open_bundle, signed_bundle, signed_one_time
from foreseal_client.sealing.prekeys import KEPT_DAYS, MAX_STOCK, ROTATE_DAYS, Prekeys
from foreseal_relay.wire import MAX_BUNDLE, MAX_ONE_TIME_PREKEY, MAX_TTL
from two_devices import TODAY, Party

BOB = Party()


def opened_on(day: int, bundle: bytes, one_time: bytes | None = None) -> object:
    return open_bundle(bundle, one_time, BOB.keys.identity_public, BOB.mailbox, day)


@pytest.mark.parametrize("day", [TODAY + BUNDLE_DAYS + 1, TODAY + 1000])
def test_an_expired_bundle_is_refused(day: int) -> None:
    with pytest.raises(PeerFaultError, match="expired"):
        opened_on(day, BOB.signed_bundle())


def test_a_bundle_is_good_on_its_last_day() -> None:
    opened_on(TODAY + BUNDLE_DAYS, BOB.signed_bundle())


def test_a_bundle_from_the_future_is_refused() -> None:
    with pytest.raises(PeerFaultError, match="too far ahead"):
        opened_on(TODAY - BUNDLE_DAYS - 1, BOB.signed_bundle())


def test_a_bundle_is_refused_when_any_byte_of_it_changed() -> None:
    signed = BOB.signed_bundle()
    for position in range(0, len(signed), 97):
        broken = bytearray(signed)
        broken[position] ^= 0x20
        with pytest.raises(PeerFaultError):
            opened_on(TODAY, bytes(broken))


@pytest.mark.parametrize("length", [0, 1, 100, 2000])
def test_a_bundle_that_was_cut_off_is_refused(length: int) -> None:
    with pytest.raises(PeerFaultError):
        opened_on(TODAY, BOB.signed_bundle()[:length])


def test_a_bundle_or_prekey_of_somebody_else_is_refused() -> None:
    other = Party()
    with pytest.raises(PeerFaultError, match="not signed"):
        opened_on(TODAY, other.signed_bundle())
    with pytest.raises(PeerFaultError, match="not signed"):
        opened_on(TODAY, BOB.signed_bundle(), other.signed_one_time())
    with pytest.raises(PeerFaultError, match="somebody else"):
        open_bundle(BOB.signed_bundle(), None, BOB.keys.identity_public, other.mailbox, TODAY)


def test_a_bundle_never_passes_for_a_one_time_prekey_nor_the_other_way_round() -> None:
    with pytest.raises(PeerFaultError, match="not signed"):
        opened_on(TODAY, BOB.signed_one_time())
    with pytest.raises(PeerFaultError, match="not signed"):
        opened_on(TODAY, BOB.signed_bundle(), BOB.signed_bundle())


@pytest.mark.parametrize("change", [{"device": 2}, {"mailbox": bytes(16)}])
def test_a_one_time_prekey_of_another_device_of_the_same_person_is_refused(change: dict[str, bytes | int]) -> None:
    prekey = OneTimePrekey(BOB.mailbox, 1, bytes(32), bytes(1184))
    signed = signed_one_time(BOB.keys, msgspec.structs.replace(prekey, **change))
    with pytest.raises(PeerFaultError, match="another device"):
        opened_on(TODAY, BOB.signed_bundle(), signed)


@pytest.mark.parametrize(
    "change",
    [
        {"seal_x25519": b"short"},
        {"seal_x25519": bytes(32)},
        {"seal_kem": b"\xff" * 1184},
        {"last_resort_kem": b"\xff" * 1184},
        {"signed_prekey": bytes(32)},
        {"signed_prekey": b"\x01" + bytes(31)},
        {"device": -1},
        {"device": 2**32},
    ],
)
def test_a_signed_bundle_with_keys_that_cannot_work_is_refused_at_once(change: dict[str, bytes | int]) -> None:
    payload = msgspec.structs.replace(BOB.bundle().payload, **change)
    with pytest.raises(PeerFaultError, match="malformed"):
        opened_on(TODAY, signed_bundle(BOB.keys, payload))


@pytest.mark.parametrize("device", [0, 2**32 - 1])
def test_any_device_number_of_four_bytes_is_one(device: int) -> None:
    payload = msgspec.structs.replace(BOB.bundle().payload, device=device)
    opened_on(TODAY, signed_bundle(BOB.keys, payload))


@pytest.mark.parametrize("part", ["last_resort_kem", "seal_kem"])
@pytest.mark.parametrize("value", [b"", bytes(32), bytes(1183), bytes(1185)])
def test_a_bundle_without_its_post_quantum_part_is_refused(part: str, value: bytes) -> None:
    payload = msgspec.structs.replace(BOB.bundle().payload, **{part: value})
    with pytest.raises(PeerFaultError, match="post-quantum"):
        opened_on(TODAY, signed_bundle(BOB.keys, payload))


def test_a_bundle_of_another_label_is_refused() -> None:
    payload = msgspec.structs.replace(BOB.bundle().payload, label="foreseal/2")
    with pytest.raises(PeerFaultError, match="somebody else"):
        opened_on(TODAY, signed_bundle(BOB.keys, payload))


@pytest.mark.parametrize("change", [{"x25519": bytes(32)}, {"kem": b"\xff" * 1184}, {"kem": b""}])
def test_a_signed_one_time_prekey_that_cannot_work_is_refused_at_once(change: dict[str, bytes]) -> None:
    prekey = BOB.bundle().one_time
    assert prekey is not None
    with pytest.raises(PeerFaultError, match="malformed"):
        opened_on(TODAY, BOB.signed_bundle(), signed_one_time(BOB.keys, msgspec.structs.replace(prekey, **change)))


def test_bundle_and_prekey_fit_what_a_relay_takes() -> None:
    assert len(BOB.signed_bundle()) <= MAX_BUNDLE
    assert len(BOB.signed_one_time()) <= MAX_ONE_TIME_PREKEY


def test_a_relay_that_always_says_it_has_no_prekeys_makes_a_device_keep_no_more_than_its_stock() -> None:
    prekeys = Prekeys.generate(TODAY)
    for _ in range(15):
        prekeys, newest = prekeys.replenished(BOB.keys, BOB.mailbox, 20)
    assert len(prekeys.one_time) == MAX_STOCK
    last = msgspec.msgpack.decode(msgspec.msgpack.decode(newest[-1])[0], type=OneTimePrekey)
    assert prekeys.one_time_of(last.x25519) is not None


def test_keys_are_replaced_by_age_and_not_before() -> None:
    prekeys = Prekeys.generate(TODAY)
    assert prekeys.rotated(TODAY) == prekeys.rotated(TODAY + ROTATE_DAYS - 1) == prekeys
    rotated = prekeys.rotated(TODAY + ROTATE_DAYS)
    old, new = prekeys.generations[0], rotated.generations[0]
    assert all(mine != theirs for mine, theirs in zip(msgspec.structs.astuple(old)[:6],
                                                      msgspec.structs.astuple(new)[:6], strict=True))  # fmt: skip
    assert rotated.generations[1] == msgspec.structs.replace(old, replaced=TODAY + ROTATE_DAYS)
    assert prekeys.rotated(TODAY + 1, every=1).generations[0] != old


def test_keys_made_under_a_clock_that_ran_ahead_are_replaced_when_it_is_set_right() -> None:
    prekeys = Prekeys.generate(TODAY + 4000)
    assert prekeys.rotated(TODAY).generations[0].made == TODAY


def test_a_device_that_slept_for_months_still_opens_what_was_sealed_to_its_last_bundle() -> None:
    prekeys = Prekeys.generate(TODAY)
    woken = prekeys.rotated(TODAY + 300)
    assert woken.generation_of(prekeys.generations[0].signed_public) is not None


def test_secrets_are_kept_as_long_as_something_sealed_to_them_may_be_under_way_and_no_longer() -> None:
    assert BUNDLE_DAYS + MAX_TTL // 86400 <= KEPT_DAYS
    prekeys = Prekeys.generate(TODAY)
    first, replaced = prekeys.generations[0].signed_public, TODAY + ROTATE_DAYS
    prekeys = prekeys.rotated(replaced)
    assert prekeys.rotated(replaced + KEPT_DAYS - 1).generation_of(first) is not None
    gone = prekeys.rotated(replaced + KEPT_DAYS)
    assert gone.generation_of(first) is None
    assert BOB.prekeys.generations[0].signed_prekey not in gone.save()
    assert prekeys.generations[1].signed_prekey not in gone.save()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 90), max_size=40))
def test_however_a_device_is_used_the_generations_it_keeps_are_few_and_in_order(rests: list[int]) -> None:
    prekeys, today = Prekeys.generate(TODAY), TODAY
    for rest in rests:
        today += rest
        prekeys = prekeys.rotated(today)
        assert prekeys.generations[0].replaced is None
        assert today - prekeys.generations[0].made < ROTATE_DAYS
        assert len(prekeys.generations) <= KEPT_DAYS // ROTATE_DAYS + 2
        assert all(newer.made >= older.made for newer, older in pairwise(prekeys.generations))
    assert Prekeys.restore(prekeys.save()) == prekeys


def test_a_device_that_begins_anew_unwraps_what_was_under_way_and_begins_no_session_with_its_old_keys() -> None:
    prekeys, _ = Prekeys.generate(TODAY).rotated(TODAY + ROTATE_DAYS).replenished(BOB.keys, BOB.mailbox, 1)
    anew = prekeys.anew(TODAY + 8)
    assert anew.seal_keys[1:] == prekeys.seal_keys
    assert anew.seal_keys[0] not in prekeys.seal_keys
    assert anew.one_time == ()
    assert not {each.signed_public for each in anew.generations} & {each.signed_public for each in prekeys.generations}
    assert not {each.last_resort for each in anew.generations} & {each.last_resort for each in prekeys.generations}


def test_however_often_a_relay_makes_a_device_begin_anew_its_old_keys_go_on_their_day() -> None:
    prekeys = Prekeys.generate(TODAY)
    first, day = prekeys.seal_keys[0], TODAY + 1
    while day < TODAY + 1 + KEPT_DAYS:
        prekeys = prekeys.anew(day)
        assert first in prekeys.seal_keys
        day += 20
    assert first not in prekeys.anew(TODAY + 1 + KEPT_DAYS).seal_keys
    assert len(prekeys.anew(TODAY + 1 + KEPT_DAYS).generations) <= KEPT_DAYS // 20 + 1
