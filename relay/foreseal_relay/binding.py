"""What binds a signature, a hash or a proof to its purpose and its relay. Pure values."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

__all__ = [
    "LOGIN_LABEL", "MAILBOX_LABEL", "RESUME_LABEL", "STAMP_LABEL", "TOKEN_LABEL", "login_message", "mailbox_of",
    "resume_proof", "token_digest",
]  # fmt: skip

MAILBOX_BYTES: Final = 16
LOGIN_LABEL: Final = b"foreseal/1 login\x00"
MAILBOX_LABEL: Final = b"foreseal/1 mailbox\x00"
TOKEN_LABEL: Final = b"foreseal/1 token\x00"
STAMP_LABEL: Final = b"foreseal/1 stamp\x00"
RESUME_LABEL: Final = b"foreseal/1 resume\x00"


def login_message(origin: str, mailbox: bytes, server_nonce: bytes, client_nonce: bytes, generation: int) -> bytes:
    """What a login signs: label, relay origin, mailbox, both nonces and the generation, each with its length in
    front, so that no two different tuples give the same bytes. Binding the origin keeps a relay from replaying a
    login at another."""
    fields = (origin.encode(), mailbox, server_nonce, client_nonce, generation.to_bytes(8, "big"))
    return LOGIN_LABEL + b"".join(len(field).to_bytes(2, "big") + field for field in fields)


def resume_proof(secret: bytes, login: bytes) -> bytes:
    """HMAC-SHA256 under a ticket's secret over label and `login_message`: what a `Resume` shows."""
    return hmac.digest(secret, RESUME_LABEL + login, "sha256")


def mailbox_of(login_key: bytes) -> bytes:
    """A mailbox's id: the first 16 bytes of SHA-256 over label and login key (Ed25519 public, 32 bytes). Deriving
    it means that nobody can register a mailbox that is somebody else's."""
    return hashlib.sha256(MAILBOX_LABEL + login_key).digest()[:MAILBOX_BYTES]


def token_digest(token: bytes) -> bytes:
    """What the relay keeps of a token: SHA-256 over label and token, so that a stolen database sends nothing."""
    return hashlib.sha256(TOKEN_LABEL + token).digest()
