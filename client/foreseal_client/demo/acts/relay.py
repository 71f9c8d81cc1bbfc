"""What the relay has, and what it can tell from it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import Counter

from foreseal_client.demo.scene import Scene, SceneError, Settled
from foreseal_client.demo.search import Needle, search
from foreseal_client.demo.shelf import Shelved, taken
from foreseal_client.demo.steps import Plant, RelayHolds, Search
from foreseal_client.relay_link import SocketLink
from foreseal_matcher import Bytes, Undecodable
from foreseal_matcher.lists import from_picture
from foreseal_relay import wire

__all__ = ["infer", "look_for", "needles_of", "plant"]


async def plant(step: Plant, scene: Scene) -> Settled:
    """An envelope that is sealed to nobody. The receiver's device drops it."""
    alice = scene.stage.alice
    to = alice.peer
    body = step.phrase.encode().ljust(wire.BODY_SIZES[0], b"\0")
    frame = wire.Send(1, to.mailbox, secrets.token_bytes(16), wire.MIN_TTL, to.token, secrets.token_bytes(32), body)
    async with SocketLink(scene.stage.relay.url, dial=alice.tap.url) as link:
        new = await link.send(frame)
    return Settled(step, new, {"bytes": len(body)})


async def look_for(step: Search, scene: Scene) -> Settled:
    """Everything stored, logged, got and sent, in every form that the search knows."""
    if (step.phrase is None) == (step.picture is None):
        raise SceneError("A search is for a phrase or for a picture.")
    needles = [Needle("phrase", step.phrase.encode())] if step.phrase is not None else []
    if step.picture is not None:
        needles = needles_of(step.picture)
    saw = scene.stage.saw()
    hits = await asyncio.to_thread(search, needles, saw)
    where = sorted({hit.haystack.split(":")[0].split(" to ")[0] for hit in hits})
    return Settled(
        step, bool(hits) == step.found,
        {"searched_for": len(needles), "bytes_searched": sum(map(len, saw.values())), "hits": len(hits),
         "found_in": where},
    )  # fmt: skip


def needles_of(picture: Shelved) -> list[Needle]:
    """A picture's bytes and every fingerprint of it."""
    data = taken(picture)
    needles = [Needle("bytes", data), Needle("SHA-256", Bytes(data).sha256)]
    with contextlib.suppress(Undecodable):
        needles += [Needle(row.entry.algorithm, row.value) for row in from_picture(data, 1, category="", source="")]
    return needles


async def infer(step: RelayHolds, scene: Scene) -> Settled:
    """Counted from the frames as they pass, which is what a relay that notes everything down would have."""
    mailbox = scene.person(step.mailbox).device.mailbox
    sizes: Counter[int] = Counter()
    senders = []
    for frames in scene.sends.values():
        sent = [frame for frame in frames if frame.mailbox == mailbox]
        sizes.update(len(frame.body) for frame in sent)
        senders += [f"the connections of one client ({len(sent)})"] if sent else []
    count = sum(sizes.values())
    fits = count >= step.envelopes and set(sizes) <= set(wire.BODY_SIZES)
    return Settled(
        step, fits,
        {"envelopes": count, "sizes": [f"{number} of {size:,} bytes" for size, number in sorted(sizes.items())],
         "came_over": senders, "senders_named_inside": 0},
    )  # fmt: skip
