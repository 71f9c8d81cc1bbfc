"""Writing a list so that a crash at any moment leaves the old one or the new one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from foreseal_matcher.errors import ListNotWritten, ListUnusable
from foreseal_matcher.lists.entries import ListedHash, Purpose
from foreseal_matcher.lists.installing import install
from foreseal_matcher.lists.kinds import KINDS
from foreseal_matcher.lists.manifest import MANIFEST, MAX_BYTES, MAX_TAGS, Column, Manifest, content_digest
from foreseal_matcher.lists.tags import Tag, day_number
from foreseal_matcher.regular import read_at_most
from foreseal_matcher.verdict import Entry

__all__ = ["build_list"]

_COLUMNS_PART: Final = ".columns-part"
_MANIFEST_PART: Final = f".{MANIFEST}-part"
_ALWAYS: Final = frozenset({"pdq", "sha256"})
"""Kinds that have a column even without an entry, as they did before there were others."""
_OURS: Final = ("columns-", _COLUMNS_PART, _MANIFEST_PART)
"""What a writing that was cut short may have left in a folder that holds no list yet."""


def build_list(
    out: Path,
    hashes: Iterable[ListedHash],
    *,
    name: str,
    version: str,
    made: date,
    purpose: Purpose,
    valid_days: int = 365,
) -> Manifest:
    """Writes a list into the folder `out`, in place of one that stands there. The same arguments give the same
    bytes. Only one writer at a time.

    Raises `ListNotWritten` when a field is not as it must be, when `out` holds something else than a list, or when
    it cannot be written; whatever list stood there before still stands then."""
    lines = sorted(set(hashes), key=lambda row: (row.value, row.entry.id, row.time_ms))
    _check_lines(lines)
    sources = tuple(sorted({line.entry.source for line in lines}))
    categories = tuple(sorted({line.entry.category for line in lines}))
    kinds = {line.entry.algorithm for line in lines} | _ALWAYS
    parts = {kind: _parts(kind, lines, categories, sources) for kind in KINDS if kind in kinds}
    columns = {kind: _column(content) for kind, content in parts.items()}
    entries = len({line.entry.id for line in lines})
    folder = f"columns-{content_digest(columns)}"
    manifest = Manifest(name, version, made, valid_days, purpose, sources, categories, folder, columns, entries)
    try:
        Manifest.decode(manifest.encode())
    except ListUnusable as error:
        raise ListNotWritten(error.detail) from error
    try:
        return _put(out, manifest, parts)
    except OSError as error:
        raise ListNotWritten(f"{out.name} cannot be written: {error.strerror or error}") from error


def _check_lines(lines: list[ListedHash]) -> None:
    said: dict[int, Entry] = {}
    for line in lines:
        _check_line(line)
        entry = replace(line.entry, algorithm="")
        if said.setdefault(entry.id, entry) != entry:
            raise ListNotWritten(f"entry {entry.id}: two of its hashes say different things of it")
    for what in ("category", "source"):
        if len({getattr(line.entry, what) for line in lines}) > MAX_TAGS:
            raise ListNotWritten(f"a list names at most {MAX_TAGS} of each {what}")


def _check_line(line: ListedHash) -> None:
    entry, kind = line.entry, KINDS.get(line.entry.algorithm)
    if kind is None:
        raise ListNotWritten(f"entry {entry.id}: a hash of kind {entry.algorithm!r} cannot be listed")
    if len(line.value) != kind.width:
        raise ListNotWritten(f"entry {entry.id}: a {kind.name} has {kind.width} bytes, this one {len(line.value)}")
    if not 0 <= entry.id < 2**64:
        raise ListNotWritten(f"entry {entry.id}: an id has 64 bits")
    if not 0 <= line.time_ms < (2**32 if "times" in kind.parts else 1):
        raise ListNotWritten(f"entry {entry.id}: {line.time_ms} ms is no time of a {kind.name}")
    try:
        day_number(entry.added)
    except ValueError as error:
        raise ListNotWritten(f"entry {entry.id}: {error}") from error


def _parts(kind: str, lines: list[ListedHash], categories: tuple[str, ...], sources: tuple[str, ...]) -> list[bytes]:
    own = [line for line in lines if line.entry.algorithm == kind]
    category = {text: at for at, text in enumerate(categories)}
    source = {text: at for at, text in enumerate(sources)}
    tags = (
        Tag(category[line.entry.category], source[line.entry.source], line.entry.added, line.entry.disputed)
        for line in own
    )
    content = {
        "bin": b"".join(line.value for line in own),
        "ids": b"".join(line.entry.id.to_bytes(8, "little") for line in own),
        "tags": b"".join(tag.encode() for tag in tags),
        "times": b"".join(line.time_ms.to_bytes(4, "little") for line in own),
    }
    return [content[part] for part in KINDS[kind].parts]


def _column(content: list[bytes]) -> Column:
    return Column(len(content[1]) // 8, tuple(hashlib.sha256(part).hexdigest() for part in content))


def _put(out: Path, manifest: Manifest, parts: dict[str, list[bytes]]) -> Manifest:
    """Columns into a new folder beside the old one; then the manifest, in one rename, points to them."""
    # Imported here because it brings four kinds of compression, which looking something up has no use for.
    import shutil

    out.mkdir(parents=True, exist_ok=True)
    if not (out / MANIFEST).exists() and not all(one.name.startswith(_OURS) for one in out.iterdir()):
        raise ListNotWritten(f"{out.name} holds other files and no list; name an empty or a new folder")
    before = _folder_in_use(out)
    names = (manifest.folder, *(f"{manifest.folder}-{number}" for number in range(2, 1000)))
    manifest = replace(manifest, folder=next(name for name in names if not (out / name).exists()))
    encoded = manifest.encode()
    manifest = Manifest.decode(encoded)
    part = out / _COLUMNS_PART
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    for kind, content in parts.items():
        for suffix, column in zip(KINDS[kind].parts, content, strict=True):
            _write(part / f"{kind}.{suffix}", column)
    install(part, manifest)
    _sync(part)
    part.rename(out / manifest.folder)
    _write(out / _MANIFEST_PART, encoded)
    _sync(out)
    (out / _MANIFEST_PART).replace(out / MANIFEST)
    _sync(out)
    if before is not None:
        shutil.rmtree(out / before, ignore_errors=True)
    return manifest


def _folder_in_use(out: Path) -> str | None:
    try:
        return Manifest.decode(read_at_most(out / MANIFEST, MAX_BYTES)).folder
    except (OSError, ListUnusable):
        return None


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Makes the names in a folder last; only POSIX can, and elsewhere a rename is as durable as it gets."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
