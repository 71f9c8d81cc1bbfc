"""Letters, sealed sender and franking."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client.draft import MAX_ATTACHMENT, Draft
from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing import franking
from foreseal_client.sealing.attachments import seal_attachments
from foreseal_client.sealing.bundles import BundlePayload, open_bundle
from foreseal_client.sealing.handshake import MAX_ROUND, Handshake
from foreseal_client.sealing.keys import DeviceKeys
from foreseal_client.sealing.letter import AttachmentRef, LetterContent, ReturnAddress, decode_letter, encode_letter
from foreseal_client.sealing.notes import Notes, Timer
from foreseal_client.sealing.padding import sealed_size
from foreseal_client.sealing.prekeys import KEPT_DAYS, ROTATE_DAYS, Prekeys
from foreseal_client.sealing.ratchet import RatchetMessage
from foreseal_client.sealing.safety_number import safety_number
from foreseal_client.sealing.seal import Recipient, Sender, seal
from foreseal_client.sealing.sealed_sender import Inner, open_body, open_bytes, seal_body, sealed_bytes
from foreseal_client.transparency.heads import MAX_HEAD_BYTES, MAX_HEADS
from foreseal_matcher import Cleared, Mode, OnFailure, Policy, decide, screen
from foreseal_relay.wire import BODY_SIZES, mailbox_of
from sample_lists import nothing_listed
from two_devices import Party

KEYS = DeviceKeys.generate()
MAILBOX = mailbox_of(KEYS.login_public)
PREKEYS = Prekeys.generate(1)
PAYLOAD: BundlePayload = open_bundle(
    PREKEYS.signed_bundle(KEYS, MAILBOX, 1), None, KEYS.identity_public, MAILBOX, 1
).payload


def inner(size: int) -> Inner:
    return Inner(1, bytes(32), bytes(16), 1, bytes(16), 1, None, RatchetMessage(bytes(32), 0, 0, bytes(size)))


@pytest.mark.parametrize("size", [0, 2000, 2800, 3000, 14_000, 15_000, 60_000])
def test_a_body_always_has_one_of_three_lengths(size: int) -> None:
    body = seal_body(inner(size), PAYLOAD)
    assert len(body) in BODY_SIZES
    assert open_body(body, PREKEYS.seal_keys, MAILBOX) == inner(size)


def test_an_inner_that_just_fills_a_body_stays_in_it_and_opens() -> None:
    around = len(msgspec.msgpack.encode(inner(2000))) - 2000
    fills = inner(BODY_SIZES[0] - 1140 - around)
    body = seal_body(fills, PAYLOAD)
    assert len(body) == BODY_SIZES[0]
    assert open_body(body, PREKEYS.seal_keys, MAILBOX) == fills


@pytest.mark.parametrize("size", BODY_SIZES)
def test_a_body_holds_all_but_1140_bytes_of_its_length(size: int) -> None:
    assert len(sealed_bytes(bytes(size - 1140), PAYLOAD)) == size


def outer(padded: bytes) -> bytes:
    """Sealed to the device as a modified client could, whatever is in it."""
    kem, point = MLKEM768PublicKey.from_public_bytes(PAYLOAD.seal_kem), PAYLOAD.seal_x25519
    suite = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
    key = hpke.MLKEM768X25519PublicKey(kem, X25519PublicKey.from_public_bytes(point))
    return suite.encrypt(padded, key, b"foreseal/1 sealed sender\0" + MAILBOX)


@pytest.mark.parametrize("length", [101, 104, 2**31, 2**32 - 1])
def test_a_length_that_reaches_beyond_the_body_is_refused(length: int) -> None:
    inside = secrets.token_bytes(100)
    assert open_bytes(outer((100).to_bytes(4, "big") + inside), PREKEYS.seal_keys, MAILBOX) == inside
    with pytest.raises(PeerFaultError, match="padding"):
        open_bytes(outer(length.to_bytes(4, "big") + inside), PREKEYS.seal_keys, MAILBOX)


@pytest.mark.parametrize("at", [0, 1, 499])
def test_not_one_byte_of_padding_may_say_anything(at: int) -> None:
    """Whoever seals could hide something in it, or mark an envelope."""
    padding = bytes(at) + b"x" + bytes(499 - at)
    with pytest.raises(PeerFaultError, match="padding"):
        open_bytes(outer((3).to_bytes(4, "big") + b"abc" + padding), PREKEYS.seal_keys, MAILBOX)


def test_what_does_not_fit_the_largest_envelope_is_refused() -> None:
    with pytest.raises(ValueError, match="Shorten"):
        seal_body(inner(65_000), PAYLOAD)


@pytest.mark.parametrize("position", [0, 1119, 1120, 4095])
def test_an_altered_body_is_refused(position: int) -> None:
    body = bytearray(seal_body(inner(10), PAYLOAD))
    body[position] ^= 1
    with pytest.raises(PeerFaultError):
        open_body(bytes(body), PREKEYS.seal_keys, MAILBOX)


def test_a_body_for_somebody_else_or_another_mailbox_is_refused() -> None:
    body = seal_body(inner(10), PAYLOAD)
    with pytest.raises(PeerFaultError):
        open_body(body, Prekeys.generate(1).seal_keys, MAILBOX)
    with pytest.raises(PeerFaultError):
        open_body(body, PREKEYS.seal_keys, bytes(16))


@given(st.binary(max_size=5000))
def test_random_bytes_are_never_an_envelope(data: bytes) -> None:
    with pytest.raises(PeerFaultError):
        open_body(data, PREKEYS.seal_keys, MAILBOX)


def test_what_was_sealed_to_keys_that_were_replaced_since_opens_while_they_are_kept() -> None:
    body = seal_body(inner(10), PAYLOAD)
    rotated = PREKEYS.rotated(1 + ROTATE_DAYS)
    assert rotated.seal_keys[0] != PREKEYS.seal_keys[0]
    assert open_body(body, rotated.seal_keys, MAILBOX) == inner(10)
    with pytest.raises(PeerFaultError, match="not sealed to this device"):
        open_body(body, rotated.rotated(1 + ROTATE_DAYS + KEPT_DAYS).seal_keys, MAILBOX)


@pytest.mark.parametrize(
    "change",
    [{"session": b""}, {"session": bytes(17)}, {"round": 0}, {"round": -1}, {"round": MAX_ROUND}, {"device": -1},
     {"device": 2**32}, {"sender": bytes(31)}, {"mailbox": bytes(15)},
     {"handshake": Handshake(bytes(32), bytes(32), None, bytes(1088), 1)}],
)  # fmt: skip
def test_an_inner_that_names_what_cannot_be_is_refused(change: dict[str, bytes | int | Handshake]) -> None:
    with pytest.raises(PeerFaultError, match="dropped"):
        open_body(seal_body(msgspec.structs.replace(inner(1), **change), PAYLOAD), PREKEYS.seal_keys, MAILBOX)


@pytest.mark.parametrize("device", [0, 2**32 - 1])
def test_an_inner_of_any_device_there_can_be_is_let_through(device: int) -> None:
    body = seal_body(msgspec.structs.replace(inner(1), device=device), PAYLOAD)
    assert open_body(body, PREKEYS.seal_keys, MAILBOX).device == device


def test_an_inner_of_another_version_is_refused() -> None:
    with pytest.raises(PeerFaultError, match="version 2"):
        open_body(seal_body(msgspec.structs.replace(inner(1), version=2), PAYLOAD), PREKEYS.seal_keys, MAILBOX)


def ref(**changes: bytes | int | str) -> AttachmentRef:
    return msgspec.structs.replace(AttachmentRef(bytes(16), bytes(32), 3, sealed_size(3), bytes(32), "a"), **changes)


def back(**changes: bytes | str) -> ReturnAddress:
    return msgspec.structs.replace(ReturnAddress("Ada", "http://r", bytes(16), bytes(32)), **changes)


@pytest.mark.parametrize(
    "letter",
    [
        LetterContent(1, 0, ""),
        LetterContent(1, 2**40 - 1, ""),
        LetterContent(1, 0, "", (ref(),) * 8),
        LetterContent(1, 0, "", (ref(name="n" * 255),)),
        LetterContent(1, 0, "", (ref(size=0, sealed_size=sealed_size(0)),)),
        LetterContent(1, 0, "", (), back(name="n")),
        LetterContent(1, 0, "", (), back(name="n" * 64)),
        LetterContent(1, 0, "", (ref(size=MAX_ATTACHMENT, sealed_size=sealed_size(MAX_ATTACHMENT)),)),
        LetterContent(1, 0, "", unopened=(bytes(16),) * 32),
        LetterContent(1, 0, "", heads=(bytes(MAX_HEAD_BYTES),) * MAX_HEADS),
    ],
)
def test_what_just_fits_is_let_through(letter: LetterContent) -> None:
    assert decode_letter(encode_letter(letter)) == letter


@pytest.mark.parametrize(
    "notes",
    [
        Notes(),
        Notes(30, Timer(2**31 - 1, 365 * 86_400), 2**32 - 1, (bytes(16),) * 32, (bytes(16),) * 32, (bytes(16),) * 32),
    ],
)
def test_notes_that_just_fit_are_let_through(notes: Notes) -> None:
    letter = LetterContent(1, 0, "", notes=notes)
    assert decode_letter(encode_letter(letter)) == letter


@pytest.mark.parametrize(
    ("notes", "named"),
    [
        *((Notes(seconds), "a time that cannot be") for seconds in (-1, 1, 29, 365 * 86_400 + 1, 2**62)),
        *((Notes(timer=Timer(*timer)), "a time that cannot be")
          for timer in ((-1, 60), (2**31, 60), (1, 29), (1, -60))),
        *((Notes(shares=shares), "settings") for shares in (-1, 2**32)),
        *((notes, "envelopes that cannot be") for eids in ((bytes(15),), (bytes(17),), (b"",), (bytes(16),) * 33)
          for notes in (Notes(delivered=eids), Notes(read=eids), Notes(deleted=eids))),
    ],
)  # fmt: skip
def test_notes_that_cannot_be_are_refused_by_name(notes: Notes, named: str) -> None:
    with pytest.raises(PeerFaultError, match=named):
        decode_letter(encode_letter(LetterContent(1, 0, "", notes=notes)))


def test_a_letter_comes_back_as_it_was() -> None:
    letter = LetterContent(1, 60, "grüße", (ref(),), back())
    assert decode_letter(encode_letter(letter)) == letter


@pytest.mark.parametrize(
    "letter",
    [
        LetterContent(2, 0, ""),
        LetterContent(1, -1, ""),
        LetterContent(1, 2**40, ""),
        LetterContent(1, 2**63, ""),
        LetterContent(1, 0, "", (ref(),) * 9),
        LetterContent(1, 0, "", unopened=(bytes(15),)),
        LetterContent(1, 0, "", unopened=(bytes(16),) * 33),
        LetterContent(1, 0, "", (ref(blob=b""),)),
        LetterContent(1, 0, "", (ref(key=b""),)),
        LetterContent(1, 0, "", (ref(sha256=b""),)),
        LetterContent(1, 0, "", (ref(size=-1),)),
        LetterContent(1, 0, "", (ref(size=2**62),)),
        LetterContent(1, 0, "", (ref(sealed_size=sealed_size(3) + 1),)),
        LetterContent(1, 0, "", (ref(size=MAX_ATTACHMENT + 1, sealed_size=sealed_size(MAX_ATTACHMENT + 1)),)),
        LetterContent(1, 0, "", (ref(name="n" * 256),)),
        *(LetterContent(1, 0, "", (), back(name=name)) for name in ("", "n" * 65)),
        *(LetterContent(1, 0, "", (), back(token=token)) for token in (b"", bytes(31))),
        *(
            LetterContent(1, 0, "", (), back(relay=relay))
            for relay in (
                "",
                "file:///etc/passwd",
                "http://",
                "http://a/b",
                "http://a:99999",
                "http://a..b",
                f"http://{'a' * 64}",
                "http://u:p@a",
                "http://ä",
            )
        ),
    ],
)
def test_a_letter_that_lies_about_itself_is_refused(letter: LetterContent) -> None:
    with pytest.raises(PeerFaultError):
        decode_letter(encode_letter(letter))


@given(st.binary(max_size=300))
def test_random_bytes_are_a_letter_or_a_named_refusal(data: bytes) -> None:
    try:
        letter = decode_letter(data)
    except PeerFaultError:
        return
    assert letter.version == 1


def test_a_commitment_opens_to_one_content_only() -> None:
    commitment, opening = franking.commit(b"said")
    assert franking.opens(commitment, opening, b"said")
    assert not franking.opens(commitment, opening, b"never said")
    assert not franking.opens(commitment, bytes(32), b"said")


@pytest.mark.parametrize("change", [lambda opening: opening + b"\0", lambda opening: opening[:-1]])
def test_a_commitment_has_one_opening(change: Callable[[bytes], bytes]) -> None:
    """HMAC takes a key, and the same with zeros behind it, for one."""
    opening = bytes(range(31)) + b"\0"
    commitment = hmac.digest(opening, b"foreseal/1 franking\0said", "sha256")
    assert franking.opens(commitment, opening, b"said")
    assert not franking.opens(commitment, change(opening), b"said")


def test_the_senders_signature_holds_for_one_mailbox_and_envelope() -> None:
    commitment, opening = franking.commit(b"said")
    signature = franking.sign_opening(KEYS.identity, commitment, opening, MAILBOX, bytes(16))
    identity = KEYS.identity_public
    assert franking.signed_by(identity, signature, commitment, opening, MAILBOX, bytes(16))
    assert not franking.signed_by(identity, signature, commitment, opening, bytes(16), bytes(16))
    assert not franking.signed_by(identity, signature, commitment, opening, MAILBOX, b"x" * 16)
    assert not franking.signed_by(
        DeviceKeys.generate().identity_public, signature, commitment, opening, MAILBOX, bytes(16)
    )
    assert not franking.signed_by(b"no key", signature, commitment, opening, MAILBOX, bytes(16))


def test_a_safety_number_is_the_same_from_both_sides_and_another_for_others() -> None:
    one, other, third = (DeviceKeys.generate().identity_public for _ in range(3))
    number = safety_number(one, other)
    assert number == safety_number(other, one)
    assert len(number.replace(" ", "")) == 60
    assert number != safety_number(one, third)


def test_the_heads_of_logs_do_not_push_a_first_message_into_the_next_size() -> None:
    alice, bob = Party(), Party()
    cleared = decide(screen(Draft("ä" * 300), nothing_listed()), Policy(Mode.HOLD, OnFailure.CLOSED))
    assert isinstance(cleared, Cleared)
    address = ReturnAddress("A" * 64, "https://relay.example:8443", alice.mailbox, bytes(32), bytes(32))
    heads = (bytes(MAX_HEAD_BYTES),) * MAX_HEADS
    sender = Sender(alice.keys, alice.mailbox, address, heads=heads)
    attachments = seal_attachments(cleared, lambda: Path("none is written"))
    made = seal(cleared, sender, Recipient(bob.bundle(), None), attachments, now=1_800_000_000)
    assert len(made.envelope.body) == BODY_SIZES[0]


@pytest.mark.parametrize("heads", [(b"",) * (MAX_HEADS + 1), (bytes(MAX_HEAD_BYTES + 1),)])
def test_a_letter_with_more_heads_than_there_can_be_is_refused(heads: tuple[bytes, ...]) -> None:
    with pytest.raises(PeerFaultError, match="hash lists"):
        decode_letter(encode_letter(LetterContent(1, 60, "", heads=heads)))
