"""The story, or a scenario, as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from contextlib import aclosing
from typing import Final

from foreseal_client.demo.acts.carrying import played
from foreseal_client.demo.claims import Claim
from foreseal_client.demo.evidence import readable
from foreseal_client.demo.scenario import Scenario
from foreseal_client.demo.scene import Settled
from foreseal_client.demo.story import Own, tell
from foreseal_client.words import DEMO, OWN_PICTURES

__all__ = ["play", "play_scenario"]

_LABELS: Final = {True: "held up ", False: "FAILED  "}


async def play(own: Own | None, out: Callable[[str], None] | None) -> list[Claim]:
    """Carries out the story and says each claim as it is settled. Returns the claims."""
    say = out or (lambda _: None)
    say(DEMO if own is None else OWN_PICTURES)
    say("Alice and Bob write through a relay in a process of its own, over real sockets.")
    say("Alice's and Bob's device: policy hold, fail-closed. Every step below was done and then checked.\n")
    claims = []
    async with aclosing(tell(own)) as told:  # also where what is said cannot be written
        async for claim in told:
            claims.append(claim)
            say(f"({claim.id}) {_LABELS[claim.held]}{claim.claim}")
            say(textwrap.indent(readable(claim.evidence), "    "))
    kept = sum(claim.held for claim in claims)
    say(f"\n{kept} of {len(claims)} claims hold." + ("" if kept == len(claims) else " See FAILED above."))
    return claims


async def play_scenario(scenario: Scenario, out: Callable[[str], None] | None) -> list[Settled]:
    """Plays a scenario and says each step as it is settled. Returns the steps."""
    say = out or (lambda _: None)
    say(DEMO)
    say(f"{scenario.title}. {scenario.shows}\n")
    settled = []
    async with aclosing(played(scenario)) as told:
        async for one in told:
            settled.append(one)
            say(f"[{len(settled)}/{len(scenario.steps)}] {one.step.say}")
            say(f"      {_LABELS[one.held_up]}{one.step.claim}")
            say(textwrap.indent(readable(one.evidence, 104), "      "))
    kept = sum(one.held_up for one in settled)
    say(f"\n{kept} of {len(settled)} claims hold." + ("" if kept == len(settled) else " See FAILED above."))
    say(textwrap.fill(f"What this does not show: {scenario.limits}", 110))
    return settled
