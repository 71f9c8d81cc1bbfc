"""Submissions as bytes: what they hold comes back, and everything else is refused by name."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client.reports.handing_in import Handed, Refusal, decode, encode
from foreseal_client.reports.said import (
    MAX_FINGERPRINTS,
    MAX_LINK,
    MAX_REPORTED,
    MAX_WORDS,
    Appeal,
    Category,
    Disclosed,
    OwnPicture,
    Report,
    Said,
    TakenBack,
    TipOff,
)
from foreseal_client.sealing.keys import DeviceKeys
from reported import Sent

DESK, NUMBER = b"desk" * 4, b"n" * 16
SENT = Sent()
ONE = SENT.message()
REPORT = SENT.report(ONE, words="please look")
TIP = TipOff(Category.OTHER, "", "https://listed.example")
SEED = SENT.recipient.login


def packed(said: Said, desk: bytes = DESK, seed: bytes = b"") -> bytes:
    return encode(Handed(NUMBER, desk, said), seed)


@pytest.mark.parametrize(
    "said",
    [
        TIP,
        Appeal("wrongly-listed", "mine", "demo", "2026.11.22", 7),
        OwnPicture("it is me", (("pdq", bytes(32)), ("sha256", bytes(32)))),
        TakenBack(b"x" * 16),
    ],
)
def test_what_is_not_a_report_comes_back_and_is_signed_by_nobody(said: Said) -> None:
    assert decode(packed(said), DESK) == Handed(NUMBER, DESK, said)


def test_a_report_comes_back_with_exactly_its_messages() -> None:
    assert decode(packed(REPORT, seed=SEED), DESK) == Handed(NUMBER, DESK, REPORT)


def test_a_report_that_the_mailbox_did_not_sign_is_refused() -> None:
    for seed in (b"", DeviceKeys.generate().login, SENT.recipient.identity):
        with pytest.raises(ValueError, match=Refusal.NOT_THE_MAILBOX):
            packed(REPORT, seed=seed)


def test_a_report_for_one_desk_is_no_report_for_another() -> None:
    assert decode(packed(REPORT, seed=SEED), b"else" * 4) is Refusal.ELSEWHERE


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        (SENT.report(), Refusal.EMPTY),
        (SENT.report(*[ONE] * (MAX_REPORTED + 1)), Refusal.TOO_MUCH),
        (SENT.report(ONE, words="w" * (MAX_WORDS + 1)), Refusal.TOO_MUCH),
        (SENT.report(msgspec.structs.replace(ONE, stamp=bytes(31))), Refusal.MALFORMED),
        (SENT.report(msgspec.structs.replace(ONE, day=-1)), Refusal.MALFORMED),
        (TipOff(Category.OTHER, "", "  "), Refusal.EMPTY),
        (TipOff(Category.OTHER, "", "x" * (MAX_LINK + 1)), Refusal.TOO_MUCH),
        (OwnPicture("", ()), Refusal.EMPTY),
        (OwnPicture("", (("pdq", bytes(32)),) * (MAX_FINGERPRINTS + 1)), Refusal.TOO_MUCH),
        (OwnPicture("", (("pdq", bytes(31)),)), Refusal.MALFORMED),
        (OwnPicture("", (("link", bytes(32)),)), Refusal.MALFORMED),
        (Appeal("g" * 129, "", "demo", "1", 1), Refusal.TOO_MUCH),
        (Appeal("g", "", "demo", "1", -1), Refusal.MALFORMED),
        (TakenBack(b"short"), Refusal.MALFORMED),
    ],
)
def test_what_cannot_be_is_refused_on_both_sides(said: Said, refusal: Refusal) -> None:
    with pytest.raises(ValueError, match=refusal):
        packed(said, seed=SEED)


@given(st.binary(max_size=300))
def test_no_bytes_make_a_desk_fall_over(data: bytes) -> None:
    assert isinstance(decode(data, DESK), Refusal)
    mark = packed(TIP)[:21]
    assert isinstance(decode(mark + data, DESK), Refusal | Handed)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_byte_of_a_report_can_be_changed(place: int, mask: int) -> None:
    whole = bytearray(packed(REPORT, seed=SEED))
    whole[place % len(whole)] ^= mask
    assert isinstance(decode(bytes(whole), DESK), Refusal)


def test_another_version_is_refused_as_such() -> None:
    whole = packed(TIP)
    at = whole.index(b"\x95\x01") + 1
    assert decode(whole[:at] + b"\x02" + whole[at + 1 :], DESK) is Refusal.VERSION


def test_a_report_names_neither_the_reporters_key_nor_their_name() -> None:
    whole = packed(REPORT, seed=SEED)
    assert SENT.recipient.identity_public not in whole
    assert {field.name for field in msgspec.structs.fields(Report)} == {"category", "words", "login_key", "messages"}
    assert len(msgspec.structs.fields(Disclosed)) == 10
