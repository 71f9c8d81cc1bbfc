"""Who is known to be who: safety codes, verified marks, cards, and newcomers who take somebody's place."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client import contacts
from foreseal_client.cards import Card, format_card
from foreseal_client.device import Device
from foreseal_client.errors import CardError
from foreseal_client.qr import QUIET, qr_lines
from foreseal_client.sealing.keys import DeviceKeys
from foreseal_client.sealing.safety_number import Comparison, compare_scanned, safety_code, safety_number
from foreseal_client.store import Contact, Evidence, KeyChange, Standing, State
from foreseal_matcher import ListSet, Mode, OnFailure, Policy
from sample_stores import KEY

ADA, BOB, EVE = b"a" * 32, b"b" * 32, b"e" * 32
TODAY = 20_000


def contact(identity: bytes, name: str, mailbox: bytes = b"m" * 16, standing: Standing = Standing.ACCEPTED) -> Contact:
    return Contact(identity, name, "http://r", mailbox, b"t" * 32, None, None, standing, introduced=True)


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    policy = Policy(Mode.HOLD, OnFailure.CLOSED)
    made = Device(tmp_path, KEY, lists=ListSet.empty(), policy=policy, clock=time.time, name="Ada", relay="http://r")
    yield made
    made.close()


def known(device: Device, *people: Contact) -> None:
    with device.store.transaction():
        for one in people:
            device.store.people.put(one)


def meeting(device: Device, newcomer: Contact, *, proven: bool = False) -> object:
    with device.store.transaction():
        device.store.people.put(newcomer)
        return contacts.meet(newcomer, device.store, proven=proven, now=60, today=TODAY)


def notices(device: Device, identity: bytes) -> list[str]:
    return [m.note for m in device.store.history.with_contact(identity) if m.state is State.NOTICE]


def test_a_code_scanned_from_the_other_screen_is_the_same_on_both_sides() -> None:
    assert compare_scanned(safety_code(BOB, ADA), ADA, BOB) is Comparison.SAME
    assert compare_scanned(safety_code(ADA, BOB), BOB, ADA) is Comparison.SAME


def test_a_scanner_may_change_case_and_break_lines() -> None:
    code = safety_code(BOB, ADA).lower()
    assert compare_scanned(f" {code[:40]}\n{code[40:]} ", ADA, BOB) is Comparison.SAME


@pytest.mark.parametrize(
    "code",
    [
        safety_code(ADA, BOB),  # one's own screen
        safety_code(BOB, EVE),  # they hold another key for this person: somebody stands between
        safety_code(EVE, ADA),  # this device holds another key for them
        safety_code(EVE, EVE),
    ],
)
def test_a_code_with_another_key_in_either_place_is_different(code: str) -> None:
    assert compare_scanned(code, ADA, BOB) is Comparison.DIFFERENT


@pytest.mark.parametrize(
    "text", ["", "https://elsewhere.example", "FORESEAL:SAFETY:", "FORESEAL:SAFETY:AE", "FORESEAL:SAFETY:1", "\uff26"]
)
def test_what_is_no_code_is_said_to_be_none(text: str) -> None:
    assert compare_scanned(text, ADA, BOB) is Comparison.NO_CODE
    assert compare_scanned(safety_code(BOB, ADA)[:-1], ADA, BOB) is Comparison.NO_CODE


def test_a_code_is_of_capital_letters_digits_and_colons_alone() -> None:
    assert set(safety_code(ADA, BOB)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567:")


def test_a_code_of_a_version_that_never_was_is_none() -> None:
    assert compare_scanned("FORESEAL:SAFETY:" + "A" * 104, ADA, BOB) is Comparison.NO_CODE


def test_a_code_of_a_newer_version_is_said_to_be_newer() -> None:
    assert compare_scanned("FORESEAL:SAFETY:AI", ADA, BOB) is Comparison.NEWER


@given(st.text(max_size=200))
def test_no_text_is_taken_for_the_same(text: str) -> None:
    for candidate in (text, f"FORESEAL:SAFETY:{text}"):
        assert compare_scanned(candidate, ADA, BOB) is not Comparison.SAME


def test_digits_and_code_come_of_the_same_computation_as_ever() -> None:
    assert safety_number(ADA, BOB) == ("36977 09872 17478 58573 38429 29240 94373 56154 80329 07400 40225 09942")


def test_a_code_is_drawn_in_as_many_rows_as_a_terminal_has() -> None:
    lines = qr_lines(safety_code(ADA, BOB))
    assert {len(line) for line in lines} == {41}
    assert len(lines) == 21
    assert set("".join(lines)) == set("█▀▄ ")
    assert lines[QUIET // 2].strip().startswith("█▀▀▀▀▀█")
    assert lines[QUIET // 2].strip().endswith("█▀▀▀▀▀█")


def test_what_no_code_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        qr_lines("x" * 5000)


def test_scanning_marks_and_unmarks(device: Device) -> None:
    bob = contact(BOB, "Bob")
    known(device, bob)
    own = device.account.keys.identity_public
    assert contacts.scan(safety_code(BOB, own), bob, device) is Comparison.SAME
    assert contacts.verified(bob, device)
    assert contacts.scan("nonsense", bob, device) is Comparison.NO_CODE
    assert contacts.verified(bob, device)
    assert contacts.scan(safety_code(BOB, EVE), bob, device) is Comparison.DIFFERENT
    assert not contacts.verified(bob, device)


def test_a_stranger_takes_nobodys_place(device: Device) -> None:
    known(device, contact(BOB, "Bob"))
    assert meeting(device, contact(EVE, "Eve", b"e" * 16)) is None
    assert device.store.trust.unseen(EVE) is None
    assert notices(device, EVE) == []


@pytest.mark.parametrize("name", ["Bob", " bob ", "BOB", "\uff22\uff2f\uff22"])
def test_somebody_new_with_a_known_name_is_to_be_looked_at(device: Device, name: str) -> None:
    known(device, contact(BOB, "Bob"))
    with device.store.transaction():
        device.store.trust.verify(BOB, TODAY)
    change = meeting(device, contact(EVE, name, b"e" * 16))
    assert isinstance(change, KeyChange)
    assert (change.earlier, change.evidence) == (BOB, Evidence.NAME)
    assert device.store.trust.unseen(EVE) == change
    assert "does not hold for it" in notices(device, EVE)[0]
    assert notices(device, EVE) == notices(device, BOB)
    # A name is anybody's to take: it stops no mail to the one who is known, and takes no mark from them.
    assert device.store.trust.unseen(BOB) is None
    assert device.store.trust.verified_on(BOB) == TODAY


def test_a_new_key_for_a_known_mailbox_stops_mail_to_both_and_takes_the_mark_away(device: Device) -> None:
    known(device, contact(BOB, "Bob"))
    with device.store.transaction():
        device.store.trust.verify(BOB, TODAY)
    change = meeting(device, contact(EVE, "Bob's new phone"), proven=True)
    assert isinstance(change, KeyChange)
    assert change.evidence is Evidence.MAILBOX
    assert device.store.trust.unseen(BOB) == device.store.trust.unseen(EVE) == change
    assert device.store.trust.verified_on(BOB) is None


def test_a_letter_that_only_claims_a_mailbox_stops_no_mail_to_its_owner(device: Device) -> None:
    known(device, contact(BOB, "Bob"))
    change = meeting(device, contact(EVE, "Eve"))
    assert isinstance(change, KeyChange)
    assert change.evidence is Evidence.CLAIM
    assert device.store.trust.unseen(BOB) is None
    assert device.store.trust.unseen(EVE) == change


@pytest.mark.parametrize("standing", [Standing.BLOCKED, Standing.REQUESTED])
def test_nobodys_place_is_that_of_somebody_who_was_never_let_in(device: Device, standing: Standing) -> None:
    known(device, contact(BOB, "Bob", standing=standing))
    assert meeting(device, contact(EVE, "Bob")) is None


def test_what_was_looked_at_is_not_asked_again_and_is_not_verified_by_it(device: Device) -> None:
    known(device, contact(BOB, "Bob"))
    newcomer = contact(EVE, "Bob", b"e" * 16)
    change = meeting(device, newcomer)
    assert isinstance(change, KeyChange)
    contacts.look_at(change, device)
    assert device.store.trust.unseen(EVE) is None
    assert meeting(device, newcomer) is None
    assert not contacts.verified(newcomer, device)
    assert notices(device, BOB)[-1].startswith("You looked at the new key")


def test_nobody_is_introduced_to_a_new_key_before_it_was_looked_at(device: Device) -> None:
    known(device, contact(BOB, "Bob"))
    change = meeting(device, msgspec.structs.replace(contact(EVE, "Bob", b"e" * 16), introduced=False))
    assert isinstance(change, KeyChange)
    told = [one.identity for one in device.store.people.waiting("http://r")]
    assert EVE not in told
    contacts.look_at(change, device)
    assert EVE in [one.identity for one in device.store.people.waiting("http://r")]


def test_a_card_is_read_as_a_strangers_a_contacts_or_an_exchanged_one(device: Device) -> None:
    keys, others = DeviceKeys.generate(), DeviceKeys.generate()
    card = Card(1, "Bob", "http://r", b"m" * 16, keys.identity_public)
    text = format_card(card, keys.identity)
    assert contacts.read_card(text, device) == (card, None)
    bob = contact(keys.identity_public, "Bob")
    known(device, bob)
    assert contacts.read_card(text, device) == (card, bob)
    exchanged = msgspec.structs.replace(card, identity=others.identity_public)
    with pytest.raises(CardError, match="another key for the mailbox of Bob"):
        contacts.read_card(format_card(exchanged, others.identity), device)
    with pytest.raises(CardError, match="your own"):
        contacts.read_card(device.card(), device)
