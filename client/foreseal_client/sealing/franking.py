"""Franking: so that one message can later be proven, and no other revealed.

Message franking after Grubbs, Lu and Ristenpart (CRYPTO 2017): the envelope carries a commitment to the letter, the
relay stamps it on delivery, and the opening lies inside the letter. Because the sender is anonymous to the relay, its
stamp cannot say who sent; the letter therefore carries the sender's signature. That costs deniability towards the
recipient, and `docs/threat-model.md` says so.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Final

from foreseal_client.sealing.keys import sign, verify

__all__ = ["commit", "opens", "sign_opening", "signed_by"]

_LABEL: Final = b"foreseal/1 franking\x00"
_OPENING: Final = 32


def commit(content: bytes) -> tuple[bytes, bytes]:
    """A commitment to the letter's content and its opening, 32 bytes each."""
    opening = secrets.token_bytes(_OPENING)
    return hmac.digest(opening, _LABEL + content, "sha256"), opening


def opens(commitment: bytes, opening: bytes, content: bytes) -> bool:
    """Whether `opening` shows that `commitment` was made to `content`."""
    if len(opening) != _OPENING:
        return False  # HMAC fills a shorter key with zeros and hashes a longer one: there would be several openings
    return hmac.compare_digest(commitment, hmac.digest(opening, _LABEL + content, "sha256"))


def sign_opening(identity_seed: bytes, commitment: bytes, opening: bytes, mailbox: bytes, eid: bytes) -> bytes:
    """The sender's Ed25519 signature over commitment, opening, the recipient's mailbox and the envelope's id."""
    return sign(identity_seed, _LABEL, commitment + opening + mailbox + eid)


def signed_by(identity: bytes, signature: bytes, commitment: bytes, opening: bytes, mailbox: bytes, eid: bytes) -> bool:
    """Whether `identity` signed this opening for this mailbox and envelope."""
    return verify(identity, signature, _LABEL, commitment + opening + mailbox + eid)
