"""One secret that several people open, each with a passphrase of their own (the manner of LUKS key slots)."""

from __future__ import annotations

from typing import Final

import msgspec
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from foreseal_client.errors import StoreError, WrongPassphraseError
from foreseal_client.sealing.passphrases import Stretching

__all__ = ["Slot", "make_slot", "open_slot"]

_LABEL: Final = b"foreseal/1 slot\x00"


class Slot(msgspec.Struct, frozen=True):
    """Whose it is, what Argon2id costs (`salt` in hex; `passes`; `memory` in bytes), and the sealed secret in hex."""

    name: str
    salt: str
    passes: int
    memory: int
    sealed: str


def make_slot(name: str, passphrase: str, secret: bytes, stretching: Stretching) -> Slot:
    """A slot that opens `secret` with this passphrase. The name is sealed in: slots cannot be exchanged for another."""
    sealed = SecretBox(stretching.key(passphrase)).encrypt(_LABEL + _named(name) + secret)
    return Slot(name, stretching.salt.hex(), stretching.passes, stretching.memory, bytes(sealed).hex())


def open_slot(slot: Slot, passphrase: str) -> bytes:
    """The secret. Raises `WrongPassphraseError`, and `StoreError` for a slot that nobody would write."""
    try:
        stretching = Stretching(bytes.fromhex(slot.salt), slot.passes, slot.memory)
        sealed = bytes.fromhex(slot.sealed)
    except ValueError as fault:
        raise StoreError("The desk's file of officers is damaged. Put back a copy of it.") from fault
    if not stretching.possible:
        raise StoreError("The desk's file of officers asks for impossible costs. Put back a copy of it.")
    wrong = WrongPassphraseError("This passphrase does not open the desk for this officer. Nothing was changed.")
    try:
        plain = SecretBox(stretching.key(passphrase)).decrypt(sealed)
    except (CryptoError, ValueError) as fault:
        raise wrong from fault
    head = _LABEL + _named(slot.name)
    if not plain.startswith(head):
        raise wrong
    return plain[len(head) :]


def _named(name: str) -> bytes:
    told = name.encode()
    return len(told).to_bytes(2, "big") + told
