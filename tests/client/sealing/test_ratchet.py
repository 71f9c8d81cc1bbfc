"""The ratchet: what opens, in any order, and everything that must not and then changes nothing."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import doubleratchet
import msgspec
import pytest
from doubleratchet.recommended import (
    HashFunction,
    diffie_hellman_ratchet_curve25519,
    kdf_hkdf,
    kdf_separate_hmacs,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing import message_cipher
from foreseal_client.sealing.ratchet import MAX_SKIPPED, RatchetMessage, RatchetState
from foreseal_client.sealing.sessions import Sessions
from two_devices import COMMITMENT, EID, TODAY, Line, Party, accept, begin, lines

ALICE, BOB = Party(), Party()


def pair() -> tuple[Line, Line]:
    return lines(ALICE, BOB)


def test_messages_may_arrive_in_any_order() -> None:
    line, answering = pair()
    messages = [(str(n).encode(), line.encrypt(str(n).encode())) for n in range(30)]
    random.Random(7).shuffle(messages)
    for plain, message in messages:
        assert answering.decrypt(message) == plain


def test_a_first_message_that_was_overtaken_opens_too() -> None:
    line, handshake = begin(ALICE, BOB)
    first, second = line.encrypt(b"first"), line.encrypt(b"second")
    answering, letter = accept(ALICE, BOB, handshake, second)
    assert (letter, answering.decrypt(first)) == (b"second", b"first")


def test_a_message_of_an_earlier_chain_that_comes_late_opens() -> None:
    line, answering = pair()
    late = line.encrypt(b"late")
    answering.decrypt(line.encrypt(b"one"))
    line.decrypt(answering.encrypt(b"two"))
    answering.decrypt(line.encrypt(b"three"))
    assert answering.decrypt(late) == b"late"


def test_a_repeated_message_is_refused_and_the_next_still_opens() -> None:
    line, answering = pair()
    message = line.encrypt(b"once")
    answering.decrypt(message)
    with pytest.raises(PeerFaultError, match="repeated"):
        answering.decrypt(message)
    assert answering.decrypt(line.encrypt(b"next")) == b"next"


def test_a_key_that_opened_an_overtaken_message_is_gone() -> None:
    line, answering = pair()
    late = line.encrypt(b"late")
    answering.decrypt(line.encrypt(b"one"))
    answering.decrypt(late)
    assert answering.session.ratchet.skipped == ()
    with pytest.raises(PeerFaultError):
        answering.decrypt(late)


@pytest.mark.parametrize(
    "change",
    [
        {"ratchet_pub": bytes(32)},
        {"ratchet_pub": b"\x01" + bytes(31)},
        {"ratchet_pub": b"short"},
        {"ratchet_pub": b"\x09" + bytes(31)},
        {"number": 5},
        {"number": -1},
        {"number": 2**40},
        {"previous": 2**32},
        {"previous": 2**33},
        {"previous": -1},
        {"previous": 7},
        {"number": 100_000},
        {"ciphertext": b""},
        {"ciphertext": bytes(200)},
    ],
)
def test_a_forged_header_is_refused_and_changes_nothing(change: dict[str, Any]) -> None:
    line, answering = pair()
    message = line.encrypt(b"real")
    before = answering.session
    with pytest.raises(PeerFaultError):
        answering.decrypt(msgspec.structs.replace(message, **change))
    assert answering.session is before
    assert answering.decrypt(message) == b"real"


@pytest.mark.parametrize("number", [0, 1, 5])
def test_an_answer_under_the_prekey_that_the_session_began_with_is_refused(number: int) -> None:
    """Whoever answers has turned the ratchet first: there is no chain yet to open it with."""
    line, _ = begin(ALICE, BOB)
    before = line.session
    forged = RatchetMessage(BOB.prekeys.generations[0].signed_public, 0, number, bytes(100))
    with pytest.raises(PeerFaultError, match="its key is gone"):
        line.decrypt(forged)
    assert line.session is before


def test_either_side_counts_its_first_messages_from_nothing() -> None:
    line, handshake = begin(ALICE, BOB)
    first = line.encrypt(b"first")
    answering, _ = accept(ALICE, BOB, handshake, first)
    for message in (first, answering.encrypt(b"answer")):
        assert (message.previous, message.number) == (0, 0)


@pytest.mark.parametrize("position", [0, 15, 16, 47, 48, -1])
def test_one_flipped_bit_of_salt_commitment_text_or_tag_is_refused(position: int) -> None:
    line, answering = pair()
    message = line.encrypt(b"real")
    broken = bytearray(message.ciphertext)
    broken[position] ^= 1
    with pytest.raises(PeerFaultError, match="could not be opened"):
        answering.decrypt(msgspec.structs.replace(message, ciphertext=bytes(broken)))


@pytest.mark.parametrize("length", [0, 15, 16, 47, 48, 63, 67])
def test_a_truncated_message_is_refused(length: int) -> None:
    line, answering = pair()
    message = line.encrypt(b"real")
    assert length < len(message.ciphertext)
    with pytest.raises(PeerFaultError):
        answering.decrypt(msgspec.structs.replace(message, ciphertext=message.ciphertext[:length]))


@pytest.mark.parametrize(("commitment", "eid"), [(b"\x01" * 32, EID), (COMMITMENT, b"\x01" * 16)])
def test_a_swapped_commitment_or_envelope_id_is_refused(commitment: bytes, eid: bytes) -> None:
    line, answering = pair()
    with pytest.raises(PeerFaultError, match="could not be opened"):
        answering.decrypt(line.encrypt(b"real"), commitment=commitment, eid=eid)


@pytest.mark.parametrize(("commitment", "eid"), [(b"", EID), (COMMITMENT, b""), (COMMITMENT + EID, b"")])
def test_a_commitment_or_envelope_id_of_another_length_is_refused(commitment: bytes, eid: bytes) -> None:
    line, answering = pair()
    with pytest.raises(PeerFaultError, match="impossible length"):
        answering.decrypt(line.encrypt(b"real"), commitment=commitment, eid=eid)


def test_a_restored_state_never_gives_the_same_ciphertext_twice() -> None:
    line, _ = pair()
    one, other = (Line(line.session).encrypt(b"same") for _ in range(2))
    assert one.number == other.number
    assert one.ciphertext[:16] != other.ciphertext[:16]
    assert one.ciphertext[48:] != other.ciphertext[48:]


def test_a_gap_of_the_allowed_width_is_opened_and_a_wider_one_is_not() -> None:
    line, answering = pair()
    ahead = [line.encrypt(b"%d" % n) for n in range(MAX_SKIPPED + 2)]
    with pytest.raises(PeerFaultError, match="too far ahead"):
        answering.decrypt(ahead[MAX_SKIPPED + 1])
    assert answering.session.ratchet.skipped == ()
    assert answering.decrypt(ahead[MAX_SKIPPED]) == b"%d" % MAX_SKIPPED
    assert len(answering.session.ratchet.skipped) == MAX_SKIPPED


def test_the_oldest_keys_go_when_there_are_too_many() -> None:
    line, answering = pair()
    messages = [line.encrypt(b"%d" % n) for n in range(MAX_SKIPPED + 11)]
    answering.decrypt(messages[600])
    answering.decrypt(messages[MAX_SKIPPED + 10])
    assert len(answering.session.ratchet.skipped) == MAX_SKIPPED
    with pytest.raises(PeerFaultError):
        answering.decrypt(messages[0])
    assert answering.decrypt(messages[MAX_SKIPPED + 9]) == b"%d" % (MAX_SKIPPED + 9)


def test_a_state_survives_saving_at_every_step() -> None:
    line, answering = pair()
    for n in range(6):
        one, other = (line, answering) if n % 2 else (answering, line)
        assert other.decrypt(one.encrypt(b"%d" % n)) == b"%d" % n
        for each in (line, answering):
            kept = Sessions().put(each.session, TODAY)
            assert Sessions.restore(kept.save()) == kept


def test_a_stolen_state_opens_nothing_after_both_have_answered_once() -> None:
    line, answering = pair()
    thief = answering.session
    line.decrypt(answering.encrypt(b"a"))
    answering.decrypt(line.encrypt(b"b"))
    line.decrypt(answering.encrypt(b"c"))
    with pytest.raises(PeerFaultError):
        Line(thief).decrypt(line.encrypt(b"secret again"))


def test_the_thief_of_that_test_reads_what_comes_before() -> None:
    line, answering = pair()
    assert Line(answering.session).decrypt(line.encrypt(b"not yet")) == b"not yet"


# --- beside another implementation -----------------------------------------------------------------------------------


class _Cipher(doubleratchet.AEAD):
    @staticmethod
    async def encrypt(plaintext: bytes, key: bytes, associated_data: bytes) -> bytes:
        return message_cipher.encrypt(plaintext, key, b"", associated_data)

    @staticmethod
    async def decrypt(ciphertext: bytes, key: bytes, associated_data: bytes) -> bytes:
        return message_cipher.decrypt(ciphertext, key, b"", associated_data)


class _RootKdf(kdf_hkdf.KDF):
    @staticmethod
    def _get_hash_function() -> HashFunction:
        return HashFunction.SHA_256

    @staticmethod
    def _get_info() -> bytes:
        return b"foreseal/1 root chain"


class _ChainKdf(kdf_separate_hmacs.KDF):
    @staticmethod
    def _get_hash_function() -> HashFunction:
        return HashFunction.SHA_256


class _Theirs(doubleratchet.DoubleRatchet):
    @staticmethod
    def _build_associated_data(associated_data: bytes, header: doubleratchet.Header) -> bytes:
        counts = (header.previous_sending_chain_length, header.sending_chain_length)
        return header.ratchet_pub + b"".join(count.to_bytes(8, "big") for count in counts)


class _Oracle:
    """The double ratchet of the package `doubleratchet`, with the interface of a state of ours."""

    settings: dict[str, Any] = {  # noqa: RUF012
        "diffie_hellman_ratchet_class": diffie_hellman_ratchet_curve25519.DiffieHellmanRatchet,
        "root_chain_kdf": _RootKdf,
        "message_chain_kdf": _ChainKdf,
        "message_chain_constant": b"\x01\x02",
        "dos_protection_threshold": 1000,
        "max_num_skipped_message_keys": 1000,
        "aead": _Cipher,
    }

    def __init__(self, ratchet: Any) -> None:
        self._ratchet = ratchet

    @classmethod
    def respond(cls, secret: bytes, private: bytes, first: RatchetMessage) -> tuple[_Oracle, bytes]:
        made, plain = asyncio.run(
            _Theirs.decrypt_initial_message(
                shared_secret=secret, own_ratchet_priv=private, message=_theirs(first), associated_data=b"",
                **cls.settings,
            )
        )  # fmt: skip
        return cls(made), plain

    @classmethod
    def initiate(cls, secret: bytes, public: bytes, plain: bytes) -> tuple[_Oracle, RatchetMessage]:
        made, message = asyncio.run(
            _Theirs.encrypt_initial_message(
                shared_secret=secret, recipient_ratchet_pub=public, message=plain, associated_data=b"", **cls.settings
            )
        )
        return cls(made), _ours(message)

    def encrypt(self, plain: bytes) -> RatchetMessage:
        return _ours(asyncio.run(self._ratchet.encrypt_message(plain, b"")))

    def decrypt(self, message: RatchetMessage) -> bytes:
        plain: bytes = asyncio.run(self._ratchet.decrypt_message(_theirs(message), b""))
        return plain


class _Ours:
    def __init__(self, state: RatchetState) -> None:
        self._state = state

    def encrypt(self, plain: bytes) -> RatchetMessage:
        self._state, message = self._state.encrypt(plain, b"")
        return message

    def decrypt(self, message: RatchetMessage) -> bytes:
        self._state, plain = self._state.decrypt(message, b"", TODAY)
        return plain


def _ours(message: doubleratchet.EncryptedMessage) -> RatchetMessage:
    head = message.header
    return RatchetMessage(
        head.ratchet_pub, head.previous_sending_chain_length, head.sending_chain_length, message.ciphertext
    )


def _theirs(message: RatchetMessage) -> doubleratchet.EncryptedMessage:
    header = doubleratchet.Header(message.ratchet_pub, message.previous, message.number)
    return doubleratchet.EncryptedMessage(header=header, ciphertext=message.ciphertext)


@pytest.mark.parametrize("we_begin", [True, False])
@settings(max_examples=25, deadline=None)
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=25))
def test_another_implementation_reads_us_and_we_read_it(we_begin: bool, steps: list[tuple[bool, int]]) -> None:
    """Each step writes, or delivers one of what is under way, in any order."""
    private, secret = BOB.prekeys.generations[0].signed_prekey, bytes(range(32))
    public = BOB.prekeys.generations[0].signed_public
    ours: _Ours
    if we_begin:
        ours = _Ours(RatchetState.initiate(secret, public))
        theirs, plain = _Oracle.respond(secret, private, ours.encrypt(b"first"))
    else:
        theirs, first = _Oracle.initiate(secret, public, b"first")
        ours = _Ours(RatchetState.respond(secret, private, first))
        plain = ours.decrypt(first)
    assert plain == b"first"
    under_way: dict[bool, list[tuple[bytes, RatchetMessage]]] = {True: [], False: []}
    for at, (from_us, choice) in enumerate(steps):
        waiting = under_way[from_us]
        if choice and waiting:
            text, message = waiting.pop(choice % len(waiting))
            assert (theirs if from_us else ours).decrypt(message) == text
        else:
            text = b"%d" % at
            waiting.append((text, (ours if from_us else theirs).encrypt(text)))
