"""Prekeys as stores of version 1 kept them: the JSON of the package `x3dh`, and the ML-KEM seeds beside it.

What was sealed to them may be under way; the next login replaces them. The X-Wing seeds lay with the device's keys.
"""

from __future__ import annotations

import json
from typing import Final

import msgspec

from foreseal_client.sealing import curve
from foreseal_client.sealing.prekeys import Generation, OneTimeSecret, Prekeys

__all__ = ["is_first_form", "read_first_form"]

_LONG_AGO: Final = 0


class _DeviceKeys(msgspec.Struct, array_like=True):
    identity: bytes
    login: bytes
    kem: bytes
    x25519: bytes


def is_first_form(prekeys: bytes) -> bool:
    """Whether these saved prekeys are of that form."""
    return prekeys.startswith(b"{")


def read_first_form(prekeys: bytes, keys: bytes) -> Prekeys:
    """The prekeys in today's form. `prekeys` and `keys`: both columns of the account, as they were stored."""
    saved, device = json.loads(prekeys), msgspec.msgpack.decode(keys, type=_DeviceKeys)
    seeds = {bytes.fromhex(public): bytes.fromhex(seed) for public, seed in saved["kem"].items()}
    signed = saved["x3dh"]["signed_pre_key"]["priv"].encode("latin-1")
    privates = {curve.public_of(each): each for each in (text.encode("latin-1") for text in saved["x3dh"]["pre_keys"])}
    generation = Generation(curve.public_of(signed), signed, seeds[b""], device.kem, device.x25519, _LONG_AGO)
    one_time = (OneTimeSecret(public, privates[public], seeds[public]) for public in seeds if public in privates)
    return Prekeys((generation,), tuple(one_time))
