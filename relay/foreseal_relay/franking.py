"""The stamp: the relay's own proof that it delivered an envelope with this commitment to this mailbox on this day.

It proves delivery and never the sender, whom the relay does not know (message franking: Grubbs, Lu, Ristenpart,
"Message Franking via Committing Authenticated Encryption", CRYPTO 2017). It is computed when an envelope is
delivered and stored nowhere: everything it covers is stored, so a stolen database holds no stamps.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

from foreseal_relay.store.interface import Envelope
from foreseal_relay.wire import STAMP_LABEL, Deliver

__all__ = ["KEY_BYTES", "StampKey"]

KEY_BYTES: Final = 32
_DERIVED_LABEL: Final = b"foreseal/1 derived key\x00"
_KEY_ID_LABEL: Final = b"foreseal/1 stamp key id\x00"


@dataclass(frozen=True, slots=True)
class StampKey:
    """A relay's stamping key, 32 random bytes that never leave it. `id`: 8 bytes that name it."""

    secret: bytes = field(repr=False)
    id: bytes = field(init=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"a stamp key has {KEY_BYTES} bytes, this one {len(self.secret)}")
        object.__setattr__(self, "id", hashlib.sha256(_KEY_ID_LABEL + self.secret).digest()[:8])

    def derived(self, label: bytes) -> bytes:
        """Another key of this relay's, 32 bytes, for what `label` names. It says nothing about this one."""
        return hmac.digest(self.secret, _DERIVED_LABEL + label, "sha256")

    def stamp(self, commitment: bytes, mailbox: bytes, eid: bytes, day: int) -> bytes:
        """HMAC-SHA256 over label, commitment (32 bytes), mailbox (16), eid (16) and day (8, big-endian): 32 bytes."""
        message = STAMP_LABEL + commitment + mailbox + eid + day.to_bytes(8, "big")
        return hmac.digest(self.secret, message, "sha256")

    def confirms(self, stamp: bytes, commitment: bytes, mailbox: bytes, eid: bytes, day: int) -> bool:
        """Whether this relay made `stamp`, in constant time."""
        return hmac.compare_digest(stamp, self.stamp(commitment, mailbox, eid, day))

    def deliver(self, envelope: Envelope) -> Deliver:
        """The frame that delivers an envelope."""
        stamp = self.stamp(envelope.commitment, envelope.mailbox, envelope.eid, envelope.day)
        return Deliver(envelope.eid, envelope.commitment, envelope.day, self.id, envelope.body, stamp)
