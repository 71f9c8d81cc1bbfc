"""Prekeys that a store of version 1 holds still open what was sealed to them."""

from __future__ import annotations

import json
import secrets

import msgspec
import x3dh
from nacl import bindings

from foreseal_client.sealing.bundles import open_bundle
from foreseal_client.sealing.first_form import is_first_form, read_first_form
from foreseal_client.sealing.keys import DeviceKeys
from foreseal_client.sealing.prekeys import Prekeys
from two_devices import TODAY, Party, accept, begin


class _Old(x3dh.BaseState):
    @staticmethod
    def _encode_public_key(_key_format: x3dh.IdentityKeyFormat, pub: bytes) -> bytes:
        return pub


def old_columns(keys: DeviceKeys) -> tuple[bytes, bytes]:
    """Prekeys and keys of an account, as version 1 stored them."""
    state = _Old.create(x3dh.IdentityKeyFormat.ED_25519, x3dh.HashFunction.SHA_256, b"foreseal/1 x3dh")
    state.generate_pre_keys(3)
    seeds = {"": secrets.token_hex(64)} | {public.hex(): secrets.token_hex(64) for public in state.bundle.pre_keys}
    device = (keys.identity, keys.login, secrets.token_bytes(64), secrets.token_bytes(32))
    return json.dumps({"x3dh": state.json, "kem": seeds}).encode(), msgspec.msgpack.encode(device)


def test_prekeys_of_the_first_form_open_a_first_message_and_are_replaced_at_the_next_login() -> None:
    alice, bob = Party(), Party()
    prekeys, keys = old_columns(bob.keys)
    assert is_first_form(prekeys)
    assert msgspec.msgpack.decode(keys, type=DeviceKeys) == bob.keys
    bob.prekeys = read_first_form(prekeys, keys)
    line, handshake = begin(alice, bob, one_time=False)
    bob.prekeys = bob.prekeys.rotated(TODAY)
    assert len(bob.prekeys.generations) == 2
    assert accept(alice, bob, handshake, line.encrypt(b"hello"))[1] == b"hello"


def test_one_time_prekeys_of_the_first_form_are_kept_with_both_halves() -> None:
    prekeys, keys = old_columns(DeviceKeys.generate())
    read = read_first_form(prekeys, keys)
    assert len(read.one_time) == 3
    for each in read.one_time:
        assert bindings.crypto_scalarmult_base(each.x25519) == each.public
        assert len(each.kem) == 64


def test_prekeys_of_todays_form_are_not_taken_for_the_first() -> None:
    bob = Party()
    assert not is_first_form(bob.prekeys.save())
    restored = Prekeys.restore(bob.prekeys.save())
    open_bundle(
        restored.signed_bundle(bob.keys, bob.mailbox, TODAY), None, bob.keys.identity_public, bob.mailbox, TODAY
    )
