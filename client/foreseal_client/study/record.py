"""`run.json`: what has to be known to repeat a study, and to see that a folder holds the one that is gone on with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from foreseal_client.bench.machine import machine
from foreseal_client.pictures.menu import MENU_VERSION
from foreseal_client.study.cell import Sample
from foreseal_client.study.errors import StudyError
from foreseal_client.study.files import Files
from foreseal_client.study.journal import samples_in
from foreseal_client.study.plan import Plan
from foreseal_client.study.walk import Why

__all__ = ["RECORD", "keep", "lacking", "lacking_in", "record_in", "versions", "write_record"]

RECORD: Final = "run.json"
_VERSION: Final = 2
_PACKAGES: Final = ("foreseal", "numpy", "pillow", "ImageHash", "av", "scikit-learn", "matplotlib")
_Count = Annotated[int, msgspec.Meta(ge=0)]


class _Settings(msgspec.Struct):
    seed: _Count
    quick: bool
    lengths: list[_Count]


class _Photographs(msgspec.Struct):
    files: _Count
    copies: _Count
    sha256: str
    found: _Count = 0


class _Versions(msgspec.Struct):
    foreseal: str | None


class _Machine(msgspec.Struct):
    processor: str
    cores: int
    system: str
    python: str
    core: str
    load: float


class _List(msgspec.Struct):
    entries: _Count


class _Record(msgspec.Struct):
    """What a report takes from a record; there is more in it."""

    menu: int
    began: str
    settings: _Settings
    photographs: _Photographs
    versions: _Versions
    machine: _Machine
    list: _List | None = None
    unopened: _Count = 0
    ended: str = ""
    samples: _Count = 0


_SAME: Final = ("study", "menu", "settings", "photographs")
"""What two runs have in common that are one study."""


def write_record(out: Path, plan: Plan, files: Files, began: str, *, resumed: bool) -> dict[str, Any]:
    """Leaves `run.json`. `began`: when, as an ISO time. `resumed`: whether the folder may hold the beginning of the
    same study. Raises `StudyError` where it holds anything else."""
    fields: dict[str, Any] = {
        "study": _VERSION,
        "menu": MENU_VERSION,
        "began": began,
        "settings": json.loads(json.dumps(asdict(plan))),
        "photographs": {
            "files": len(files.subjects),
            "found": len(files.subjects) + len(files.passed_over),
            "copies": files.copies,
            "sha256": files.digest,
        },
        # Apart from the photographs, which are the same where a folder without any can be opened again.
        "unopened": sum(one.why is Why.UNOPENED for one in files.skipped),
        "versions": versions(),
        "machine": machine(),
    }
    if (out / RECORD).exists():
        if not resumed:
            raise StudyError(
                "This folder holds a study already. Go on with it by --resume, or name another folder with --out."
            )
        before = record_in(out)
        odd = [name for name in _SAME if before.get(name) != fields[name]]
        if odd:
            raise StudyError(
                f"This folder holds a study that differs in its {', '.join(odd)}. Name another folder with --out, or "
                "go on with the same settings and photographs."
            )
        # Of the beginning it keeps what is not made again.
        fields |= {name: before[name] for name in ("began", "list") if name in before}
    keep(out, fields)
    return fields


def keep(out: Path, fields: Mapping[str, Any]) -> None:
    """Writes it, or writes it again with more in it. Raises `OSError`."""
    partial = (out / RECORD).with_suffix(".part")
    try:
        partial.write_text(json.dumps(fields, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        partial.replace(out / RECORD)
    except OSError:
        # A folder with nothing but this in it would be taken for one that holds other things.
        partial.unlink(missing_ok=True)
        raise


def record_in(folder: Path) -> dict[str, Any]:
    """The record of a study. Raises `StudyError`."""
    try:
        fields = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except OSError as error:
        raise StudyError(f"There is no {RECORD} in {folder.name or folder}; `foreseal study run` makes one.") from error
    except (ValueError, RecursionError) as error:
        raise StudyError(f"{RECORD} is damaged; a study that was run anew has another.") from error
    if not isinstance(fields, dict) or fields.get("study") != _VERSION:
        raise StudyError(f"{RECORD} is of another version of Foreseal; report it with that one.")
    try:
        msgspec.convert(fields, _Record)
    except msgspec.ValidationError as error:
        # It may have been edited by hand, and then says itself where.
        raise StudyError(f"{RECORD} is damaged: {error}. Fetch it again, or run the study anew.") from error
    return fields


def lacking(record: Mapping[str, Any], samples: Sequence[Sample]) -> list[str]:
    """What to say of a study whose samples are not all there; nothing where they are, or where it has not ended."""
    # A cell that lacks a line counts as not measured, and nobody would miss it in a file that was handed on.
    there, measured = len(samples), record.get("samples", 0)
    if there >= measured:
        return []
    return [
        f"Of {measured:,} samples that were measured {there:,} are here: the file of samples was cut off or is "
        "damaged, and what is reported is of what is left. Fetch it again, or go on with the study by --resume."
    ]


def lacking_in(folder: Path) -> list[str]:
    """The same of a folder. Raises `StudyError`."""
    return lacking(record_in(folder), samples_in(folder))


def versions() -> dict[str, str | None]:
    """Of what a figure may depend on; None for what is not installed."""
    return {name: _version(name) for name in _PACKAGES}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
