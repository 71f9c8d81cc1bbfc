"""Rows on their way onto a list: checked one by one, sorted in runs, kept on the disk once they are many.

What is on the disk survives a kill: whoever builds the same list from the same rows again goes on behind it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from foreseal_matcher.errors import ListNotWritten
from foreseal_matcher.lists.entries import ListedHash
from foreseal_matcher.lists.kinds import KINDS
from foreseal_matcher.lists.manifest import MAX_TAGS
from foreseal_matcher.lists.records import Layout
from foreseal_matcher.lists.runs import Records, read_run, sorted_run, write_run
from foreseal_matcher.lists.tags import FORMAT_TAG_BYTES, Tag
from foreseal_matcher.verdict import Entry

__all__ = ["ENTRIES", "ENTRY_BYTES", "RUN_BYTES", "Collected", "check_row"]

RUN_BYTES: Final = 64 * 1024 * 1024
"""Bytes of records that are sorted at a time."""
ENTRIES: Final = "entries"
"""The runs that tell what was said of each id."""
ENTRY_BYTES: Final = 8 + FORMAT_TAG_BYTES
_STATE: Final = "state.json"


class Collected:
    """Rows in sorted runs. `key`: what names the rows, so that another run of the program can tell that they are the
    same; None where it could not go on anyway."""

    def __init__(self, work: Path, key: str | None, run_bytes: int = RUN_BYTES) -> None:
        self._work = work
        self._key = key
        self._run_bytes = self._room = run_bytes
        self._buffers = {kind: bytearray() for kind in (*KINDS, ENTRIES)}
        self._said: dict[tuple[str, str, object, bool], bytes] = {}
        self._runs: dict[str, list[tuple[str, str]]] = {kind: [] for kind in self._buffers}
        self._last: dict[str, Records] = {}
        self.categories: dict[str, int] = {}
        self.sources: dict[str, int] = {}
        self.rows = 0
        """How many rows were taken, those of an earlier run of the program included."""
        self.whole = False
        """Whether an earlier run had taken all rows."""
        if key is None or not self._go_on():
            shutil.rmtree(work, ignore_errors=True)

    def take(self, rows: Iterable[ListedHash]) -> None:
        """Takes these rows, which come behind those that were taken. Raises `ListNotWritten` for one that cannot be
        listed, and `OSError`."""
        for row in rows:
            check_row(row)
            entry = row.entry
            tag = self._tag(entry)
            id = entry.id.to_bytes(8)
            buffer = self._buffers[entry.algorithm]
            buffer += row.value
            buffer += id
            if entry.algorithm == "film":
                buffer += row.time_ms.to_bytes(4)
            buffer += tag
            self._buffers[ENTRIES] += id + tag
            self.rows += 1
            self._room -= len(row.value) + 2 * (len(id) + len(tag))
            if self._room <= 0:
                self._spill()

    def finish(self) -> None:
        """Sorts what is left. Raises `OSError`."""
        if self._key is not None and any(self._runs.values()):
            self._spill()
            self._note(whole=True)
        self._last = {kind: sorted_run(buffer, _size(kind)) for kind, buffer in self._buffers.items() if buffer}

    def runs(self, kind: str) -> list[Records]:
        """The sorted runs of a kind, or of `ENTRIES`. Raises `OSError`."""
        on_disk = [read_run(self._work / name, _size(kind)) for name, _ in self._runs[kind]]
        return [*on_disk, self._last[kind]] if kind in self._last else on_disk

    @property
    def merge_bytes(self) -> int:
        """Bytes of records that a merge of its runs should hold at a time."""
        return self._run_bytes // 2

    def drop(self) -> None:
        """Removes what is on the disk."""
        shutil.rmtree(self._work, ignore_errors=True)

    def _tag(self, entry: Entry) -> bytes:
        said = (entry.category, entry.source, entry.added, entry.disputed)
        tag = self._said.get(said)
        if tag is None:
            category = _number(self.categories, entry.category, "category")
            source = _number(self.sources, entry.source, "source")
            try:
                tag = Tag(category, source, entry.added, entry.disputed).encode()
            except ValueError as error:
                raise ListNotWritten(f"entry {entry.id}: {error}") from error
            self._said[said] = tag
        return tag

    def _spill(self) -> None:
        self._work.mkdir(exist_ok=True)
        for kind, buffer in self._buffers.items():
            if buffer:
                name = f"{kind}-{len(self._runs[kind])}"
                self._runs[kind].append((name, write_run(self._work / name, sorted_run(buffer, _size(kind)))))
                self._buffers[kind] = bytearray()
        self._room = self._run_bytes
        self._note(whole=False)

    def _note(self, *, whole: bool) -> None:
        state = {
            "key": self._key,
            "rows": self.rows,
            "whole": whole,
            "categories": list(self.categories),
            "sources": list(self.sources),
            "runs": self._runs,
        }
        part = self._work / f"{_STATE}-part"
        part.write_text(json.dumps(state), encoding="ascii")
        part.replace(self._work / _STATE)

    def _go_on(self) -> bool:
        """Takes up what an earlier run of the program left, if that was for the same rows and is as it was."""
        try:
            state: Any = json.loads((self._work / _STATE).read_bytes())
            if state["key"] != self._key or set(state["runs"]) != set(self._runs):
                return False
            runs = {kind: [(str(name), str(digest)) for name, digest in told] for kind, told in state["runs"].items()}
            for name, digest in (run for told in runs.values() for run in told):
                with (self._work / name).open("rb") as file:
                    if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                        return False
            self.rows, self.whole = int(state["rows"]), bool(state["whole"])
            self.categories = {text: at for at, text in enumerate(state["categories"])}
            self.sources = {text: at for at, text in enumerate(state["sources"])}
            self._runs = runs
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return True


def check_row(row: ListedHash) -> None:
    """Raises `ListNotWritten` for a row that cannot stand on a list."""
    entry, kind = row.entry, KINDS.get(row.entry.algorithm)
    if kind is None:
        raise ListNotWritten(f"entry {entry.id}: a hash of kind {entry.algorithm!r} cannot be listed")
    if len(row.value) != kind.width:
        raise ListNotWritten(f"entry {entry.id}: a {kind.name} has {kind.width} bytes, this one {len(row.value)}")
    if not 0 <= entry.id < 2**64:
        raise ListNotWritten(f"entry {entry.id}: an id has 64 bits")
    if row.time_ms and not (kind.name == "film" and 0 <= row.time_ms < 2**32):
        raise ListNotWritten(f"entry {entry.id}: {row.time_ms} ms is no time of a {kind.name}")


def _number(numbers: dict[str, int], text: str, what: str) -> int:
    if text not in numbers and len(numbers) == MAX_TAGS:
        raise ListNotWritten(f"a list names at most {MAX_TAGS} of each {what}")
    return numbers.setdefault(text, len(numbers))


def _size(kind: str) -> int:
    return ENTRY_BYTES if kind == ENTRIES else Layout.of(KINDS[kind]).size
