"""Where others plug in: further fingerprints, and further ways to recognise what is listed.

A detector is installed by its author as an entry point of the group `foreseal.detectors`, and used only by a program
that asks for it: `lists.looking_with(installed_detectors())`. It runs as part of that program, may read whatever it is
shown, and is bound by nothing but its author's care; a check is as trustworthy as the detectors in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from foreseal_matcher.content import Item
from foreseal_matcher.errors import MatcherError
from foreseal_matcher.verdict import Clear, Entry, Match, Reason, Unreadable, Verdict

__all__ = ["GROUP", "Detector", "DetectorUnusable", "Finding", "examined", "installed_detectors"]

GROUP: Final = "foreseal.detectors"
"""The group of entry points. Each names a class or function that takes nothing and gives a `Detector`."""


class DetectorUnusable(MatcherError):
    """An installed detector cannot be used, so nothing is checked with it. The message names it and what is wrong:
    mend it or remove its package."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a detector recognised: the entry, and how far from it in the detector's own measure, 0..`limit`."""

    entry: Entry
    distance: int = 0
    limit: int = 0


@runtime_checkable
class Detector(Protocol):
    """Something that recognises items. It may be asked from several threads at once."""

    @property
    def name(self) -> str:
        """What verdicts call it in place of a list's name."""

    @property
    def version(self) -> str:
        """The version of what it recognises: another one may find something else."""

    def examine(self, item: Item) -> Finding | None:
        """What it recognises in the item, or None. Whatever it raises makes the check unreadable, never clear."""


def installed_detectors() -> tuple[Detector, ...]:
    """The detectors of all installed packages, in the order of their names. Raises `DetectorUnusable`."""
    # Imported here because it takes longer to load than a lookup takes, and few programs ask for detectors.
    from importlib.metadata import entry_points

    return tuple(_made(point.name, point.load) for point in sorted(entry_points(group=GROUP), key=lambda one: one.name))


def examined(item: Item, index: int, detectors: Iterable[Detector]) -> Iterator[Verdict]:
    """A verdict of each detector on one item. `index`: which of the content's items it is."""
    for detector in detectors:
        try:
            found = detector.examine(item)
        except Exception as fault:
            yield Unreadable(Reason.DETECTOR_FAILED, f"{detector.name}: {type(fault).__name__}", index)
            continue
        if found is None:
            yield Clear()
        else:
            yield Match(found.entry, detector.name, detector.version, found.distance, found.limit, index, detector.name)


def _made(name: str, load: Callable[[], Callable[[], object]]) -> Detector:
    try:
        detector = load()()
    except Exception as fault:
        raise DetectorUnusable(f"the detector {name} cannot be loaded: {type(fault).__name__}: {fault}") from fault
    if not isinstance(detector, Detector):
        raise DetectorUnusable(f"the detector {name} lacks a name, a version or a way to examine")
    return detector
