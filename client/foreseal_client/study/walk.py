"""The files below a folder of photographs, and what is left out of them, with a reason."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from foreseal_client.shown import counted

__all__ = ["Skipped", "Why", "said_of", "walked"]

_RECORD: Final = "run.json"
_OF_A_STUDY: Final = frozenset(
    {_RECORD, "samples.csv", "samples.csv.gz", "reading.csv", "files.csv", "summary.csv", "summary.json", "report.html"}
    | {"run.part", "samples.part", "reading.part", "figures", "work"}
)
"""What a study writes, and nothing else."""
_MOST_OF_A_RECORD: Final = 1 << 20
"""Bytes of a `run.json` that are looked at; a study's has some thousand."""


class Why(Enum):
    """Why something below the folder was not looked into. The text is the reason in `files.csv`, before what the
    system said."""

    UNOPENED = "the folder cannot be opened"
    OUT = "the folder of this study"
    STUDY = "what a study wrote into this folder is no photograph"
    LINK = "a link to a folder, and those are not followed"
    DANGLING = "a link that leads to no file"


@dataclass(frozen=True, slots=True)
class Skipped:
    """`detail`: what the system said, or nothing."""

    path: Path
    why: Why
    detail: str = ""

    @property
    def reason(self) -> str:
        """In words."""
        return f"{self.why.value}: {self.detail}" if self.detail else self.why.value


def walked(folder: Path, out: Path) -> tuple[list[Path], list[Skipped]]:
    """Every regular file below `folder`, in order, and what was left out with a reason. Hidden files and folders
    (thumbnails, what was thrown away), and what is neither file nor folder, are left out without a word. `out`: the
    folder of this study, resolved; what lies in it is none of its photographs. Where the system does not say what
    something is, it is taken for a file, and reading gives the reason."""
    files: list[Path] = []
    skipped: list[Skipped] = []
    # Not recursive: folders may lie deeper in each other than Python calls.
    top, waiting = folder.resolve(), [folder]
    if out.is_relative_to(top):  # said of a folder that is not there yet, too: it will be
        skipped.append(Skipped(folder / out.relative_to(top), Why.OUT))
    while waiting:
        here = waiting.pop()
        # No link is followed, and so this is its resolved path.
        if top / here.relative_to(folder) == out:
            continue
        try:
            with os.scandir(here) as found:
                entries = [entry for entry in found if not entry.name.startswith(".")]
        except OSError as problem:
            skipped.append(Skipped(here, Why.UNOPENED, problem.strerror or type(problem).__name__))
            continue
        if any(entry.name == _RECORD for entry in entries) and _of_a_study(here / _RECORD):
            skipped.append(Skipped(here, Why.STUDY))
            entries = [entry for entry in entries if entry.name.partition(".damaged-")[0] not in _OF_A_STUDY]
        for entry in entries:
            _sort_in(entry, out, files, waiting, skipped)
    return sorted(files), sorted(skipped, key=lambda one: one.path)


def said_of(skipped: Sequence[Skipped]) -> Iterator[str]:
    """For each reason a sentence with how often it was met: for whoever would not look into `files.csv` unasked."""
    count = {why: sum(one.why is why for one in skipped) for why in Why}
    if count[Why.UNOPENED]:
        yield f"Not measured: what lies in {counted(count[Why.UNOPENED], 'folder')} that cannot be opened."
    if count[Why.OUT]:
        yield "Not taken for photographs: what lies in the folder of this study, which lies among them."
    if count[Why.STUDY]:
        yield f"Not taken for photographs: what studies wrote into {counted(count[Why.STUDY], 'folder')}."
    if count[Why.LINK]:
        yield f"Not followed: {counted(count[Why.LINK], 'link')} to folders."
    if count[Why.DANGLING]:
        yield f"Not measured: {counted(count[Why.DANGLING], 'link')} that lead to no file."


def _sort_in(
    entry: os.DirEntry[str], out: Path, files: list[Path], waiting: list[Path], skipped: list[Skipped]
) -> None:
    path = Path(entry.path)
    try:
        linked = entry.is_symlink()
        if entry.is_dir():
            if linked:
                skipped.append(Skipped(path, Why.LINK))
            else:
                waiting.append(path)
        # By a link alone a file of this study can be met outside its folder.
        elif entry.is_file():
            if not (linked and path.resolve().is_relative_to(out)):
                files.append(path)
        elif linked and not path.exists():
            skipped.append(Skipped(path, Why.DANGLING))
    except OSError as problem:
        if problem.errno == errno.ELOOP:  # it leads round to itself
            skipped.append(Skipped(path, Why.DANGLING))
        else:
            files.append(path)


def _of_a_study(record: Path) -> bool:
    """Whether this is the record of a study, of whatever version, and not another program's file of that name."""
    try:
        with record.open("rb") as file:
            fields = json.loads(file.read(_MOST_OF_A_RECORD))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(fields, dict) and {"study", "settings", "photographs"} <= fields.keys()
