"""The issuer: what RFC 9497 says it computes, and what it refuses."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from voprf import ristretto

import rfc9497
from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing.tokens import Blinding
from foreseal_relay.limits import DAY
from foreseal_relay.token_wire import (
    ALLOWANCE,
    BLOB_TOKEN_BYTES,
    EPOCH_DAYS,
    EPOCHS_LISTED,
    IssuerList,
    Kind,
    Token,
    epoch_of,
    read_issuer_list,
    tokens_for,
)
from foreseal_relay.tokens import Issuer, MalformedElement, NoKey
from relay_peer import NOON

RFC: dict[str, Any] = json.loads((Path(__file__).parent.parent / "vectors" / "rfc9497.json").read_text())
SECRET = bytes.fromhex(RFC["secret key"])
TODAY = epoch_of(int(NOON // DAY))
EPOCH_SECONDS = EPOCH_DAYS * DAY


def octets(digits: list[str]) -> list[bytes]:
    return [bytes.fromhex(one) for one in digits]


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer(b"\x11" * 32, TODAY)


def drawn(
    issuer: Issuer, kind: Kind = Kind.BLOB, *, epoch: int = TODAY, now: float = NOON, count: int = 2
) -> list[bytes]:
    listed = read_issuer_list(issuer.listed)
    assert listed is not None
    key = listed.key(kind, epoch)
    assert key is not None
    blinding = Blinding(kind, key, count)
    return blinding.finish(issuer.evaluate(kind, epoch, blinding.blinded, now))


def test_keys_are_derived_as_the_rfc_derives_them() -> None:
    seed, info = bytes.fromhex(RFC["seed"]), bytes.fromhex(RFC["key info"])
    assert rfc9497.derive_secret(seed, info) == SECRET
    assert ristretto.Evaluator.from_seed(seed, info).public_key.serialize().hex() == RFC["public key"]


@pytest.mark.parametrize("vector", RFC["vectors"], ids=["one", "another", "a batch of two"])
def test_the_oracle_computes_every_value_of_the_rfc(vector: dict[str, Any]) -> None:
    inputs, blinds = octets(vector["inputs"]), octets(vector["blinds"])
    blinded = [rfc9497.blind(given, scalar) for given, scalar in zip(inputs, blinds, strict=True)]
    assert [one.hex() for one in blinded] == vector["blinded"]
    evaluated = [rfc9497.evaluate(SECRET, element) for element in blinded]
    assert [one.hex() for one in evaluated] == vector["evaluated"]
    assert rfc9497.prove(SECRET, blinded, evaluated, bytes.fromhex(vector["proof scalar"])).hex() == vector["proof"]
    outputs = [rfc9497.finalize(*each) for each in zip(inputs, blinds, evaluated, strict=True)]
    assert [one.hex() for one in outputs] == vector["outputs"]


@pytest.mark.parametrize("vector", RFC["vectors"], ids=["one", "another", "a batch of two"])
def test_the_library_evaluates_the_blinded_elements_of_the_rfc_and_proves_it(vector: dict[str, Any]) -> None:
    evaluator = ristretto.Evaluator.from_seed(bytes.fromhex(RFC["seed"]), bytes.fromhex(RFC["key info"]))
    key = bytes.fromhex(RFC["public key"])
    for element, expected in zip(octets(vector["blinded"]), octets(vector["evaluated"]), strict=True):
        answer = evaluator.evaluate(ristretto.BlindedInput.deserialize(element)).serialize()
        assert answer[64:] == expected
        assert rfc9497.holds(key, [element], [expected], answer[:64])
        assert not rfc9497.holds(key, [expected], [expected], answer[:64])
    assert [evaluator.evaluate_known_input(given).hex() for given in octets(vector["inputs"])] == vector["outputs"]


def test_the_library_believes_a_proof_that_the_oracle_made() -> None:
    blinding = Blinding(Kind.BUNDLE, rfc9497.public(SECRET), 3)
    answer = b""
    for element in blinding.blinded:
        evaluated = rfc9497.evaluate(SECRET, element)
        answer += rfc9497.prove(SECRET, [element], [evaluated], bytes([7]) + bytes(31)) + evaluated
    assert len(blinding.finish(answer)) == 3


def test_what_was_drawn_is_redeemed_in_its_epoch_and_the_next_and_never_after(issuer: Issuer) -> None:
    (token, _) = drawn(issuer)
    for later in (0, EPOCH_SECONDS):
        assert issuer.redeem(token, Kind.BLOB, b"what for", NOON + later) is not None
    assert issuer.redeem(token, Kind.BLOB, b"what for", NOON + 2 * EPOCH_SECONDS) is None


def test_a_spent_digest_is_kept_for_as_long_as_its_token_could_be_spent(issuer: Issuer) -> None:
    spending = issuer.redeem(drawn(issuer)[0], Kind.BLOB, b"what for", NOON)
    assert spending is not None
    last = spending.until * 3600 - 1
    assert issuer.redeem(drawn(issuer)[0], Kind.BLOB, b"", last) is not None
    assert issuer.redeem(drawn(issuer)[0], Kind.BLOB, b"", last + 1) is None


def test_a_token_of_another_kind_another_relay_or_altered_is_none(issuer: Issuer) -> None:
    token = drawn(issuer)[0]
    assert issuer.redeem(token, Kind.BUNDLE, b"", NOON) is None
    assert Issuer(b"\x22" * 32, TODAY).redeem(token, Kind.BLOB, b"", NOON) is None
    for place in (0, 32, 64, 127):
        altered = token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :]
        assert issuer.redeem(altered, Kind.BLOB, b"", NOON) is None
    for length in (0, 32, 127, 129):
        assert issuer.redeem(bytes(length), Kind.BLOB, b"", NOON) is None


def test_nothing_that_is_no_element_is_evaluated(issuer: Issuer) -> None:
    for element in (bytes(32), b"\xff" * 32, b"\x01" + bytes(31)):
        with pytest.raises(MalformedElement):
            issuer.evaluate(Kind.BLOB, TODAY, [element], NOON)


def test_nothing_is_issued_for_another_epoch_than_the_one_of_now(issuer: Issuer) -> None:
    element = Blinding(Kind.BLOB, rfc9497.public(SECRET), 1).blinded
    for epoch in (TODAY - 1, TODAY + 1, TODAY + EPOCHS_LISTED):
        with pytest.raises(NoKey):
            issuer.evaluate(Kind.BLOB, epoch, element, NOON)
    with pytest.raises(NoKey):
        issuer.evaluate(Kind.BLOB, TODAY - 1, element, NOON - EPOCH_SECONDS)


def test_a_key_made_for_one_person_is_found_out_by_its_proof(issuer: Issuer) -> None:
    listed = read_issuer_list(issuer.listed)
    assert listed is not None
    blinding = Blinding(Kind.BLOB, listed.keys[2][0], 2)
    marked = Issuer(b"\x22" * 32, TODAY).evaluate(Kind.BLOB, TODAY, blinding.blinded, NOON)
    with pytest.raises(PeerFaultError, match="key it shows to everybody"):
        blinding.finish(marked)


def test_an_answer_with_one_element_exchanged_or_cut_off_is_thrown_away_whole(issuer: Issuer) -> None:
    listed = read_issuer_list(issuer.listed)
    assert listed is not None
    blinding = Blinding(Kind.BLOB, listed.keys[2][0], 2)
    good = issuer.evaluate(Kind.BLOB, TODAY, blinding.blinded, NOON)
    for bad in (good[96:] + good[:96], good[:96] * 2, good[96:], good[:-1], good + b"\x00", good + good[:96], b"",
                bytes(192), good[:-32] + bytes(32), good[:-32] + b"\xff" * 32, b"\xff" * 64 + good[64:]):  # fmt: skip
        with pytest.raises(PeerFaultError):
            blinding.finish(bad)
    assert len(blinding.finish(good)) == 2


def test_two_tokens_share_nothing_but_their_key_and_repeat_nothing_that_the_relay_saw(issuer: Issuer) -> None:
    listed = read_issuer_list(issuer.listed)
    assert listed is not None
    blinding = Blinding(Kind.BLOB, listed.keys[2][0], 8)
    answer = issuer.evaluate(Kind.BLOB, TODAY, blinding.blinded, NOON)
    tokens = [Token.decoded(token) for token in blinding.finish(answer)]
    assert len({token.key_id for token in tokens if token}) == 1
    seen = b"".join(blinding.blinded) + answer
    for token in tokens:
        assert token is not None
        parts = (token.nonce, token.authenticator[:32], token.authenticator[32:])
        assert all(part not in seen for part in parts)


def test_the_list_is_the_same_from_the_same_secret_and_covers_ten_years(issuer: Issuer) -> None:
    assert Issuer(b"\x11" * 32, TODAY).listed == issuer.listed
    listed = read_issuer_list(issuer.listed)
    assert listed is not None
    assert EPOCHS_LISTED * EPOCH_DAYS >= 3640
    assert len({key for row in listed.keys for key in row}) == len(Kind) * EPOCHS_LISTED
    assert listed.key(Kind.BLOB, TODAY - 1) is None
    assert listed.key(Kind.BLOB, TODAY + EPOCHS_LISTED) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        msgspec.msgpack.encode([1, 0, []]),
        msgspec.msgpack.encode(IssuerList(2, 0, ((bytes(32),) * EPOCHS_LISTED,) * 3)),
        msgspec.msgpack.encode(IssuerList(1, 0, ((bytes(31),) * EPOCHS_LISTED,) * 3)),
        msgspec.msgpack.encode(IssuerList(1, 0, ((bytes(32),),) * 3)),
        msgspec.msgpack.encode(IssuerList(1, -1, ((bytes(32),) * EPOCHS_LISTED,) * 3)),
        b"\x94\x01\x00\x90" + b"\x91" * 100_000,
    ],
    ids=["nothing", "no msgpack", "no keys", "version", "length", "epochs", "first", "depth"],
)
def test_what_is_no_list_of_keys_is_not_read_as_one(data: bytes) -> None:
    assert read_issuer_list(data) is None


def test_a_key_that_is_no_element_draws_nothing() -> None:
    with pytest.raises(PeerFaultError):
        Blinding(Kind.BLOB, bytes(32), 1)


def test_a_day_of_tokens_pays_for_half_a_gigabyte() -> None:
    assert ALLOWANCE[Kind.BLOB] * BLOB_TOKEN_BYTES == 512 * 1024 * 1024
    assert [tokens_for(size) for size in (0, 1, BLOB_TOKEN_BYTES, BLOB_TOKEN_BYTES + 1)] == [1, 1, 1, 2]


def test_purposes_tell_a_repetition_from_a_second_use(issuer: Issuer) -> None:
    token = drawn(issuer)[0]
    one, again, other = (issuer.redeem(token, Kind.BLOB, purpose, NOON) for purpose in (b"a", b"a", b"b"))
    assert one == again
    assert one is not None
    assert other is not None
    assert one.token == other.token
    assert one.purpose != other.purpose
    assert hashlib.sha256(token).digest() != one.token  # bound to its label
