"""Safeguards compared: the same scripted sends without any, and with matching; what each stopped, let pass or delayed.

Contact safeguards (requests from strangers, defaults for young people) are no part of it yet.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from foreseal_client import pictures
from foreseal_client.demo.stage import HOLD_CLOSED, Stage
from foreseal_client.draft import Draft
from foreseal_client.outbound import NotSent
from foreseal_client.pictures.menu import changed
from foreseal_client.study.cell import Cell, Ground, Sample
from foreseal_client.study.scripted import KNOWN_LINK, known_film, known_picture, script_list
from foreseal_matcher import Bytes, Looks, Mode, OnFailure, Policy
from foreseal_matcher.films import checkable

__all__ = ["KNOWN", "REGIMES", "measure"]

REGIMES: Final = {
    "nothing": Policy(Mode.OFF, OnFailure.OPEN),
    "matching, quick looks": HOLD_CLOSED,
    "matching, full looks": Policy(Mode.HOLD, OnFailure.CLOSED, Looks.FULL),
    "matching, fail-open": Policy(Mode.HOLD, OnFailure.OPEN),
}
KNOWN: Final = "known"
"""What the scenarios begin with that matching is for. The others are harmless, or nothing that a list could hold."""


def measure(_: Cell, ground: Ground) -> Iterator[Sample]:
    """Every scenario under every regime: `stopped` 1 or 0, and milliseconds until that was decided."""
    yield from asyncio.run(_played(ground))


async def _played(ground: Ground) -> list[Sample]:
    mistaken = pictures.generate("skyline", 5)
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory(dir=ground.work) as folder:
        async with Stage.set_up(Path(folder) / "stage") as stage:
            device = stage.alice.device
            device.lists = script_list(Path(folder) / "list", mistaken)
            for name, draft in _scenarios(ground.seed, mistaken).items():
                for regime, policy in REGIMES.items():
                    device.policy = policy
                    began = time.perf_counter()
                    outcome = await stage.alice.messenger.send(stage.alice.peer, draft)
                    spent = (time.perf_counter() - began) * 1000
                    stopped = str(int(isinstance(outcome, NotSent)))
                    samples.append(Sample("safeguards", name, regime, "", "", "stopped", stopped))
                    samples.append(Sample("safeguards", name, regime, "", "", "ms", f"{spent:.4g}"))
    return samples


def _scenarios(seed: int, mistaken: bytes) -> Mapping[str, Draft]:
    known, new = known_picture(), pictures.generate("reef", 900 + seed)
    files = {
        "known picture, the same file": known,
        "known picture, re-saved and made smaller": pictures.edited(known, "sent-on"),
        "known picture, mirrored": changed(known, "mirrored", seed),
        "known picture, cropped 10 %": changed(known, "cropped 10 %", seed),
        "known picture, as a screenshot": changed(known, "screenshot", seed),
        "new picture, on no list": new,
        "picture listed by mistake": mistaken,
        "picture cut off in the middle, which cannot be checked": new[: len(new) // 2],
    }
    if checkable():
        files["known film, the same file"] = known_film()
    drafts = {name: Draft("", (Bytes(data, _name(name)),)) for name, data in files.items()}
    return {
        **drafts,
        "known link": Draft(f"look: {KNOWN_LINK}"),
        "text that describes what the known picture shows": Draft("a bowl of fruit on a table, as you asked"),
    }


def _name(scenario: str) -> str:
    return "film.mp4" if "film" in scenario else "picture.jpg"
