"""What one version of a list has that the one before had not, as far as the log tells: entries by category and source,
and who endorsed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from foreseal_client.transparency.entry import LoggedList

__all__ = ["Growth", "growth", "names_of"]


@dataclass(frozen=True, slots=True)
class Growth:
    """`entries`: how many more, or fewer, by category and source, where it differs. Entries that were replaced by as
    many others do not show here: only both lists do. `came`, `went`: endorsers, names by id of key."""

    entries: Mapping[tuple[str, str], int]
    came: Mapping[str, str]
    went: Mapping[str, str]


def growth(before: LoggedList, after: LoggedList) -> Growth:
    """From one version to a later one."""
    had = {(one.category, one.source): one.entries for one in before.shares}
    has = {(one.category, one.source): one.entries for one in after.shares}
    differences = {place: has.get(place, 0) - had.get(place, 0) for place in sorted(had | has)}
    return Growth(
        {place: difference for place, difference in differences.items() if difference},
        {key: name for key, name in after.endorsers.items() if key not in before.endorsers},
        {key: name for key, name in before.endorsers.items() if key not in after.endorsers},
    )


def names_of(endorsers: Mapping[str, str]) -> str:
    """Each by name and the beginning of the key: anybody can take a name."""
    return ", ".join(f"{name} ({keyid[:8]})" for keyid, name in endorsers.items())
