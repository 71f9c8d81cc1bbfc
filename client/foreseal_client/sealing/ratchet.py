"""The double ratchet (Perrin and Marlinspike, "The Double Ratchet Algorithm", revision 1, 2016) over X25519.

A state is a frozen value and each step returns another one: what fails has changed nothing, and what has to be stored
is what was returned. `doubleratchet`, an implementation that others use, is the oracle of the tests and a peer in the
bench; why it is not what runs here stands in `docs/decisions/0030-own-ratchet.md`.
"""

from __future__ import annotations

import hmac
from typing import Final

import msgspec

from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing import curve, message_cipher

__all__ = ["MAX_SKIPPED", "SKIPPED_DAYS", "RatchetMessage", "RatchetState", "Skipped"]

MAX_SKIPPED: Final = 1000
"""Message keys kept for messages that were overtaken, of one contact. A larger gap is refused."""
SKIPPED_DAYS: Final = 30
"""Days that such a key is kept: no relay holds an envelope for longer."""
_ROOT_INFO: Final = b"foreseal/1 root chain"


class RatchetMessage(msgspec.Struct, frozen=True, array_like=True):
    """A ratchet header and its ciphertext. `ratchet_pub`: X25519, 32 bytes; `previous` and `number`: messages in
    the previous sending chain, and before this one in the current chain."""

    ratchet_pub: bytes
    previous: int
    number: int
    ciphertext: bytes


class Skipped(msgspec.Struct, frozen=True, array_like=True):
    """The key (32 bytes) of a message that was overtaken, and the day on which it was."""

    ratchet_pub: bytes
    number: int
    key: bytes
    day: int


class RatchetState(msgspec.Struct, frozen=True, array_like=True):
    """One side of one session, with raw secrets: for the encrypted store only. Keys are 32 bytes each; `sent` and
    `received` count the messages of the current chains, `previous` those of the sending chain before."""

    root: bytes
    own_private: bytes
    own_public: bytes
    peer_public: bytes
    sending: bytes
    sent: int
    previous: int
    receiving: bytes | None
    received: int
    skipped: tuple[Skipped, ...] = ()

    @classmethod
    def initiate(cls, secret: bytes, peer_public: bytes) -> RatchetState:
        """The initiator's. `secret`: 32 bytes from the handshake; `peer_public`: the responder's signed prekey.

        Raises `PeerFaultError` for a key of low order.
        """
        private, public = _new_key()
        root, sending = _root_step(secret, private, peer_public)
        return cls(root, private, public, peer_public, sending, 0, 0, None, 0)

    @classmethod
    def respond(cls, secret: bytes, own_private: bytes, first: RatchetMessage) -> RatchetState:
        """The responder's, who has sent nothing yet. Raises `PeerFaultError`."""
        empty = cls(secret, own_private, b"", b"", b"", 0, 0, None, 0)
        return empty._turned(_allowed(first).ratchet_pub)

    def encrypt(self, plaintext: bytes, associated: bytes) -> tuple[RatchetState, RatchetMessage]:
        """The state to be stored before the message leaves the device, and the message."""
        sending, key = _chain_step(self.sending)
        header = _header(self.own_public, self.previous, self.sent)
        message = RatchetMessage(
            self.own_public, self.previous, self.sent, message_cipher.encrypt(plaintext, key, associated, header)
        )
        return msgspec.structs.replace(self, sending=sending, sent=self.sent + 1), message

    def decrypt(self, message: RatchetMessage, associated: bytes, today: int) -> tuple[RatchetState, bytes]:
        """The state afterwards and the plaintext. `today`: days since 1970.

        Raises `PeerFaultError` for anything forged, repeated, malformed, or more than `MAX_SKIPPED` ahead.
        """
        after, key = self._key_of(_allowed(message), today)
        header = _header(message.ratchet_pub, message.previous, message.number)
        return after, message_cipher.decrypt(message.ciphertext, key, associated, header)

    def forgetting(self, before: int, at_most: int) -> RatchetState:
        """Without skipped keys from before a day, and with at most so many, the newest."""
        kept = tuple(each for each in self.skipped if each.day >= before)
        kept = kept[max(0, len(kept) - at_most) :]
        return self if len(kept) == len(self.skipped) else msgspec.structs.replace(self, skipped=kept)

    def _key_of(self, message: RatchetMessage, today: int) -> tuple[RatchetState, bytes]:
        for at, each in enumerate(self.skipped):
            if (each.ratchet_pub, each.number) == (message.ratchet_pub, message.number):
                return msgspec.structs.replace(self, skipped=self.skipped[:at] + self.skipped[at + 1 :]), each.key
        turned = self
        if message.ratchet_pub != self.peer_public:
            turned = self._skipped_to(message.previous, today)._turned(message.ratchet_pub)
        reached = turned._skipped_to(message.number, today)
        if reached.receiving is None or message.number < reached.received:
            raise PeerFaultError("A message was repeated, or its key is gone. It was dropped.")
        receiving, key = _chain_step(reached.receiving)
        return msgspec.structs.replace(reached, receiving=receiving, received=reached.received + 1), key

    def _skipped_to(self, number: int, today: int) -> RatchetState:
        """With the keys of all messages of the receiving chain before `number` put aside."""
        if self.receiving is None or number <= self.received:
            return self
        if number - self.received > MAX_SKIPPED:
            raise PeerFaultError("A message is too far ahead of the last one that was opened.")
        receiving, put_aside = self.receiving, []
        for at in range(self.received, number):
            receiving, key = _chain_step(receiving)
            put_aside.append(Skipped(self.peer_public, at, key, today))
        skipped = (*self.skipped, *put_aside)[-MAX_SKIPPED:]
        return msgspec.structs.replace(self, receiving=receiving, received=number, skipped=skipped)

    def _turned(self, peer_public: bytes) -> RatchetState:
        """One Diffie-Hellman step: a receiving chain with the peer's new key, a sending chain with ours."""
        root, receiving = _root_step(self.root, self.own_private, peer_public)
        private, public = _new_key()
        root, sending = _root_step(root, private, peer_public)
        return RatchetState(
            root, private, public, peer_public, sending, 0, self.sent, receiving, 0, self.skipped
        )  # fmt: skip


def _allowed(message: RatchetMessage) -> RatchetMessage:
    if not (0 <= message.number < 2**32 and 0 <= message.previous < 2**32 and len(message.ratchet_pub) == 32):
        raise PeerFaultError("A message carries a ratchet header that the protocol does not allow.")
    return message


def _header(public: bytes, previous: int, number: int) -> bytes:
    return public + previous.to_bytes(8, "big") + number.to_bytes(8, "big")


def _new_key() -> tuple[bytes, bytes]:
    private = curve.new_private()
    return private, curve.public_of(private)


def _root_step(root: bytes, private: bytes, public: bytes) -> tuple[bytes, bytes]:
    """The next root key and a chain key: HKDF-SHA256 (RFC 5869) with two output blocks."""
    try:
        shared = curve.exchange(private, public)
    except ValueError as fault:
        raise PeerFaultError("A message carries a ratchet key that is no usable point.") from fault
    extracted = hmac.digest(root, shared, "sha256")
    first = hmac.digest(extracted, _ROOT_INFO + b"\x01", "sha256")
    return first, hmac.digest(extracted, first + _ROOT_INFO + b"\x02", "sha256")


def _chain_step(chain: bytes) -> tuple[bytes, bytes]:
    """The next chain key and a message key."""
    return hmac.digest(chain, b"\x01", "sha256"), hmac.digest(chain, b"\x02", "sha256")
