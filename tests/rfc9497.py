"""VOPRF(ristretto255, SHA-512) computed a second time, from the text of RFC 9497 and libsodium's group. An oracle."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import rbcl

__all__ = ["blind", "derive_secret", "evaluate", "finalize", "holds", "prove", "public"]

_CONTEXT = b"OPRFV1-\x01-ristretto255-SHA512"


def derive_secret(seed: bytes, info: bytes) -> bytes:
    """DeriveKeyPair, section 3.2.1."""
    given = seed + _with_length(info)
    return _to_scalar(given + b"\x00", b"DeriveKeyPair" + _CONTEXT)


def public(secret: bytes) -> bytes:
    return bytes(rbcl.crypto_scalarmult_ristretto255_base(secret))


def blind(message: bytes, scalar: bytes) -> bytes:
    """Blind, section 3.3.2."""
    return _times(scalar, _to_group(message))


def evaluate(secret: bytes, element: bytes) -> bytes:
    return _times(secret, element)


def finalize(message: bytes, scalar: bytes, evaluated: bytes) -> bytes:
    """Finalize, section 3.3.1, without the proof."""
    unblinded = _times(rbcl.crypto_core_ristretto255_scalar_invert(scalar), evaluated)
    return hashlib.sha512(_with_length(message) + _with_length(unblinded) + b"Finalize").digest()


def prove(secret: bytes, blinded: Sequence[bytes], evaluated: Sequence[bytes], scalar: bytes) -> bytes:
    """GenerateProof, section 2.2.1; `scalar` is its randomness."""
    m, z = _composites(public(secret), blinded, evaluated)
    c = _challenge(public(secret), m, z, public(scalar), _times(scalar, m))
    s = rbcl.crypto_core_ristretto255_scalar_sub(scalar, rbcl.crypto_core_ristretto255_scalar_mul(c, secret))
    return c + bytes(s)


def holds(key: bytes, blinded: Sequence[bytes], evaluated: Sequence[bytes], proof: bytes) -> bool:
    """VerifyProof, section 2.2.2."""
    m, z = _composites(key, blinded, evaluated)
    c, s = proof[:32], proof[32:]
    t2 = _plus(public(s), _times(c, key))
    t3 = _plus(_times(s, m), _times(c, z))
    return _challenge(key, m, z, t2, t3) == c


def _composites(key: bytes, blinded: Sequence[bytes], evaluated: Sequence[bytes]) -> tuple[bytes, bytes]:
    seed = hashlib.sha512(_with_length(key) + _with_length(b"Seed-" + _CONTEXT)).digest()
    m = z = bytes(32)  # the neutral element
    for index, (c, d) in enumerate(zip(blinded, evaluated, strict=True)):
        given = _with_length(seed) + index.to_bytes(2, "big") + _with_length(c) + _with_length(d) + b"Composite"
        factor = _to_scalar(given, b"HashToScalar-" + _CONTEXT)
        m, z = _plus(_times(factor, c), m), _plus(_times(factor, d), z)
    return m, z


def _challenge(key: bytes, *elements: bytes) -> bytes:
    given = b"".join(_with_length(element) for element in (key, *elements)) + b"Challenge"
    return _to_scalar(given, b"HashToScalar-" + _CONTEXT)


def _to_group(message: bytes) -> bytes:
    return bytes(rbcl.crypto_core_ristretto255_from_hash(_expanded(message, b"HashToGroup-" + _CONTEXT)))


def _to_scalar(message: bytes, tag: bytes) -> bytes:
    return bytes(rbcl.crypto_core_ristretto255_scalar_reduce(_expanded(message, tag)))


def _expanded(message: bytes, tag: bytes) -> bytes:
    """expand_message_xmd to 64 bytes with SHA-512 (RFC 9380, section 5.3.1)."""
    tag += bytes([len(tag)])
    first = hashlib.sha512(bytes(128) + message + (64).to_bytes(2, "big") + b"\x00" + tag).digest()
    return hashlib.sha512(first + b"\x01" + tag).digest()


def _times(scalar: bytes, element: bytes) -> bytes:
    return bytes(rbcl.crypto_scalarmult_ristretto255(scalar, element))


def _plus(one: bytes, other: bytes) -> bytes:
    return bytes(rbcl.crypto_core_ristretto255_add(one, other))


def _with_length(part: bytes) -> bytes:
    return len(part).to_bytes(2, "big") + part
