"""Tokens drawn without a relay in between, for tests of what spending them does."""

from __future__ import annotations

from foreseal_client.sealing.tokens import Blinding
from foreseal_relay.limits import DAY
from foreseal_relay.token_wire import Kind, epoch_of, read_issuer_list
from foreseal_relay.tokens import Issuer

__all__ = ["draw", "key_of"]


def key_of(issuer: Issuer, kind: Kind, epoch: int) -> bytes:
    """The public key on the issuer's list."""
    listed = read_issuer_list(issuer.listed)
    assert listed is not None
    key = listed.key(kind, epoch)
    assert key is not None
    return key


def draw(issuer: Issuer, kind: Kind, now: float, count: int = 1) -> list[bytes]:
    """So many tokens."""
    epoch = epoch_of(int(now // DAY))
    blinding = Blinding(kind, key_of(issuer, kind, epoch), count)
    return blinding.finish(issuer.evaluate(kind, epoch, blinding.blinded, now))
