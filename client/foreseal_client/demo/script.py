"""The story as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Final

from foreseal_client.demo.claims import Claim, Evidence
from foreseal_client.demo.story import Own, tell
from foreseal_client.words import DEMO, OWN_PICTURES

__all__ = ["play"]

_LABELS: Final = {True: "held up ", False: "FAILED  "}


async def play(own: Own | None, out: Callable[[str], None] | None) -> list[Claim]:
    """Carries out the story and says each claim as it is settled. Returns the claims."""
    say = out or (lambda _: None)
    say(DEMO if own is None else OWN_PICTURES)
    say("Alice and Bob write through a relay in a process of its own, over real sockets.")
    say("Alice's and Bob's device: policy hold, fail-closed. Every step below was done and then checked.\n")
    claims = []
    async for claim in tell(own):
        claims.append(claim)
        say(f"({claim.id}) {_LABELS[claim.held]}{claim.claim}")
        say(textwrap.indent(_readable(claim.evidence), "    "))
    kept = sum(claim.held for claim in claims)
    say(f"\n{kept} of {len(claims)} claims hold." + ("" if kept == len(claims) else " See FAILED above."))
    return claims


def _readable(evidence: Evidence) -> str:
    parts = []
    for name, value in evidence.items():
        shown = "; ".join(value) or "none" if isinstance(value, list) else value
        parts.append(
            f"{name.replace('_', ' ')}: {shown:,}" if isinstance(shown, int) else f"{name.replace('_', ' ')}: {shown}"
        )
    return textwrap.fill(", ".join(parts), 110)
