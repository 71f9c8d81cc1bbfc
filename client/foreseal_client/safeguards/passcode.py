"""The passcode of a young person's profile: it loosens settings and does nothing else. It opens no message, and nobody
needs it to get help, to block somebody, or to keep what was written as evidence.

Guessing is slowed twice: each try costs Argon2id (RFC 9106), and after a few wrong ones there is a wait that grows. A
try is counted before it is judged, so that stopping the program in between does not give it back.
"""

from __future__ import annotations

import hmac
from typing import Final, Self

import msgspec

from foreseal_client.addresses import MAX_PERSON_NAME
from foreseal_client.errors import SettingError
from foreseal_client.sealing.passphrases import Stretching, key_check

__all__ = ["FIRST_WAIT", "FREE_TRIES", "LONGEST_WAIT", "SHORTEST", "Lock", "Opened", "TooSoon", "Wrong"]

SHORTEST: Final = 6
"""Fewest characters of a passcode."""
FREE_TRIES: Final = 3
"""Wrong passcodes before the first wait."""
FIRST_WAIT: Final = 30
"""Seconds of the first wait; each further wrong passcode doubles it."""
LONGEST_WAIT: Final = 3600
_LABEL: Final = b"foreseal/1 safeguards passcode\x00"


class Lock(msgspec.Struct, frozen=True, array_like=True):
    """What a passcode is checked against, and by whom it is held. `check`: 32 bytes; `wrong`: tries since the last
    right one; `not_before`: seconds since 1970."""

    holder: str
    stretching: Stretching
    check: bytes
    wrong: int = 0
    not_before: int = 0

    @classmethod
    def new(cls, holder: str, passcode: str, stretching: Stretching | None = None) -> Self:
        """`stretching`: other costs of Argon2id than today's. Raises `SettingError`."""
        if len(passcode) < SHORTEST:
            raise SettingError(f"A passcode has at least {SHORTEST} characters. Nothing was changed.")
        if not 1 <= len(holder) <= MAX_PERSON_NAME or not holder.strip() or not holder.isprintable():
            raise SettingError(f"Who holds the passcode is said in 1 to {MAX_PERSON_NAME} characters that can be seen.")
        stretching = stretching or Stretching.fresh()
        return cls(holder, stretching, key_check(stretching.key(passcode), _LABEL))

    def wait(self, now: int) -> int:
        """Seconds until the next try; 0: at once. A clock that was put back does not make it longer than it can be."""
        return min(max(0, self.not_before - now), LONGEST_WAIT)

    def tried(self, now: int) -> Lock:
        """With one more try counted."""
        over = self.wrong + 1 - FREE_TRIES
        pause = 0 if over < 0 else min(FIRST_WAIT << min(over, 16), LONGEST_WAIT)
        return msgspec.structs.replace(self, wrong=self.wrong + 1, not_before=now + pause)

    def fits(self, passcode: str) -> bool:
        """Whether this is the passcode. Takes as long as Argon2id does."""
        return hmac.compare_digest(self.check, key_check(self.stretching.key(passcode), _LABEL))

    def opened(self) -> Lock:
        """With no wrong try counted any more."""
        return msgspec.structs.replace(self, wrong=0, not_before=0)


class Opened(msgspec.Struct, frozen=True):
    """It was the right passcode."""


class Wrong(msgspec.Struct, frozen=True):
    """It was not the passcode. `wait`: seconds until the next try."""

    wait: int


class TooSoon(msgspec.Struct, frozen=True):
    """It was not even looked at: too many were wrong. `wait`: seconds until the next try."""

    wait: int
