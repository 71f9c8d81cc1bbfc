"""What the looks at a picture find, how near they bring strangers to each other, and what they cost.

Photographs are split in two by the seed: looks are chosen on the tuning half, and judged on the other. All figures are
aggregates over photographs; intervals come from drawing photographs anew, never pairs of them.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from foreseal_client.pictures.menu import MENU, MENU_VERSION, NOT_TUNED_FOR, prepared, served
from foreseal_matcher import Looks, Undecodable
from foreseal_matcher.decode import Look, first_looks
from foreseal_matcher.fingerprints.pdq import BYTES, MATCH_AT, distance
from foreseal_matcher.looks import PLAIN, seen

__all__ = ["EDITS", "Cost", "Half", "Photo", "Recall", "Report", "Strangers", "measure", "usable"]

EDITS: Final = (*MENU, *NOT_TUNED_FOR)
"""Every edit that can be measured."""
DRAWS: Final = 2000
"""How often photographs are drawn anew for an interval."""


class Half(StrEnum):
    """Which photographs are measured."""

    TUNING = "tuning"
    JUDGING = "judging"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph, and its fingerprint as a list would hold it."""

    name: str
    encoded: bytes
    picture: Look
    listed: bytes


@dataclass(frozen=True, slots=True)
class Recall:
    """The share of photographs still found after an edit, and the 95 % interval."""

    edit: str
    looks: str
    tuned_for: bool
    recall: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Strangers:
    """How near one look brings photographs to the listed fingerprints of others. `upper`: 3 / pairs, the bound on
    the rate (95 %) that no match among so many would leave if the pairs were independent, which they are not."""

    look: str
    pairs: int
    nearest: int
    matches: int
    upper: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Fingerprints that a set makes of a picture that matches nothing, and milliseconds for them (medians)."""

    looks: str
    fingerprints: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """All of it, with what is needed to repeat it."""

    menu: int
    seed: int
    half: str
    photographs: int
    recall: tuple[Recall, ...]
    strangers: tuple[Strangers, ...]
    cost: tuple[Cost, ...]


def usable(files: Mapping[str, bytes], seed: int, half: Half) -> list[Photo]:
    """The photographs of a half, without those that cannot be read or have too little in them. Names are shuffled
    before anything is left out, so that the halves of a folder stay what they are."""
    names = sorted(files)
    random.Random(seed).shuffle(names)
    middle = len(names) // 2
    chosen = {Half.TUNING: names[:middle], Half.JUDGING: names[middle:], Half.ALL: names}[half]
    return [photo for name in chosen if (photo := _photo(name, files[name])) is not None]


def measure(
    photos: Sequence[Photo],
    seed: int,
    half: Half,
    edits: Sequence[str] = EDITS,
    told: Callable[[str], None] = lambda _: None,
    clock: Callable[[], float] = time.perf_counter,
) -> Report:
    """Everything in a `Report`. `edits`: some of `EDITS`. `told` hears of each step as it begins. Raises `ValueError`
    for less than two photographs and for an edit that is not on the menu."""
    if len(photos) < 2:
        raise ValueError("measuring takes two usable photographs or more")
    unknown = [edit for edit in edits if edit not in EDITS]
    if unknown:
        raise ValueError(f"there is no edit {unknown[0]!r}; there are {', '.join(EDITS)}")
    recall: list[Recall] = []
    for edit in edits:
        told(edit)
        recall += _recall(photos, edit, seed)
    told("strangers")
    strangers = tuple(_strangers(photos))
    told("cost")
    cost = tuple(_cost(photos, looks, clock) for looks in Looks)
    return Report(MENU_VERSION, seed, half.value, len(photos), tuple(recall), strangers, cost)


def _photo(name: str, encoded: bytes) -> Photo | None:
    try:
        picture = first_looks(encoded)[0]
        fingerprint = next(seen(picture, Looks.PLAIN)).fingerprint
        return Photo(name, encoded, picture, fingerprint.bits) if fingerprint.telling else None
    except Undecodable:
        return None


def _recall(photos: Sequence[Photo], edit: str, seed: int) -> Iterator[Recall]:
    found: dict[Looks, list[bool]] = {looks: [] for looks in Looks}
    for photo in photos:
        chance = random.Random(f"{seed} {edit} {photo.name}")
        copy = first_looks(served(prepared(photo.encoded), edit, chance))[0]
        for looks, hits in found.items():
            hits.append(any(p.telling and distance(p.bits, photo.listed) <= MATCH_AT for _, p in seen(copy, looks)))
    drawn = np.random.default_rng(seed).integers(len(photos), size=(DRAWS, len(photos)))
    for looks, hits in found.items():
        low, high = np.percentile(np.array(hits)[drawn].mean(axis=1), (2.5, 97.5))
        yield Recall(edit, looks.value, edit in MENU, float(np.mean(hits)), float(low), float(high))


def _strangers(photos: Sequence[Photo]) -> Iterator[Strangers]:
    """Each look at each photograph against the listed fingerprints of all others."""
    listed = np.frombuffer(b"".join(photo.listed for photo in photos), np.uint8).reshape(-1, BYTES)
    nearest: dict[str, int] = {}
    counted: dict[str, tuple[int, int]] = {}
    for at, photo in enumerate(photos):
        others = np.delete(listed, at, axis=0)
        for look, fingerprint in seen(photo.picture, Looks.FULL):
            if not fingerprint.telling:
                continue
            differing = np.bitwise_count(others ^ np.frombuffer(fingerprint.bits, np.uint8)).sum(axis=1)
            nearest[look] = min(nearest.get(look, 256), int(differing.min()))
            pairs, matches = counted.get(look, (0, 0))
            counted[look] = pairs + len(others), matches + int((differing <= MATCH_AT).sum())
    for look, (pairs, matches) in counted.items():
        yield Strangers(look, pairs, nearest[look], matches, 3 / pairs)
    every = [sum(counts) for counts in zip(*counted.values(), strict=True)]
    yield Strangers("all together", every[0], min(nearest.values()), every[1], 3 / counted[PLAIN][0])


def _cost(photos: Sequence[Photo], looks: Looks, clock: Callable[[], float]) -> Cost:
    spent: list[float] = []
    made: list[int] = []
    for photo in photos:
        began = clock()
        made.append(sum(1 for _ in seen(photo.picture, looks)))
        spent.append((clock() - began) * 1000)
    return Cost(looks.value, int(statistics.median(made)), statistics.median(spent))
