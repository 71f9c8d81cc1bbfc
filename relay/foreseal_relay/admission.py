"""Who may make a mailbox: anybody, who did some work for it, or who was given a code. Rules; time as an argument.

A code holds its own proof, so making one needs the relay's directory and not its store: it works beside a running
relay, and for several relays over one store. What is stored is that a code was used, until it would have expired.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from foreseal_relay.limits import REGISTRATION_CODE_DAYS, WORK_BITS, day_of
from foreseal_relay.store.interface import Spending
from foreseal_relay.token_wire import work_done

__all__ = ["NONCE_BYTES", "Admission", "Registration", "code_bytes", "new_code"]

_LABEL: Final = b"foreseal/1 registration code\x00"
_PREFIX: Final = "foreseal-code-"
NONCE_BYTES: Final = 10
_TAG: Final = 10
_CODE: Final = NONCE_BYTES + 3 + _TAG


class Registration(StrEnum):
    """What `foreseal relay --registration` takes."""

    OPEN = "open"
    INVITATION = "invitation"
    WORK = "work"


@dataclass(frozen=True, slots=True)
class Admission:
    """The terms of one relay. `secret`: the relay's own, for codes; `bits`: zero bits that work must show."""

    registration: Registration
    secret: bytes
    origins: tuple[str, ...]
    bits: int = WORK_BITS

    @property
    def terms(self) -> tuple[str, int]:
        """What `Terms` says."""
        match self.registration:
            case Registration.OPEN:
                return "nothing", 0
            case Registration.INVITATION:
                return "code", 0
            case Registration.WORK:
                return "work", self.bits

    def admits(self, mailbox: bytes, given: bytes, now: float) -> Spending | bool:
        """Whether a new mailbox may be made with what was given; a code has to be spent on it as well."""
        match self.registration:
            case Registration.OPEN:
                return True
            case Registration.WORK:
                return any(work_done(origin, mailbox, given) >= self.bits for origin in self.origins)
            case Registration.INVITATION:
                return self._code(mailbox, given, now) or False

    def _code(self, mailbox: bytes, given: bytes, now: float) -> Spending | None:
        body, tag = given[:-_TAG], given[-_TAG:]
        if len(given) != _CODE or not hmac.compare_digest(_tag(self.secret, body), tag):
            return None
        last_day = int.from_bytes(body[NONCE_BYTES:], "big")
        if day_of(now) > last_day:
            return None
        digest = hashlib.sha256(_LABEL + given).digest()
        return Spending(digest, hashlib.sha256(_LABEL + mailbox).digest()[:16], (last_day + 1) * 24)


def new_code(secret: bytes, nonce: bytes, now: float) -> str:
    """A one-time code, good for `REGISTRATION_CODE_DAYS` days. `nonce`: 10 random bytes."""
    body = nonce + (day_of(now) + REGISTRATION_CODE_DAYS).to_bytes(3, "big")
    code = body + _tag(secret, body)
    checked = code + zlib.crc32(code).to_bytes(4, "big")[:2]
    return _PREFIX + base64.b32encode(checked).decode().lower().rstrip("=")


def code_bytes(text: str) -> bytes | None:
    """What a code as text stands for; None when it is none, or has a slip in it."""
    text = "".join(text.split()).lower()
    if not text.startswith(_PREFIX):
        return None
    letters = text.removeprefix(_PREFIX).upper()
    try:
        checked = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError):
        return None
    code, check = checked[:-2], checked[-2:]
    return code if len(code) == _CODE and zlib.crc32(code).to_bytes(4, "big")[:2] == check else None


def _tag(secret: bytes, body: bytes) -> bytes:
    return hmac.digest(secret, _LABEL + body, "sha256")[:_TAG]
