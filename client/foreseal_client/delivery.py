"""Bringing one sealed message to a relay: its blobs first, then the envelope that speaks of them."""

from __future__ import annotations

from typing import Final

from foreseal_client.errors import RelayRefusedError
from foreseal_client.relay_link import RelayLink
from foreseal_client.store import Contact, Pending
from foreseal_relay import wire

__all__ = ["ENVELOPE_TTL", "deliver"]

ENVELOPE_TTL: Final = 14 * 86400
"""Seconds that an envelope may wait at the relay for its recipient."""


async def deliver(pending: Pending, to: Contact, link: RelayLink) -> None:
    """Returns when it is durable at the relay. Repeating it does no harm: the ids are the same each time.

    Raises `RelayUnreachableError` or `RelayRefusedError`.
    """
    for blob, path in pending.blobs:
        if not path.exists():
            raise RelayRefusedError("blob-gone", detail="A sealed attachment is missing on this device.")
        await link.put_blob(blob, path)
    envelope = pending.envelope
    await link.send(
        wire.Send(1, envelope.mailbox, envelope.eid, ENVELOPE_TTL, to.token, envelope.commitment, envelope.body)
    )
