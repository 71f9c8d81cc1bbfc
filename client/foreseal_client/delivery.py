"""Bringing one sealed message to a relay: its blobs first, then the envelope that speaks of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from foreseal_client.errors import RelayRefusedError
from foreseal_client.relay_blobs import Progress
from foreseal_client.relay_link import RelayLink
from foreseal_client.store import Contact, Pending
from foreseal_relay import wire

__all__ = ["ENVELOPE_TTL", "Transferred", "deliver", "onwards"]

ENVELOPE_TTL: Final = 14 * 86400
"""Seconds that an envelope may wait at the relay for its recipient."""


Transferred = Callable[[int, int], None]
"""Told from time to time how many bytes of how many have arrived."""


async def deliver(pending: Pending, to: Contact, link: RelayLink, transferred: Transferred) -> None:
    """Returns when it is durable at the relay. Repeating it does no harm: the ids are the same each time, and blobs go
    on where they were.

    Raises `RelayUnreachableError` or `RelayRefusedError`.
    """
    if not all(path.exists() for _, path in pending.blobs):
        raise RelayRefusedError("blob-gone", detail="A sealed attachment is missing on this device.")
    sizes = [path.stat().st_size for _, path in pending.blobs]
    for position, (blob, path) in enumerate(pending.blobs):
        await link.put_blob(blob, path, onwards(sum(sizes[:position]), sum(sizes), transferred))
    envelope = pending.envelope
    await link.send(
        wire.Send(1, envelope.mailbox, envelope.eid, ENVELOPE_TTL, to.token, envelope.commitment, envelope.body)
    )


def onwards(before: int, total: int, transferred: Transferred) -> Progress:
    """What one blob's progress is for all of a message: `before` bytes of `total` have arrived already."""
    return lambda done: transferred(before + done, total)
