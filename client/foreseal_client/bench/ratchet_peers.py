"""Other implementations of the double ratchet, in the same run, if they are installed. None is a dependency."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

__all__ = ["Exchange", "peers"]

Exchange = Callable[[bytes, bool], None]
"""Encrypts a text at one side and decrypts it at the other; then, if asked, the sides change places."""
_SECRET: Final = bytes(range(32))


def peers() -> dict[str, Exchange]:
    """Name -> exchange: `doubleratchet` with the AEAD it recommends, and `vodozemac` (Olm, in Rust)."""
    found = {}
    for name, make in (("doubleratchet, as shipped", _doubleratchet), ("vodozemac, Olm in Rust", _vodozemac)):
        try:
            found[name] = make()
        except ImportError:
            continue
    return found


def _doubleratchet() -> Exchange:
    import doubleratchet
    from doubleratchet.recommended import (
        HashFunction,
        aead_aes_hmac,
        diffie_hellman_ratchet_curve25519,
        kdf_hkdf,
        kdf_separate_hmacs,
    )
    from nacl import bindings

    class Aead(aead_aes_hmac.AEAD):
        @staticmethod
        def _get_hash_function() -> HashFunction:
            return HashFunction.SHA_256

        @staticmethod
        def _get_info() -> bytes:
            return b"bench"

    class RootKdf(kdf_hkdf.KDF):
        @staticmethod
        def _get_hash_function() -> HashFunction:
            return HashFunction.SHA_256

        @staticmethod
        def _get_info() -> bytes:
            return b"bench"

    class ChainKdf(kdf_separate_hmacs.KDF):
        @staticmethod
        def _get_hash_function() -> HashFunction:
            return HashFunction.SHA_256

    class Ratchet(doubleratchet.DoubleRatchet):
        @staticmethod
        def _build_associated_data(associated_data: bytes, header: doubleratchet.Header) -> bytes:
            return associated_data + header.ratchet_pub

    settings: dict[str, Any] = {
        "diffie_hellman_ratchet_class": diffie_hellman_ratchet_curve25519.DiffieHellmanRatchet,
        "root_chain_kdf": RootKdf,
        "message_chain_kdf": ChainKdf,
        "message_chain_constant": b"\x01\x02",
        "dos_protection_threshold": 1000,
        "max_num_skipped_message_keys": 1000,
        "aead": Aead,
        "shared_secret": _SECRET,
        "associated_data": b"",
    }
    private = bytes(range(1, 33))
    public = bindings.crypto_scalarmult_base(private)

    async def begun() -> list[doubleratchet.DoubleRatchet]:
        one, first = await Ratchet.encrypt_initial_message(recipient_ratchet_pub=public, message=b"first", **settings)
        other, _ = await Ratchet.decrypt_initial_message(own_ratchet_priv=private, message=first, **settings)
        return [one, other]

    loop = asyncio.new_event_loop()
    try:
        sides = loop.run_until_complete(begun())
    finally:
        loop.close()

    def exchange(text: bytes, turn: bool) -> None:
        _finished(sides[1].decrypt_message(_finished(sides[0].encrypt_message(text, b"")), b""))
        if turn:
            sides.reverse()

    return exchange


def _vodozemac() -> Exchange:
    import vodozemac

    one, other = vodozemac.Account(), vodozemac.Account()
    other.generate_one_time_keys(1)
    key = next(iter(other.one_time_keys.values()))
    outbound = one.create_outbound_session(other.curve25519_key, key)
    first = outbound.encrypt(b"first").to_pre_key()
    if first is None:
        raise RuntimeError("a first message without its keys")
    inbound, _ = other.create_inbound_session(one.curve25519_key, first)
    # An answer, so that neither side sends its keys along any more.
    outbound.decrypt(inbound.encrypt(b"answer"))
    sides = [outbound, inbound]

    def exchange(text: bytes, turn: bool) -> None:
        sides[1].decrypt(sides[0].encrypt(text))
        if turn:
            sides.reverse()

    return exchange


def _finished(work: Any) -> Any:
    """The result of a coroutine that never waits: an event loop of its own would be measured too."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise RuntimeError("a cipher waited")
