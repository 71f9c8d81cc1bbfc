"""Files of lines: hex digits alone, our own CSV, and the CSV that ThreatExchange datasets are kept in."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from typing import IO, Final

from foreseal_matcher.fingerprints.links import normalised
from foreseal_matcher.lists.importing.records import Malformed, Record, day, hash_of, lines_of
from foreseal_matcher.lists.kinds import KINDS

__all__ = ["CSV_COLUMNS", "csv_records", "hex_records", "is_own_csv", "is_threatexchange", "threatexchange_records"]

_BY_LENGTH: Final = {64: "pdq", 40: "sha1", 32: "md5"}
"""The kind that a number of hex digits tells, where nobody says another."""
CSV_COLUMNS: Final = (*KINDS, "id", "category", "source", "added", "disputed", "time_ms")
"""The columns of our own CSV, in any order: at least one of the kinds. Others are passed over."""
_INDICATORS: Final = {
    "HASH_MD5": "md5",
    "HASH_SHA1": "sha1",
    "HASH_SHA256": "sha256",
    "HASH_PDQ": "pdq",
    "HASH_VIDEO_MD5": "md5",
    "URI": "link",
    "RAW_URI": "link",
    "DOMAIN": "link",
}
"""What the types of a ThreatExchange dataset are here. Other types are counted and passed over."""
_MOST_OF_ONE_RECORD: Final = 1024 * 1024
_TRUTHS: Final = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}


def hex_records(file: IO[str], skipped: Counter[str], kind: str | None) -> Iterator[Record]:
    """One hash a line as hex digits; anything after a comma is ignored, `#` begins a comment. `kind`: of every line;
    None where the number of digits tells: 64 a PDQ, 40 a SHA-1, 32 an MD5. Nothing is skipped."""
    for number, line in enumerate(lines_of(file), start=1):
        text = line.partition("#")[0].partition(",")[0].strip()
        if text:
            named = kind or _BY_LENGTH.get(len(text))
            if named is None:
                raise Malformed(f"line {number}: {text[:80]!r} is not a PDQ of 64 hex digits, a SHA-1 or an MD5")
            yield Record(f"line {number}", ((named, _placed(number, named, text)),))


def csv_records(file: IO[str], skipped: Counter[str], kind: str | None) -> Iterator[Record]:
    """An entry a line, under a heading that names some of `CSV_COLUMNS`. An entry with several hashes of one kind
    has several lines with its `id`. Lines without a hash are counted and passed over."""
    for number, fields in _rows(file, is_own_csv, "a kind of hash"):
        try:
            hashes = tuple((name, hash_of(name, fields[name])) for name in KINDS if fields.get(name))
            if not hashes:
                skipped["lines without a hash"] += 1
                continue
            yield Record(
                f"line {number}",
                hashes,
                fields.get("category") or None,
                fields.get("source") or None,
                day(fields["added"]) if fields.get("added") else None,
                _truth(fields.get("disputed", "")),
                _number(fields["id"], "id", 2**64) if fields.get("id") else None,
                _number(fields["time_ms"], "time_ms", 2**32) if fields.get("time_ms") else 0,
            )
        except Malformed as problem:
            raise Malformed(f"line {number}: {problem}") from problem


def threatexchange_records(file: IO[str], skipped: Counter[str], kind: str | None) -> Iterator[Record]:
    """An indicator a line, under a heading that has `indicator` and `type`. What its source calls NON_MALICIOUS in a
    column `status`, and types that cannot be matched here, are counted and passed over."""
    for number, fields in _rows(file, is_threatexchange, "indicator and type"):
        named = fields["type"].upper()
        known = _INDICATORS.get(named)
        if fields.get("status", "").upper() == "NON_MALICIOUS":
            skipped["NON_MALICIOUS"] += 1
        elif known is None:
            skipped[named[:40] or "without a type"] += 1
        else:
            text, added = fields["indicator"], fields.get("added_on") or fields.get("creation_time") or ""
            value = _link(number, text) if known == "link" else _placed(number, known, text)
            try:
                yield Record(f"line {number}", ((known, value),), added=day(added) if added else None)
            except Malformed as problem:
                raise Malformed(f"line {number}: {problem}") from problem


def is_own_csv(heading: str) -> bool:
    """Whether a file whose first line this is has our own columns."""
    return not _names(heading).isdisjoint(KINDS)


def is_threatexchange(heading: str) -> bool:
    """Whether a file whose first line this is has a ThreatExchange dataset's columns."""
    return {"indicator", "type"} <= _names(heading)


def _names(heading: str) -> set[str]:
    return {name.strip().strip('"').lower() for name in heading.split(",")}


def _rows(file: IO[str], asked: Callable[[str], bool], wanted: str) -> Iterator[tuple[int, dict[str, str]]]:
    lines = _OfOneRecord(file)
    reader = csv.reader(lines, strict=True)
    try:
        heading = [name.strip().lower() for name in next(reader, [])]
        if len(set(heading)) < len(heading):
            raise Malformed("line 1: two columns have the same name")
        if not asked(",".join(heading)):
            raise Malformed(f"line 1: is no heading with {wanted}")
        for values in reader:
            lines.begin()
            if len(values) > len(heading):
                raise Malformed(f"line {reader.line_num}: has {len(values)} fields under {len(heading)} headings")
            if any(values):
                short = len(heading) - len(values)
                fields = [value.strip() for value in values] + [""] * short
                yield reader.line_num, dict(zip(heading, fields, strict=True))
    except csv.Error as error:
        raise Malformed(f"line {reader.line_num}: {error}") from error


class _OfOneRecord:
    """The lines of a text, as far as one record may go on: a quoted field can hold line ends, and a record without
    an end would fill the memory."""

    def __init__(self, file: IO[str]) -> None:
        self._lines = lines_of(file)
        self._length = 0

    def begin(self) -> None:
        """Counts from here on: a record is over."""
        self._length = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._length += len(line)
        if self._length > _MOST_OF_ONE_RECORD:
            raise csv.Error(f"a record has more than {_MOST_OF_ONE_RECORD} characters")
        return line


def _placed(number: int, kind: str, text: str) -> bytes:
    try:
        return hash_of(kind, text)
    except Malformed as problem:
        raise Malformed(f"line {number}: {problem}") from problem


def _link(number: int, text: str) -> bytes:
    link = normalised(text)
    if link is None:
        raise Malformed(f"line {number}: {text[:80]!r} is not a link")
    return link.digest


def _number(text: str, what: str, below: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and int(text) < below):
        raise Malformed(f"{text[:40]!r} is no {what}, a whole number under {below}")
    return int(text)


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTHS:
        raise Malformed(f"{text[:40]!r} is neither true nor false")
    return _TRUTHS[text.lower()]
