"""The double ratchet (Perrin and Marlinspike, 2016) over X25519, with an AEAD of ours.

`doubleratchet` does the ratcheting. Its own AEAD compares tags with `!=`; ours is ChaCha20-Poly1305 under a key
derived with a fresh 16-byte salt for each message, so that a device restored from an old state never reuses a
keystream, and with a commitment to the key, so that no ciphertext opens under two keys.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import warnings
from collections.abc import Coroutine
from typing import Any, Final, TypedDict, TypeVar, cast

import doubleratchet
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from doubleratchet.recommended import (
    HashFunction,
    diffie_hellman_ratchet_curve25519,
    kdf_hkdf,
    kdf_separate_hmacs,
)

from foreseal_client.errors import PeerFaultError

__all__ = ["MAX_SKIPPED", "Ratchet", "RatchetMessage", "run_now"]

MAX_SKIPPED: Final = 1000
"""Message keys kept for messages that were overtaken. A larger gap is refused until the peer's next ratchet step."""
_SALT: Final = 16
_COMMITMENT: Final = 32
_AEAD_LABEL: Final = b"foreseal/1 message key\x00"

T = TypeVar("T")


class RatchetMessage(msgspec.Struct, frozen=True, array_like=True):
    """A ratchet header and its ciphertext. `ratchet_pub`: X25519, 32 bytes; `previous` and `number`: messages in
    the previous sending chain, and before this one in the current chain."""

    ratchet_pub: bytes
    previous: int
    number: int
    ciphertext: bytes


class Ratchet:
    """One session's ratchet. Every call that fails leaves the state as it was."""

    def __init__(self, inner: _DoubleRatchet) -> None:
        self._inner = inner

    @classmethod
    def initiate(
        cls, secret: bytes, peer_ratchet_pub: bytes, plaintext: bytes, associated: bytes
    ) -> tuple[Ratchet, RatchetMessage]:
        """The initiator's ratchet and its first message. `secret`: 32 bytes from the handshake;
        `peer_ratchet_pub`: the responder's signed prekey, 32 bytes."""
        inner, message = run_now(
            _DoubleRatchet.encrypt_initial_message(
                shared_secret=secret,
                recipient_ratchet_pub=peer_ratchet_pub,
                message=plaintext,
                associated_data=associated,
                **_CONFIGURATION,
            )
        )
        return cls(inner), _outer(message)

    @classmethod
    def respond(
        cls, secret: bytes, own_ratchet_priv: bytes, message: RatchetMessage, associated: bytes
    ) -> tuple[Ratchet, bytes]:
        """The responder's ratchet and the first plaintext. Raises `PeerFaultError`."""
        try:
            inner, plaintext = run_now(
                _DoubleRatchet.decrypt_initial_message(
                    shared_secret=secret,
                    own_ratchet_priv=own_ratchet_priv,
                    message=_inner(message),
                    associated_data=associated,
                    **_CONFIGURATION,
                )
            )
        except _OPENING_FAULTS as fault:
            raise PeerFaultError("The first message of a conversation could not be opened.") from fault
        return cls(inner), plaintext

    @classmethod
    def restore(cls, state: bytes) -> Ratchet:
        """The ratchet that `state` was saved from."""
        return cls(_DoubleRatchet.from_json(json.loads(state), **_CONFIGURATION))

    def save(self) -> bytes:
        """The state, to be kept in the encrypted store only: it holds raw secrets."""
        return json.dumps(self._inner.json, separators=(",", ":")).encode()

    def encrypt(self, plaintext: bytes, associated: bytes) -> RatchetMessage:
        """The next message. The new state has to be saved before it leaves the device."""
        return _outer(run_now(self._inner.encrypt_message(plaintext, associated)))

    def decrypt(self, message: RatchetMessage, associated: bytes) -> bytes:
        """The plaintext. Raises `PeerFaultError` for anything forged, repeated, malformed or too far ahead."""
        try:
            with warnings.catch_warnings():
                # The library warns on stderr when a peer skips many messages; a peer must not draw on the screen.
                warnings.simplefilter("ignore")
                return run_now(self._inner.decrypt_message(_inner(message), associated))
        except _OPENING_FAULTS as fault:
            raise PeerFaultError("A message could not be opened with this conversation's keys.") from fault


class _Aead(doubleratchet.AEAD):
    """salt (16) || commitment to the key (32) || ChaCha20-Poly1305 ciphertext and tag. Key and nonce are used once."""

    @staticmethod
    async def encrypt(plaintext: bytes, key: bytes, associated_data: bytes) -> bytes:
        salt = secrets.token_bytes(_SALT)
        cipher, nonce, commitment = _derive(key, salt)
        return salt + commitment + cipher.encrypt(nonce, plaintext, associated_data)

    @staticmethod
    async def decrypt(ciphertext: bytes, key: bytes, associated_data: bytes) -> bytes:
        salt, claimed = ciphertext[:_SALT], ciphertext[_SALT : _SALT + _COMMITMENT]
        cipher, nonce, commitment = _derive(key, salt)
        if not hmac.compare_digest(claimed, commitment):
            raise doubleratchet.AuthenticationFailedException("the key commitment does not fit")
        try:
            return cipher.decrypt(nonce, ciphertext[_SALT + _COMMITMENT :], associated_data)
        except InvalidTag as fault:
            raise doubleratchet.AuthenticationFailedException("the tag does not fit") from fault


def _derive(key: bytes, salt: bytes) -> tuple[ChaCha20Poly1305, bytes, bytes]:
    """HKDF-SHA256 (RFC 5869) with three output blocks, written out because it runs for every message."""
    extracted = hmac.digest(salt, key, "sha256")
    block = b""
    blocks = []
    for counter in (1, 2, 3):
        block = hmac.digest(extracted, block + _AEAD_LABEL + bytes((counter,)), "sha256")
        blocks.append(block)
    return ChaCha20Poly1305(blocks[0]), blocks[1][:12], blocks[2]


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


class _DoubleRatchet(doubleratchet.DoubleRatchet):
    @staticmethod
    def _build_associated_data(associated_data: bytes, header: doubleratchet.Header) -> bytes:
        return hashlib.sha256(associated_data).digest() + (
            header.ratchet_pub
            + header.previous_sending_chain_length.to_bytes(8, "big")
            + header.sending_chain_length.to_bytes(8, "big")
        )


class _Configuration(TypedDict):
    diffie_hellman_ratchet_class: type[doubleratchet.DiffieHellmanRatchet]
    root_chain_kdf: type[doubleratchet.KDF]
    message_chain_kdf: type[doubleratchet.KDF]
    message_chain_constant: bytes
    dos_protection_threshold: int
    max_num_skipped_message_keys: int
    aead: type[doubleratchet.AEAD]


_CONFIGURATION: Final[_Configuration] = {
    "diffie_hellman_ratchet_class": diffie_hellman_ratchet_curve25519.DiffieHellmanRatchet,
    "root_chain_kdf": _RootKdf,
    "message_chain_kdf": _ChainKdf,
    "message_chain_constant": b"\x01\x02",
    "dos_protection_threshold": MAX_SKIPPED,
    "max_num_skipped_message_keys": MAX_SKIPPED,
    "aead": _Aead,
}

# A ratchet key of the wrong length or of low order raises a bare ValueError in the library.
_OPENING_FAULTS: Final = (
    doubleratchet.AuthenticationFailedException,
    doubleratchet.DecryptionFailedException,
    doubleratchet.DoSProtectionException,
    doubleratchet.DuplicateMessageException,
    ValueError,
    OverflowError,
)


def _outer(message: doubleratchet.EncryptedMessage) -> RatchetMessage:
    header = message.header
    return RatchetMessage(
        header.ratchet_pub, header.previous_sending_chain_length, header.sending_chain_length, message.ciphertext
    )


def _inner(message: RatchetMessage) -> doubleratchet.EncryptedMessage:
    if not (0 <= message.number < 2**32 and 0 <= message.previous < 2**32 and len(message.ratchet_pub) == 32):
        raise PeerFaultError("A message carries a ratchet header that the protocol does not allow.")
    header = doubleratchet.Header(message.ratchet_pub, message.previous, message.number)
    return doubleratchet.EncryptedMessage(header=header, ciphertext=message.ciphertext)


def run_now(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never waits. The library's interface is asynchronous for other back ends'
    sake; sealing has to be one step with its transaction, so a wait here would be a fault of ours."""
    try:
        work.send(None)
    except StopIteration as done:
        return cast(T, done.value)
    work.close()
    raise RuntimeError("a cipher waited; sealing must not")
