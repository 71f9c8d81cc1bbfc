"""The files of a study: which photograph each of them is. Names stay in `files.csv`, which nobody has to hand on."""

from __future__ import annotations

import csv
import hashlib
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from foreseal_client.study.errors import StudyError
from foreseal_client.study.walk import Skipped, walked

__all__ = ["FILES", "Files", "found_in", "write_files"]

FILES: Final = "files.csv"
_DIGITS: Final = 12
"""Hex digits of the SHA-256 that name a photograph; no two of a million are likely to share them."""


@dataclass(frozen=True, slots=True)
class Files:
    """`subjects`: file -> photograph; several files may be one. `digest`: over all of them, of their bytes alone.
    `passed_over`: files that were not drawn, and not read. `skipped`: what was not looked into at all."""

    subjects: Mapping[Path, str]
    digest: str
    passed_over: Sequence[Path] = ()
    skipped: Sequence[Skipped] = field(default=(), compare=False)

    @property
    def sources(self) -> Mapping[str, Path]:
        """Photograph -> one of its files."""
        return {subject: path for path, subject in reversed([*self.subjects.items()])}

    @property
    def copies(self) -> int:
        """Files that have the same bytes as one before them."""
        return sum(count - 1 for count in Counter(self.subjects.values()).values())


def found_in(
    folder: Path,
    apart_from: Path,
    sample: int | None = None,
    seed: int = 1,
    told: Callable[[int, int], object] = lambda _, __: None,
) -> Files:
    """Every file in a folder and those below it, but what `walk` leaves out, and what lies in `apart_from`. `sample`:
    so many of them at most, drawn by `seed` from their names. Each that cannot be read is a photograph of its own,
    which reading leaves out. `told` hears how many were looked through, of how many. Raises `StudyError` where there is
    none."""
    out = apart_from.resolve()
    if folder.resolve().is_relative_to(out):
        raise StudyError(
            "The folder of photographs lies in the folder for the study, or is the same one. Name another with --out, "
            "so that the two are not mixed up."
        )
    paths, skipped = walked(folder, out)
    if not paths:
        raise StudyError(_nothing(skipped))
    drawn = paths if sample is None or sample >= len(paths) else sorted(random.Random(seed).sample(paths, sample))
    subjects: dict[Path, str] = {}
    together = hashlib.sha256()
    for number, path in enumerate(drawn):
        told(number, len(drawn))
        try:
            with path.open("rb") as file:
                taken = hashlib.file_digest(file, "sha256")
        except OSError:
            # Named by its place and not by its name, which nobody is to guess from what is handed on.
            taken = hashlib.sha256(b"unread %d" % number)
        subjects[path] = taken.hexdigest()[:_DIGITS]
    told(len(drawn), len(drawn))
    for subject in sorted(subjects.values()):
        together.update(subject.encode())
    return Files(subjects, together.hexdigest(), sorted({*paths} - {*drawn}), skipped)


def write_files(out: Path, files: Files, folder: Path, left_out: Mapping[str, str]) -> None:
    """Leaves `files.csv`: each file, its photograph, and why it is left out; then those not drawn, and last what was
    not looked into. Raises `OSError`."""
    seen: set[str] = set()
    with (out / FILES).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("file", "subject", "left out"))
        for path, subject in files.subjects.items():
            reason = left_out.get(subject, "the same bytes as another file" if subject in seen else "")
            seen.add(subject)
            rows.writerow((_told(path, folder), subject, reason))
        rows.writerows((_told(path, folder), "", "not drawn") for path in files.passed_over)
        rows.writerows((_told(one.path, folder), "", one.reason) for one in files.skipped)


def _nothing(skipped: Sequence[Skipped]) -> str:
    said = "There is no file in the folder of photographs. Name one that holds pictures."
    if skipped:
        # There is no files.csv that could say it.
        first = skipped[0]
        more = f" Beside that, {len(skipped) - 1} more." if len(skipped) > 1 else ""
        said += f" Left out, {first.path.name or first.path}: {first.reason}.{more}"
    return said


def _told(path: Path, folder: Path) -> str:
    # A name that is no text cannot be written as it is.
    return path.relative_to(folder).as_posix().encode(errors="surrogateescape").decode(errors="replace")
