"""JSON in the shape of the VICS data model, in which Project VIC's sets are exchanged: an array of `Media`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import IO, Any, Final

from foreseal_matcher.lists.importing.json_stream import objects_under
from foreseal_matcher.lists.importing.records import Malformed, Record, day, hash_of

__all__ = ["vics_records"]

_HASHES: Final = {"SHA256": "sha256", "SHA1": "sha1", "MD5": "md5"}
_CANNOT: Final = ("PhotoDNA",)
"""Fingerprints that cannot be matched here."""


def vics_records(file: IO[str], skipped: Counter[str], kind: str | None) -> Iterator[Record]:
    """A record for each medium, its category being its number as "VICS 1". Media of category 0, which nobody has
    classified, and those without a digest are counted and passed over, and so is every PhotoDNA."""
    number = 0
    media = objects_under(file, ("value", "Media"))
    while True:
        number += 1
        try:
            medium = next(media, None)
            if medium is None:
                return
            record = _record(number, medium, skipped)
        except Malformed as problem:
            raise Malformed(f"record {number}: {problem}") from problem
        if record is not None:
            yield record


def _record(number: int, medium: dict[str, Any], skipped: Counter[str]) -> Record | None:
    category = medium.get("Category", 0)
    if not isinstance(category, int) or isinstance(category, bool) or not 0 <= category < 1000:
        raise Malformed(f"{str(category)[:40]!r} is no number of a category")
    for name in _CANNOT:
        skipped[name] += bool(medium.get(name))
    if category == 0:
        skipped["category 0"] += 1
        return None
    hashes = tuple((kind, hash_of(kind, _text(medium, name))) for name, kind in _HASHES.items() if medium.get(name))
    if not hashes:
        skipped["records without a digest"] += 1
        return None
    added = medium.get("DateUpdated")
    return Record(
        f"record {number}", hashes, f"VICS {category}", added=day(_text(medium, "DateUpdated")) if added else None
    )


def _text(medium: dict[str, Any], name: str) -> str:
    value = medium[name]
    if not isinstance(value, str):
        raise Malformed(f"{name} is {str(value)[:40]!r} and no text")
    return value.strip()
