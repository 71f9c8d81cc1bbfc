"""Prekeys: what a device publishes so that others can begin a conversation while it is away, and their secrets.

Everything that is not used once belongs to a *generation*: signed prekey, last-resort ML-KEM key and the X-Wing key
that envelopes are sealed to. A generation is replaced after some days, and its secrets are kept for some more, because
envelopes that were sealed with it may still be on their way. A *one-time prekey* is deleted with its first use.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey

from foreseal_client.sealing import curve
from foreseal_client.sealing.bundles import (
    BUNDLE_DAYS,
    BundlePayload,
    OneTimePrekey,
    signed_bundle,
    signed_one_time,
)
from foreseal_client.sealing.keys import DEVICE, DeviceKeys

__all__ = ["KEPT_DAYS", "MAX_STOCK", "ROTATE_DAYS", "Generation", "OneTimeSecret", "Prekeys"]

ROTATE_DAYS: Final = 7
"""Days after which the keys of a bundle are replaced."""
KEPT_DAYS: Final = 60
"""Days that replaced secrets are kept: the last bundle with them is good for `BUNDLE_DAYS`, and what was sealed on its
last day may lie at a relay for 30 more."""
MAX_STOCK: Final = 200
"""One-time prekeys whose secrets are kept. A relay that always says it has none must not make this device keep more
and more; the oldest go first."""


class Generation(msgspec.Struct, frozen=True, array_like=True):
    """Secrets that are replaced together, and the days (since 1970) on which they were made and replaced.
    `signed_prekey` and `seal_x25519`: X25519, 32 bytes; `last_resort` and `seal_kem`: ML-KEM-768 seeds, 64 bytes."""

    signed_public: bytes
    signed_prekey: bytes
    last_resort: bytes
    seal_kem: bytes
    seal_x25519: bytes
    made: int
    replaced: int | None = None

    @classmethod
    def new(cls, today: int) -> Generation:
        """New keys from the system's randomness."""
        signed = curve.new_private()
        last_resort, seal_kem, seal_x25519 = map(secrets.token_bytes, (64, 64, 32))
        return cls(curve.public_of(signed), signed, last_resort, seal_kem, seal_x25519, today)


class OneTimeSecret(msgspec.Struct, frozen=True, array_like=True):
    """Both secrets of a one-time prekey, and its X25519 public key, by which it is found."""

    public: bytes
    x25519: bytes
    kem: bytes


class Prekeys(msgspec.Struct, frozen=True, array_like=True):
    """This device's prekey secrets. `generations`: the newest first; `one_time`: the oldest first."""

    generations: tuple[Generation, ...]
    one_time: tuple[OneTimeSecret, ...] = ()

    @classmethod
    def generate(cls, today: int) -> Prekeys:
        """A first generation; one-time prekeys are made by `replenished`."""
        return cls((Generation.new(today),))

    @classmethod
    def begun_anew(cls, today: int, seal_keys: Sequence[tuple[bytes, bytes]]) -> Prekeys:
        """Everything new, for a device that is restored from a backup; what is sealed to `seal_keys`, which contacts
        still know, can be unwrapped, and the session inside it mends."""
        opening = (
            msgspec.structs.replace(Generation.new(today), seal_kem=kem, seal_x25519=x25519, replaced=today)
            for kem, x25519 in seal_keys
        )
        return cls((Generation.new(today), *opening))

    def anew(self, today: int) -> Prekeys:
        """As `begun_anew`, for a device that was put back to an older state and still has its own. Each of the keys
        that envelopes were sealed to goes on the day it would have gone: a relay can make a device do this every
        month, and must not keep keys alive, nor make them more and more."""
        newest, *opening = Prekeys.begun_anew(today, self.seal_keys).generations
        aged = (
            msgspec.structs.replace(one, made=old.made, replaced=today if old.replaced is None else old.replaced)
            for one, old in zip(opening, self.generations, strict=True)
        )
        return Prekeys((newest, *aged)).rotated(today)

    @classmethod
    def restore(cls, state: bytes) -> Prekeys:
        """The prekeys that `state` was saved from."""
        return msgspec.msgpack.decode(state, type=cls)

    def save(self) -> bytes:
        """The state, to be kept in the encrypted store only: it holds raw secrets."""
        return msgspec.msgpack.encode(self)

    def rotated(self, today: int, every: int = ROTATE_DAYS) -> Prekeys:
        """With a new generation if the newest is `every` days old, and without those replaced `KEPT_DAYS` ago. One
        that seems to come from the future was made under a wrong clock and is replaced too."""
        newest, *older = self.generations
        if not 0 <= today - newest.made < every:
            older.insert(0, msgspec.structs.replace(newest, replaced=today))
            newest = Generation.new(today)
        kept = (each for each in older if each.replaced is not None and each.replaced > today - KEPT_DAYS)
        return msgspec.structs.replace(self, generations=(newest, *kept))

    def replenished(self, keys: DeviceKeys, mailbox: bytes, count: int) -> tuple[Prekeys, list[bytes]]:
        """With `count` new one-time prekeys, and these signed, ready to publish."""
        made = [_new_one_time() for _ in range(count)]
        signed = [
            signed_one_time(keys, OneTimePrekey(mailbox, DEVICE, each.public, _kem_public(each.kem))) for each in made
        ]
        return msgspec.structs.replace(self, one_time=(*self.one_time, *made)[-MAX_STOCK:]), signed

    def without(self, one_time: bytes) -> Prekeys:
        """Without a one-time prekey that was used: its handshake could be replayed."""
        left = tuple(each for each in self.one_time if each.public != one_time)
        return msgspec.structs.replace(self, one_time=left)

    def one_time_of(self, public: bytes) -> OneTimeSecret | None:
        """The secrets of a one-time prekey, if it was not used before."""
        return next((each for each in self.one_time if each.public == public), None)

    def generation_of(self, signed_prekey: bytes) -> Generation | None:
        """The generation that a signed prekey (public, 32 bytes) belongs to, while its secrets are kept."""
        return next((each for each in self.generations if each.signed_public == signed_prekey), None)

    @property
    def seal_keys(self) -> Sequence[tuple[bytes, bytes]]:
        """ML-KEM seed and X25519 private key that envelopes may be sealed to, the newest first."""
        return [(each.seal_kem, each.seal_x25519) for each in self.generations]

    def signed_bundle(self, keys: DeviceKeys, mailbox: bytes, today: int) -> bytes:
        """The bundle to publish, valid for `BUNDLE_DAYS` from `today` (days since 1970)."""
        newest = self.generations[0]
        payload = BundlePayload(
            "foreseal/1",
            keys.identity_public,
            mailbox,
            DEVICE,
            today + BUNDLE_DAYS,
            newest.signed_public,
            _kem_public(newest.last_resort),
            _kem_public(newest.seal_kem),
            curve.public_of(newest.seal_x25519),
        )
        return signed_bundle(keys, payload)


def _new_one_time() -> OneTimeSecret:
    private = curve.new_private()
    return OneTimeSecret(curve.public_of(private), private, secrets.token_bytes(64))


def _kem_public(seed: bytes) -> bytes:
    return MLKEM768PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()
