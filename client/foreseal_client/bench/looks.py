"""What the looks at a picture find, how near they bring strangers to each other, and what they cost: by PDQ, or as it
is by another fingerprint.

Photographs are split in two by the seed: looks are chosen on the tuning half, and judged on the other. All figures are
aggregates over photographs; intervals come from drawing photographs anew, never pairs of them.
"""

from __future__ import annotations

import math
import random
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from foreseal_client.bench.ways import Way, ways_of
from foreseal_client.pictures.menu import MENU, MENU_VERSION, NOT_TUNED_FOR, prepared, served
from foreseal_matcher import Undecodable
from foreseal_matcher.decode import Look, first_looks
from foreseal_matcher.fingerprints.fingerprint import Fingerprint
from foreseal_matcher.fingerprints.known import FINGERPRINTS
from foreseal_matcher.lists.crops import crops_of
from foreseal_matcher.looks import PLAIN

__all__ = ["EDITS", "Cost", "Half", "Photo", "Recall", "Report", "Strangers", "halves", "measure", "usable"]

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
    """A photograph, and its fingerprints as a list would hold them: of the whole, and of parts that are listed."""

    name: str
    encoded: bytes
    picture: Look
    listed: tuple[bytes, ...]


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
    """How near one look brings photographs to others on a list. `upper`: 3 / pairs, the bound on the rate (95 %) that
    no match among so many would leave if the pairs were independent, which they are not."""

    look: str
    pairs: int
    nearest: float
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
    fingerprint: str
    crops: bool
    photographs: int
    recall: tuple[Recall, ...]
    strangers: tuple[Strangers, ...]
    cost: tuple[Cost, ...]


def halves(names: Iterable[str], seed: int) -> dict[Half, list[str]]:
    """The names of each half, and of all. What is drawn from `names` is their order alone, whatever they stand in."""
    drawn = sorted(names)
    random.Random(seed).shuffle(drawn)
    middle = len(drawn) // 2
    return {Half.TUNING: drawn[:middle], Half.JUDGING: drawn[middle:], Half.ALL: drawn}


def usable(
    files: Mapping[str, bytes], seed: int, half: Half, fingerprint: str = "pdq", *, crops: bool = False
) -> list[Photo]:
    """The photographs of a half, without those that cannot be read or have too little in them. Names are shuffled
    before anything is left out, so that the halves of a folder stay what they are. `crops`: parts of each are listed
    too, by PDQ. Raises `NotInstalled` where what computes the fingerprint is absent."""
    chosen = halves(files, seed)[half]
    return [photo for name in chosen if (photo := _photo(name, files[name], FINGERPRINTS[fingerprint], crops))]


def measure(
    photos: Sequence[Photo],
    seed: int,
    half: Half,
    edits: Sequence[str] = EDITS,
    fingerprint: str = "pdq",
    told: Callable[[str], None] = lambda _: None,
    clock: Callable[[], float] = time.perf_counter,
) -> Report:
    """Everything in a `Report`. `edits`: some of `EDITS`. `fingerprint`: the one that `usable` took. `told` hears of
    each step as it begins. Raises `ValueError` for fewer than two photographs and an edit that is not on the menu."""
    if len(photos) < 2:
        raise ValueError("measuring takes two usable photographs or more")
    unknown = [edit for edit in edits if edit not in EDITS]
    if unknown:
        raise ValueError(f"there is no edit {unknown[0]!r}; there are {', '.join(EDITS)}")
    ways, matches = ways_of(fingerprint), FINGERPRINTS[fingerprint].matches
    recall: list[Recall] = []
    for edit in edits:
        told(edit)
        recall += _recall(photos, edit, seed, ways, matches)
    told("strangers")
    strangers = tuple(_strangers(photos, [*ways.values()][-1], FINGERPRINTS[fingerprint]))
    told("cost")
    cost = tuple(_cost(photos, looks, way, clock) for looks, way in ways.items())
    crops = any(len(photo.listed) > 1 for photo in photos)
    return Report(MENU_VERSION, seed, half.value, fingerprint, crops, len(photos), tuple(recall), strangers, cost)


def _photo(name: str, encoded: bytes, fingerprint: Fingerprint, crops: bool) -> Photo | None:
    try:
        picture = first_looks(encoded)[0]
    except Undecodable:
        return None
    whole = fingerprint.of(picture)
    parts = (part.bits for part in crops_of(picture) if crops and part.telling)
    return Photo(name, encoded, picture, (whole.bits, *parts)) if whole.telling else None


def _recall(
    photos: Sequence[Photo], edit: str, seed: int, ways: Mapping[str, Way], matches: Callable[[bytes, bytes], bool]
) -> Iterator[Recall]:
    found: dict[str, list[bool]] = {looks: [] for looks in ways}
    for photo in photos:
        chance = random.Random(f"{seed} {edit} {photo.name}")
        copy = first_looks(served(prepared(photo.encoded), edit, chance))[0]
        for looks, way in ways.items():
            taken = (each.bits for _, each in way(copy) if each.telling)
            found[looks].append(any(matches(bits, listed) for bits in taken for listed in photo.listed))
    drawn = np.random.default_rng(seed).integers(len(photos), size=(DRAWS, len(photos)))
    for looks, hits in found.items():
        low, high = np.percentile(np.array(hits)[drawn].mean(axis=1), (2.5, 97.5))
        yield Recall(edit, looks, edit in MENU, float(np.mean(hits)), float(low), float(high))


def _strangers(photos: Sequence[Photo], way: Way, fingerprint: Fingerprint) -> Iterator[Strangers]:
    """Each look at each photograph against what is listed of all others; of one other the nearest is a pair."""
    nearest: dict[str, float] = {}
    counted: dict[str, tuple[int, int]] = {}
    for photo in photos:
        others = [other.listed for other in photos if other is not photo]
        for look, taken in way(photo.picture):
            if not taken.telling:
                continue
            apart = [min(fingerprint.distance(taken.bits, bits) for bits in listed) for listed in others]
            near = sum(any(fingerprint.matches(taken.bits, bits) for bits in listed) for listed in others)
            nearest[look] = min(nearest.get(look, math.inf), *apart)
            pairs, matches = counted.get(look, (0, 0))
            counted[look] = pairs + len(others), matches + near
    for look, (pairs, matches) in counted.items():
        yield Strangers(look, pairs, nearest[look], matches, 3 / pairs)
    every = [sum(counts) for counts in zip(*counted.values(), strict=True)]
    yield Strangers("all together", every[0], min(nearest.values()), every[1], 3 / counted[PLAIN][0])


def _cost(photos: Sequence[Photo], looks: str, way: Way, clock: Callable[[], float]) -> Cost:
    spent: list[float] = []
    made: list[int] = []
    for photo in photos:
        began = clock()
        made.append(sum(1 for _ in way(photo.picture)))
        spent.append((clock() - began) * 1000)
    return Cost(looks, int(statistics.median(made)), statistics.median(spent))
