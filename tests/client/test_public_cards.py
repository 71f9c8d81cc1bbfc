"""What is read from a relay's directory was signed by who it says, for this handle, this relay and this time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from foreseal_client.device import Device
from foreseal_client.errors import CardError, SettingError
from foreseal_client.public_cards import claim, note, read_claim, read_note, release, take_back
from foreseal_client.safeguards.settings import YOUNG
from foreseal_client.sealing.keys import sign
from foreseal_relay.public_wire import LABEL, Claim, Release, Signed, TakeBack, encode_public, read_statement
from group_post import RELAY, Mate, Post


@pytest.fixture
def mates(tmp_path: Path) -> Iterator[tuple[Mate, Mate]]:
    post = Post(tmp_path, "Ada", "Eve")
    ada, eve = post.mates.values()
    yield ada, eve
    post.close()


def altered(signed: Signed, device: Device, **changes: object) -> Signed:
    """The claim with some fields exchanged, signed by this device."""
    said = read_statement(signed)
    assert isinstance(said, Claim)
    packed = encode_public(msgspec.structs.replace(said, **changes))
    return Signed(packed, sign(device.account.keys.identity, LABEL, packed))


def test_a_handle_leads_to_the_card_of_who_claimed_it(mates: tuple[Mate, Mate]) -> None:
    device = mates[0].device
    found = read_claim(claim("ada.l", device), "ada.l", RELAY, device.today)
    assert (found.card.identity, found.text) == (device.identity, device.card())
    assert read_note(note("hello", device), RELAY, device.today).line == "hello"


def test_a_relay_that_hands_out_something_else_is_found_out(mates: tuple[Mate, Mate]) -> None:
    (ada, eve), today = (mates[0].device, mates[1].device), mates[0].device.today
    true = claim("ada.l", ada)
    lies = [
        Signed(true.statement, claim("ada.l", eve).signature),
        claim("ada.m", ada),
        altered(true, ada, origin="http://other.example"),
        altered(true, ada, expires=today),
        altered(true, eve, identity=eve.identity),  # her key under Ada's card
        altered(true, ada, card=eve.card()),  # her card under Ada's key
        altered(true, ada, card="no card"),
        note("hello", ada),
        release("ada.l", ada),
        take_back(ada),
        Signed(b"\x93", bytes(64)),
    ]
    for lie in lies:
        with pytest.raises(CardError):
            read_claim(lie, "ada.l", RELAY, today)
    with pytest.raises(CardError):
        read_note(true, RELAY, today)


def test_a_young_persons_profile_signs_nothing_that_lists_it_and_everything_that_takes_it_out(
    mates: tuple[Mate, Mate],
) -> None:
    device = mates[0].device
    with device.store.transaction():
        device.store.safeguards.put(YOUNG, None)
    for make in (claim, note):
        with pytest.raises(SettingError, match="do not allow"):
            make("ada.l", device)
    assert isinstance(read_statement(release("ada.l", device)), Release)
    assert isinstance(read_statement(take_back(device)), TakeBack)


@pytest.mark.parametrize("handle", ["", "ab", "Ada", "ada l", "1da", "ada\n", "\u0430da"])
def test_what_is_no_handle_is_not_claimed(mates: tuple[Mate, Mate], handle: str) -> None:
    with pytest.raises(SettingError, match="3 to 32"):
        claim(handle, mates[0].device)
