"""Two studies beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from foreseal_client.study.cell import Sample
from foreseal_client.study.errors import unless_damaged
from foreseal_client.study.found import Finding, findings
from foreseal_client.study.journal import MEND_SAMPLES, READING, SAMPLES, read_in, samples_in
from foreseal_client.study.record import record_in
from foreseal_matcher.fingerprints.pdq import distance

__all__ = ["Compared", "Moved", "Row", "compared"]

_MADE: Final = ("menu", "settings", "photographs", "versions", "machine", "list")


@dataclass(frozen=True, slots=True)
class Moved:
    """In how many bits the fingerprints of the same photographs differ."""

    photographs: int
    mean: float
    most: int


@dataclass(frozen=True, slots=True)
class Row:
    """A finding that both have. `apart`: the two intervals share nothing."""

    question: str
    name: str
    of: str
    how: str
    one: float
    other: float
    apart: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """`settings`: what differs in how they were made. `moved`: by fingerprint, where both folders still have what was
    read of the photographs. `findings`: what both have found, and not alike."""

    settings: Mapping[str, tuple[object, object]]
    moved: Mapping[str, Moved]
    findings: Sequence[Row]


def compared(one: Path, other: Path) -> Compared:
    """Works it out from the samples of both. Raises `StudyError` and `OSError`."""
    records, samples = [record_in(each) for each in (one, other)], [samples_in(each) for each in (one, other)]
    found = []
    for folder, record, each in zip((one, other), records, samples, strict=True):
        with unless_damaged(f"{SAMPLES} in {folder.name or folder}", MEND_SAMPLES):
            found.append(findings(each, record["settings"]["seed"]))
    read = read_in(one), read_in(other)
    with unless_damaged(READING, "Without that file in either folder the rest can be compared."):
        moved = _moved(*read)
    return Compared(dict(_made(*records)), moved, tuple(_rows(*found)))


def _made(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[tuple[str, tuple[object, object]]]:
    for part in _MADE:
        ours, theirs = (each.get(part) for each in (one, other))
        if isinstance(ours, dict) and isinstance(theirs, dict):
            for name in sorted(ours.keys() | theirs.keys()):
                if ours.get(name) != theirs.get(name):
                    yield f"{part} {name}", (ours.get(name), theirs.get(name))
        elif ours != theirs:
            yield part, (ours, theirs)


def _moved(one: Sequence[Sample], other: Sequence[Sample]) -> Mapping[str, Moved]:
    ours, theirs = ({(s.fingerprint, s.subject): s.value for s in each if s.measure == "bits"} for each in (one, other))
    apart: dict[str, list[int]] = {}
    for key in sorted(ours.keys() & theirs.keys()):
        apart.setdefault(key[0], []).append(distance(bytes.fromhex(ours[key]), bytes.fromhex(theirs[key])))
    return {name: Moved(len(bits), sum(bits) / len(bits), max(bits)) for name, bits in apart.items()}


def _rows(one: Sequence[Finding], other: Sequence[Finding]) -> Iterator[Row]:
    theirs = {_key(each): each for each in other}
    for ours in one:
        match = theirs.get(_key(ours))
        if match is not None and match.value != ours.value:
            apart = ours.high < match.low or match.high < ours.low
            how = " ".join(part for part in (ours.fingerprint, ours.looks) if part)
            yield Row(ours.question, ours.name, ours.of, how, ours.value, match.value, apart)


def _key(one: Finding) -> tuple[object, ...]:
    entries = one.n if one.question in ("cost", "probing") else 0
    return one.question, one.name, one.of, one.fingerprint, one.looks, one.limit, entries
