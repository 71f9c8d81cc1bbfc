"""Small lists with random values, for tests."""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from foreseal_matcher import ListSet, Reason
from foreseal_matcher.lists import ListedHash, Purpose, build_list
from foreseal_matcher.lists.manifest import Manifest
from foreseal_matcher.verdict import Entry

__all__ = ["TODAY", "build", "column", "lines", "nothing_listed", "problem_of", "resealed"]

TODAY = date(2026, 11, 22)


def lines(count: int, seed: int = 1) -> list[ListedHash]:
    """As many PDQ lines and as many SHA-256 lines, with random values."""
    numbers = random.Random(seed)
    return [
        ListedHash(Entry(at + 1, ("pdq", "sha256")[at % 2], f"category-{at % 3}", "tests"), numbers.randbytes(32))
        for at in range(2 * count)
    ]


def build(
    out: Path, hashes: Iterable[ListedHash], name: str = "n", made: date = TODAY, valid_days: int = 30
) -> Manifest:
    return build_list(out, hashes, name=name, version="1", made=made, purpose=Purpose.SYNTHETIC, valid_days=valid_days)


def problem_of(path: Path, today: date = TODAY) -> tuple[Reason, str]:
    opened = ListSet.open([path], today)
    assert opened.lists == ()
    (problem,) = opened.problems
    assert problem.path == path
    return problem.reason, problem.detail


def column(folder: Path, name: str) -> Path:
    (found,) = folder.glob(f"columns-*/{name}")
    return found


def resealed(folder: Path, edit: dict[str, object]) -> None:
    """The manifest edited by somebody who also knows how to make its digest fit."""
    fields = json.loads((folder / "list.json").read_bytes()) | edit
    covered = {name: value for name, value in fields.items() if name not in ("digest", "folder")}
    canonical = json.dumps(covered, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    (folder / "list.json").write_text(json.dumps(fields | {"digest": digest}))


def nothing_listed() -> ListSet:
    """A list without entries, opened: an empty list is a list, and nothing is a problem."""
    with tempfile.TemporaryDirectory() as folder:
        today = datetime.now(UTC).date()
        build(Path(folder) / "nothing", [], made=today)
        return ListSet.open([Path(folder) / "nothing"], today)
