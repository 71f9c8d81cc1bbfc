"""What became of the entries of a list between two of its versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from foreseal_matcher.lists.hash_list import HashList

__all__ = ["Changes", "Tally", "changes"]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many entries of one category and source came, went and changed."""

    added: int = 0
    withdrawn: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of entries. `added`: that the new list has and the old one had not. `withdrawn`: the other way round.
    `changed`: that both have, with other hashes or with something else said of them. `tallies`: by category and
    source, those of the new list where it has the entry."""

    added: frozenset[int]
    withdrawn: frozenset[int]
    changed: frozenset[int]
    tallies: Mapping[tuple[str, str], Tally]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.added or self.withdrawn or self.changed)


def changes(old: HashList, new: HashList) -> Changes:
    """What became of the entries of `old` in `new`. It takes about 150 bytes of memory a row."""
    # Imported here because looking something up needs no numpy.
    import numpy as np

    from foreseal_matcher.lists.comparing import among, differences, entry_ids

    before, after = entry_ids(old), entry_ids(new)
    touched: dict[int, tuple[str, str]] = {}
    for kind, found in differences(old, new).items():
        for one, rows in ((old, found.removed), (new, found.altered), (new, found.added)):
            for row in rows.tolist():
                entry = one.entry(kind, row)
                if one is new or entry.id not in touched:
                    touched[entry.id] = (entry.category, entry.source)
    ids = np.array(list(touched), dtype=np.uint64)
    fates = {
        id: "withdrawn" if not has else "changed" if had else "added"
        for id, had, has in zip(touched, among(ids, before), among(ids, after), strict=True)
    }
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for id, fate in fates.items():
        tally = counts.setdefault(touched[id], {})
        tally[fate] = tally.get(fate, 0) + 1
    tallies = {place: Tally(**counts[place]) for place in sorted(counts)}
    added, withdrawn, changed = (
        frozenset(id for id, fate in fates.items() if fate == named) for named in ("added", "withdrawn", "changed")
    )
    return Changes(added, withdrawn, changed, tallies)
