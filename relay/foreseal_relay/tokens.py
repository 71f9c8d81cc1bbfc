"""The issuer of anonymous tokens: VOPRF(ristretto255, SHA-512), mode VOPRF of RFC 9497, through the `voprf` library.

Every key follows from one secret, so the whole list of public keys is known from the first day and is the same for
everybody. A relay that used another key for one person, to know that person's tokens again, could not prove that it
used the one on the list (DLEQ, RFC 9497 section 2.2), and the client would refuse what it got.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec
from voprf import ristretto

from foreseal_relay.limits import DAY, HOUR
from foreseal_relay.store.interface import Spending
from foreseal_relay.token_wire import EPOCH_DAYS, EPOCHS_LISTED, IssuerList, Kind, Token, epoch_of

__all__ = ["SECRET_BYTES", "Issuer", "MalformedElement", "NoKey"]

SECRET_BYTES: Final = 32
_KEY_LABEL: Final = b"foreseal/1 issuer key\x00"
_ID_LABEL: Final = b"foreseal/1 issuer id\x00"
_SPENT_LABEL: Final = b"foreseal/1 spent token\x00"


class MalformedElement(ValueError):
    """What was to be evaluated is no element of the group, or the neutral one. Nothing was issued."""


class NoKey(ValueError):
    """This relay issues nothing in that epoch: it is not the one of now. Nothing was issued; check the clock."""


class Issuer:
    """Issues and redeems. `secret`: 32 random bytes that never leave the relay; `first`: the epoch its list
    begins with."""

    def __init__(self, secret: bytes, first: int) -> None:
        if len(secret) != SECRET_BYTES:
            raise ValueError(f"an issuer's secret has {SECRET_BYTES} bytes, this one {len(secret)}")
        self._secret = secret
        self._first = first
        self._keys: dict[tuple[Kind, int], ristretto.Evaluator] = {}

    @property
    def id(self) -> bytes:
        """8 bytes that name its secret and the epoch it begins with, and say nothing about the secret."""
        return hashlib.sha256(_ID_LABEL + self._secret + self._first.to_bytes(4, "big")).digest()[:8]

    @property
    def listed(self) -> bytes:
        """The `IssuerList`, as everybody gets it."""
        return _listed(self._secret, self._first)

    def evaluate(self, kind: Kind, epoch: int, blinded: Sequence[bytes], now: float) -> bytes:
        """For each element its proof (64 bytes) and what it evaluates to (32). `now`: Unix time in seconds. Raises
        `MalformedElement` and `NoKey`."""
        if epoch != epoch_of(int(now // DAY)) or not self._lists(epoch):
            raise NoKey(NoKey.__doc__)
        try:
            elements = [ristretto.BlindedInput.deserialize(element) for element in blinded]
        except ValueError as error:
            raise MalformedElement(MalformedElement.__doc__) from error
        # One proof each and not one for all: the library's check of a proof for many panics, with a trace on stderr,
        # where it should say that the proof does not hold.
        evaluator = self._evaluator(kind, epoch)
        return b"".join(evaluator.evaluate(element).serialize() for element in elements)

    def redeem(self, data: bytes, kind: Kind, purpose: bytes, now: float) -> Spending | None:
        """What spending this token means to the store; None when it is no token of this relay's for this kind, or past
        its time. `purpose`: what it is spent on, so that a repetition is told from a second use."""
        token = Token.decoded(data)
        if token is None:
            return None
        epoch = self._epoch_of(kind, token.key_id, now)
        if epoch is None:
            return None
        expected = self._evaluator(kind, epoch).evaluate_known_input(Token.message(kind, token.nonce, token.key_id))
        if not hmac.compare_digest(expected, token.authenticator):
            return None
        digest = hashlib.sha256(_SPENT_LABEL + token.nonce + token.key_id).digest()
        until = (epoch + 2) * EPOCH_DAYS * DAY // HOUR
        return Spending(digest, hashlib.sha256(_SPENT_LABEL + purpose).digest()[:16], until)

    def _epoch_of(self, kind: Kind, key_id: bytes, now: float) -> int | None:
        current = epoch_of(int(now // DAY))
        for epoch in (current, current - 1):
            if self._lists(epoch) and hashlib.sha256(self._public(kind, epoch)).digest() == key_id:
                return epoch
        return None

    def _lists(self, epoch: int) -> bool:
        return self._first <= epoch < self._first + EPOCHS_LISTED

    def _public(self, kind: Kind, epoch: int) -> bytes:
        return self._evaluator(kind, epoch).public_key.serialize()

    def _evaluator(self, kind: Kind, epoch: int) -> ristretto.Evaluator:
        if (kind, epoch) not in self._keys:
            self._keys[kind, epoch] = _evaluator(self._secret, kind, epoch)
        return self._keys[kind, epoch]


@lru_cache(maxsize=4)  # some 30 ms for 520 keys; a program that runs many relays may give them one secret
def _listed(secret: bytes, first: int) -> bytes:
    epochs = range(first, first + EPOCHS_LISTED)
    keys = tuple(tuple(_evaluator(secret, kind, epoch).public_key.serialize() for epoch in epochs) for kind in Kind)
    return msgspec.msgpack.encode(IssuerList(1, first, keys))


def _evaluator(secret: bytes, kind: Kind, epoch: int) -> ristretto.Evaluator:
    info = _KEY_LABEL + kind.encode() + b"\x00" + epoch.to_bytes(4, "big")
    return ristretto.Evaluator.from_seed(secret, info)
