"""A film looked up in lists, frame by frame as it is decoded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from foreseal_matcher.fingerprints.film import overlap_of, worth_keeping
from foreseal_matcher.fingerprints.pdq import MATCH_AT, Pdq
from foreseal_matcher.lists import HashList, ListSet
from foreseal_matcher.overlap import Overlap
from foreseal_matcher.verdict import Entry

__all__ = ["FilmHit", "FilmSearch"]

_KIND: Final = "film"


class FilmHit(NamedTuple):
    """A listed film that was found, in which list. `distance`: bits that half of the frames found differ by at most,
    0..31."""

    list: HashList
    entry: Entry
    overlap: Overlap
    distance: int


@dataclass(slots=True)
class _Candidate:
    """What of one listed film was found: how near, by the times of the checked one's frames; at which of its own times;
    and one of its rows."""

    row: int
    distances: dict[int, int] = field(default_factory=dict)
    covered: set[int] = field(default_factory=set)


class FilmSearch:
    """The frames of one film, looked up in every list that has films. Which frames count is as `fingerprints.film`
    says; a frame is found if any of the looks at it is."""

    __slots__ = ("_apart", "_before", "_candidates", "_kept", "_lists", "_times")

    def __init__(self, lists: ListSet) -> None:
        self._lists = [one for one in lists.lists if one.counts.get(_KIND)]
        self._candidates: dict[tuple[int, int], _Candidate] = {}
        self._times: list[int] = []
        self._kept: bytes | None = None
        self._before: int | None = None
        self._apart = 0

    def add(self, looks: Collection[Pdq], time_ms: int) -> None:
        """The next frame: its fingerprints, the plain look's first."""
        if not self._lists:
            return
        if self._before is not None:
            self._apart = max(self._apart, time_ms - self._before)
        self._before = time_ms
        plain = next(iter(looks))
        if not worth_keeping(plain, self._kept):
            return
        self._kept = plain.bits
        self._times.append(time_ms)
        for fingerprint in looks:
            if fingerprint.telling:
                self._look_up(fingerprint.bits, time_ms)

    def found(self) -> FilmHit | None:
        """The listed film that most of what was seen so far speaks for, if that is enough to call it a match."""
        hits = [self._hit(*key, candidate) for key, candidate in sorted(self._candidates.items())]
        resembling = [hit for hit in hits if hit.overlap.resembles]
        return max(resembling, key=lambda hit: max(hit.overlap.share, hit.overlap.listed_share), default=None)

    def _look_up(self, bits: bytes, time_ms: int) -> None:
        for at, one in enumerate(self._lists):
            rows = one.film_rows
            for row, distance in one.search(_KIND).within(bits, MATCH_AT):
                candidate = self._candidates.setdefault((at, rows.id(row)), _Candidate(row))
                nearest = candidate.distances.get(time_ms, distance)
                candidate.distances[time_ms] = min(nearest, distance)
                candidate.covered.add(rows.time_ms(row))

    def _hit(self, at: int, id: int, candidate: _Candidate) -> FilmHit:
        one = self._lists[at]
        rows = one.film_rows
        # Imported here because a film of which nothing is listed does without.
        import numpy as np

        listed = (rows.time_ms(int(row)) for row in np.flatnonzero(np.frombuffer(rows.ids, "<u8") == id))
        distances = sorted(candidate.distances.values())
        overlap = overlap_of(candidate.distances, self._times, candidate.covered, listed, self._apart)
        return FilmHit(one, one.entry(_KIND, candidate.row), overlap, distances[len(distances) // 2])
