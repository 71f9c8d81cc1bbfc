"""Bringing one sealed message to a relay: its blobs first, then the envelope that speaks of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from foreseal_client.drawing import Drawing
from foreseal_client.errors import NoTokenError, RelayRefusedError
from foreseal_client.relay_blobs import Progress
from foreseal_client.relay_link import RelayLink
from foreseal_client.store import Contact, Pending
from foreseal_relay import wire
from foreseal_relay.token_wire import Kind, tokens_for

__all__ = ["ENVELOPE_TTL", "Transferred", "deliver", "onwards"]

ENVELOPE_TTL: Final = 14 * 86400
"""Seconds that an envelope may wait at the relay for its recipient."""


Transferred = Callable[[int, int], None]
"""Told from time to time how many bytes of how many have arrived."""


async def deliver(pending: Pending, to: Contact, link: RelayLink, drawing: Drawing, transferred: Transferred) -> None:
    """Returns when it is durable at the relay. Repeating it does no harm: the ids are the same each time, blobs go on
    where they were, and what pays for them is the same.

    Raises `RelayUnreachableError`, `RelayRefusedError` (`NoTokenError` when there is nothing to pay with, `NotYetError`
    when there soon will be) or `PeerFaultError`.
    """
    if not all(path.exists() for _, path in pending.blobs):
        raise RelayRefusedError("blob-gone", detail="A sealed attachment is missing on this device.")
    sizes = [path.stat().st_size for _, path in pending.blobs]
    for position, (blob, path) in enumerate(pending.blobs):
        progress = onwards(sum(sizes[:position]), sum(sizes), transferred)
        tokens = await drawing.take_or_leave(link, to.relay, Kind.BLOB, blob, tokens_for(sizes[position]))
        await link.put_blob(blob, path, progress, tokens=tokens)
        drawing.spent(blob)
    envelope = pending.envelope
    token = to.token or await _first_contact(envelope.eid, to, link, drawing)
    await link.send(
        wire.Send(1, envelope.mailbox, envelope.eid, ENVELOPE_TTL, token, envelope.commitment, envelope.body)
    )
    drawing.spent(envelope.eid)


async def _first_contact(eid: bytes, to: Contact, link: RelayLink, drawing: Drawing) -> bytes:
    """What an envelope to somebody costs who has not let us in yet."""
    tokens = await drawing.take_or_leave(link, to.relay, Kind.FIRST_CONTACT, eid, 1)
    if not tokens:
        raise NoTokenError(
            "Today's tokens for writing to people who have not answered are used up. New ones come tomorrow."
        )
    return tokens[0]


def onwards(before: int, total: int, transferred: Transferred) -> Progress:
    """What one blob's progress is for all of a message: `before` bytes of `total` have arrived already."""
    return lambda done: transferred(before + done, total)
