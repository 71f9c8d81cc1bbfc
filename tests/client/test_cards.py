"""Cards and invitations: what is refused, and that the reason is said."""

from __future__ import annotations

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client.cards import Card, Invitation, format_card, format_invitation, parse_card, parse_invitation
from foreseal_client.errors import CardError
from foreseal_client.sealing.keys import DeviceKeys

KEYS = DeviceKeys.generate()
NOW = 1_800_000_000


def card(name: str = "Ada", relay: str = "https://relay.example", version: int = 1) -> Card:
    return Card(version, name, relay, bytes(16), KEYS.identity_public)


def invitation(expires: int = NOW + 100, token: bytes = bytes(32)) -> Invitation:
    return Invitation(1, "Ada", "https://relay.example", bytes(16), KEYS.identity_public, token, expires)


def altered(text: str, position: int) -> str:
    """The text with one byte changed and its checksum made to fit again: no slip, but an alteration."""
    prefix, _, encoded = text.rpartition(":")
    blob = bytearray(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))[:-4])
    blob[position] ^= 1
    whole = bytes(blob) + zlib.crc32(bytes(blob)).to_bytes(4, "big")
    return f"{prefix}:{base64.urlsafe_b64encode(whole).decode().rstrip('=')}"


def test_a_card_and_an_invitation_come_back_as_they_were() -> None:
    assert parse_card(format_card(card(), KEYS.identity)) == card()
    assert parse_invitation(format_invitation(invitation(), KEYS.identity), NOW) == invitation()


def test_line_breaks_from_a_mail_do_no_harm() -> None:
    text = format_invitation(invitation(), KEYS.identity)
    broken = "\n  ".join(text[i : i + 40] for i in range(0, len(text), 40))
    assert parse_invitation(broken, NOW) == invitation()


def test_the_frame_of_a_card_on_a_terminal_does_no_harm() -> None:
    text = format_invitation(invitation(), KEYS.identity)
    lines = [f"┃  {text[i : i + 40].ljust(40)} ┃" for i in range(0, len(text), 40)]
    framed = "\n".join(["╭────╮", *lines, "▔▔▔▔▔▔"])
    assert parse_invitation(framed, NOW) == invitation()


def test_a_slip_of_the_hand_is_told_from_an_alteration() -> None:
    text = format_invitation(invitation(), KEYS.identity)
    for position in range(len("foreseal:invite:"), len(text), 7):
        other = "B" if text[position] == "A" else "A"
        with pytest.raises(CardError, match="slip"):
            parse_invitation(text[:position] + other + text[position + 1 :], NOW)


@pytest.mark.parametrize("position", [-1, -64, -70, -100])
def test_an_altered_invitation_is_refused_with_the_reason(position: int) -> None:
    with pytest.raises(CardError, match="altered"):
        parse_invitation(altered(format_invitation(invitation(), KEYS.identity), position), NOW)


def test_an_invitation_signed_by_another_key_is_refused() -> None:
    with pytest.raises(CardError, match="altered"):
        parse_invitation(format_invitation(invitation(), DeviceKeys.generate().identity), NOW)


def test_an_expired_invitation_is_refused() -> None:
    with pytest.raises(CardError, match="expired"):
        parse_invitation(format_invitation(invitation(expires=NOW), KEYS.identity), NOW)


def test_a_card_is_no_invitation_and_the_other_way_round() -> None:
    with pytest.raises(CardError, match="begin with"):
        parse_invitation(format_card(card(), KEYS.identity), NOW)
    with pytest.raises(CardError, match="begin with"):
        parse_card(format_invitation(invitation(), KEYS.identity))


@pytest.mark.parametrize(
    "wrong", [card(name=""), card(name="x" * 65), card(relay="ftp://relay"), card(relay=""), card(version=2)]
)
def test_a_card_that_cannot_be_right_is_refused(wrong: Card) -> None:
    with pytest.raises(CardError):
        parse_card(format_card(wrong, KEYS.identity))


def test_an_invitation_with_a_short_token_is_refused() -> None:
    with pytest.raises(CardError):
        parse_invitation(format_invitation(invitation(token=b"short"), KEYS.identity), NOW)


@given(st.text(max_size=400))
def test_any_other_text_is_refused(text: str) -> None:
    for prefix in ("", "foreseal:invite:", "foreseal:card:"):
        with pytest.raises(CardError):
            parse_invitation(prefix + text, NOW)
        with pytest.raises(CardError):
            parse_card(prefix + text)
