"""The lists that a check is made against, and what is wrong with those that cannot be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from foreseal_matcher.detectors import Detector
from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.lists.entries import Purpose
from foreseal_matcher.lists.hash_list import HashList
from foreseal_matcher.verdict import Entry, Reason

__all__ = ["Hit", "ListFacts", "ListProblem", "ListSet"]


@dataclass(frozen=True, slots=True)
class ListProblem:
    """A list that cannot be used. `path` is None where none was asked for."""

    reason: Reason
    path: Path | None
    detail: str


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was found, in which list, and how far away in bits (0 for an exact digest)."""

    list: HashList
    entry: Entry
    distance: int


@dataclass(frozen=True, slots=True)
class ListFacts:
    """What a status line says of a list. `entries`: ids; each may have several hashes. `age_days`: 0 or more."""

    name: str
    version: str
    purpose: Purpose
    entries: int
    age_days: int
    digest: str


@dataclass(frozen=True, slots=True)
class ListSet:
    """What a check is made against: the usable lists, in the order they were named, the problems of the others, and
    the detectors that a program added. A set with a problem finds
    what the usable lists hold, and nothing that it does not find is clear."""

    lists: tuple[HashList, ...]
    problems: tuple[ListProblem, ...]
    detectors: tuple[Detector, ...] = ()

    def __post_init__(self) -> None:
        if not self.lists and not self.problems:
            raise ValueError("no list and no problem would make everything clear; see ListSet.empty")

    @classmethod
    def open(
        cls, paths: Iterable[Path], today: date, pinned: Mapping[str, str] | None = None, *, thorough: bool = False
    ) -> ListSet:
        """The lists in these folders. `pinned`: digests (64 hex digits) by list name; a list of that name with
        another digest is a problem, and so is a pinned name that none of the folders holds. `thorough`: hash every
        file, also what was verified at install. Never raises for what is in a folder."""
        wanted = dict(pinned or {})
        lists: list[HashList] = []
        problems: list[ListProblem] = []
        for path in paths:
            try:
                opened = HashList.open(path, today, thorough=thorough)
                if wanted.get(opened.name, opened.digest) != opened.digest:
                    raise ListUnusable(Reason.LIST_DAMAGED, f"{opened.name} is not the list that was pinned")
                lists.append(opened)
            except ListUnusable as problem:
                problems.append(ListProblem(problem.reason, path, problem.detail))
        absent = wanted.keys() - {one.name for one in lists}
        problems += [ListProblem(Reason.LIST_ABSENT, None, f"{name} is pinned") for name in sorted(absent)]
        if not lists and not problems:
            return cls.empty()
        return cls(tuple(lists), tuple(problems))

    @classmethod
    def empty(cls) -> ListSet:
        """No list at all: a check against it is `Unreadable(LIST_ABSENT)` and never clear."""
        return cls((), (ListProblem(Reason.LIST_ABSENT, None, "none was named"),))

    def looking_with(self, detectors: Iterable[Detector]) -> ListSet:
        """The same lists, and these detectors too."""
        return replace(self, detectors=(*self.detectors, *detectors))

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of which some usable list has a hash."""
        return frozenset(kind for one in self.lists for kind, count in one.counts.items() if count)

    def find_exact(self, digest: bytes, kind: str = "sha256") -> Hit | None:
        """The entry of this kind (one that is matched exactly) with this digest, from the first list that has it."""
        for one in self.lists:
            entry = one.find_exact(digest, kind)
            if entry is not None:
                return Hit(one, entry, 0)
        return None

    def nearest(self, bits: bytes, limit: int, kind: str = "pdq") -> Hit | None:
        """The entry nearest to this fingerprint within `limit` bits; of equally near ones the first list's."""
        best: Hit | None = None
        for one in self.lists:
            found = one.nearest(bits, limit, kind)
            if found is not None and (best is None or found[1] < best.distance):
                best = Hit(one, *found)
        return best

    def describe(self, today: date) -> tuple[ListFacts, ...]:
        """What to say of each usable list."""
        return tuple(
            ListFacts(
                one.name,
                one.version,
                one.purpose,
                one.entries,
                max(0, (today - one.date).days),
                one.digest,
            )
            for one in self.lists
        )
