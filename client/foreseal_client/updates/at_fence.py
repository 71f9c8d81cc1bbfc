"""What an update was stopped for at the scope fence, kept beside the list until its person has answered: the updater
may run by a clock, and whoever has to be asked looks at the device later."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from typing import Final

from foreseal_client.transparency.entry import MAX_ENTRY_BYTES, EntryRefused, LoggedList
from foreseal_client.updates.refusals import StoppedAtFence
from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.lists.writing import UPDATES, synced
from foreseal_matcher.regular import read_at_most

__all__ = ["AtFence", "at_fence", "leave_fence", "note_fence"]

_FILE: Final = "fence.json"
_MOST_BYTES: Final = 4 * MAX_ENTRY_BYTES


@dataclass(frozen=True, slots=True)
class AtFence:
    """`source`: the repository, as `update` takes it; `news`: what was not accepted, as `update` takes it;
    `offered` and `before`: what the log says of the list that waits and of the one it would follow, None where the
    update did not come so far; `kept`: whether the person has said that the old list stays."""

    source: str
    news: tuple[str, ...]
    offered: LoggedList | None
    before: LoggedList | None
    kept: bool = False

    @property
    def another_log(self) -> bool:
        """Whether it was stopped because the repository names another log, in which nothing was read."""
        return any(one.startswith("log:") for one in self.news)

    @property
    def categories(self) -> tuple[tuple[str, int, int], ...]:
        """Each category with its entries before and in what is offered."""
        old, new = _by_category(self.before), _by_category(self.offered)
        return tuple((name, old[name], new[name]) for name in sorted({*old, *new}))

    @property
    def endorsers(self) -> tuple[tuple[str, str, bool], ...]:
        """Who signed what is offered, by name: the key's id and the name that it goes by, and whether they signed the
        list before it too."""
        if self.offered is None:
            return ()
        known = {} if self.before is None else self.before.endorsers
        by_name = sorted(self.offered.endorsers.items(), key=itemgetter(1, 0))
        return tuple((keyid, name, keyid in known) for keyid, name in by_name)

    def answered(self, folder: Path) -> None:
        """Keeps that the old list stays; it is not asked again for the same. Raises `OSError`."""
        _put(folder / UPDATES / _FILE, replace(self, kept=True))


def at_fence(folder: Path) -> AtFence | None:
    """What waits at the fence of the list in this folder. None also where it cannot be read: the next update says
    it again."""
    try:
        fields = json.loads(read_at_most(folder / UPDATES / _FILE, _MOST_BYTES))
        news = tuple(str(one) for one in fields["news"])
        return AtFence(
            str(fields["source"]), news, _entry(fields["offered"]), _entry(fields["before"]), bool(fields["kept"])
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, ListUnusable, EntryRefused):
        return None


def note_fence(state: Path, source: str, stopped: StoppedAtFence) -> None:
    """Keeps what an update was stopped for, in the folder of its metadata. An answer that was given counts for as long
    as nothing else is asked. Raises `OSError`."""
    place = source if "://" in source else str(Path(source).absolute())
    before = at_fence(state.parent)
    kept = before is not None and before.kept and set(stopped.news) <= set(before.news)
    _put(state / _FILE, AtFence(place, stopped.news, stopped.offered, stopped.before, kept))


def leave_fence(state: Path) -> None:
    """Nothing waits any more. Raises `OSError`."""
    (state / _FILE).unlink(missing_ok=True)


def _by_category(entry: LoggedList | None) -> Counter[str]:
    found: Counter[str] = Counter()
    for share in () if entry is None else entry.shares:
        found[share.category] += share.entries
    return found


def _entry(encoded: str | None) -> LoggedList | None:
    return None if encoded is None else LoggedList.decode(encoded.encode())


def _put(path: Path, at: AtFence) -> None:
    fields = {
        "source": at.source,
        "news": at.news,
        "offered": None if at.offered is None else at.offered.encode().decode("ascii"),
        "before": None if at.before is None else at.before.encode().decode("ascii"),
        "kept": at.kept,
    }
    part = path.with_name(f".{path.name}-part")
    with synced(part) as file:
        file.write(json.dumps(fields, indent=1).encode("ascii") + b"\n")
    part.replace(path)
