"""`summary.csv` and `summary.json`: what a study found, for programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from foreseal_client.study.found import Finding

__all__ = ["write_summary"]


def write_summary(out: Path, found: Sequence[Finding]) -> None:
    """Leaves both. Raises `OSError`."""
    rows = [asdict(one) for one in found]
    with (out / "summary.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Finding)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {name: f"{value:.6g}" if isinstance(value, float) else value for name, value in row.items()} for row in rows
        )
    text = json.dumps([{name: _told(value) for name, value in row.items()} for row in rows], indent=0)
    (out / "summary.json").write_text(text + "\n", encoding="utf-8")


def _told(value: object) -> object:
    """JSON has no infinity, and nothing that is no number."""
    if isinstance(value, float):
        return float(f"{value:.6g}") if abs(value) < float("inf") else None
    return value
