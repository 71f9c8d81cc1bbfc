"""Deltas: the old list and what is between make the new one, byte for byte, or the old one stays."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foreseal_matcher.lists import (
    KINDS,
    HashList,
    ListedHash,
    Purpose,
    Withdrawal,
    apply_delta,
    build_list,
    changes,
    make_delta,
)
from foreseal_matcher.verdict import Entry
from sample_lists import TODAY


def content_of(folder: Path) -> dict[str, bytes]:
    """What is a list's own in its folder: the manifest, and what its columns hold."""
    columns = HashList.of_any_age(folder).manifest.folder
    own = (path for path in (folder / columns).iterdir() if path.suffix not in (".json", ".index"))
    return {"list.json": (folder / "list.json").read_bytes()} | {path.name: path.read_bytes() for path in own}


def write(out: Path, rows: list[ListedHash], version: str, withdrawn: tuple[Withdrawal, ...] = ()) -> HashList:
    build_list(
        out, rows, name="n", version=version, made=TODAY, purpose=Purpose.SYNTHETIC, valid_days=30, withdrawn=withdrawn
    )
    return HashList.of_any_age(out)


def entry_rows(id: int, version: int) -> list[ListedHash]:
    """An entry with a few hashes; `version` changes what is said of it, or the hashes, or both."""
    numbers = random.Random(id * 7 + (version % 2))
    said = (f"category-{(id + version // 2) % 4}", "tests", date(2026, 1, 1 + id % 9), version == 3)
    kinds = numbers.sample(list(KINDS), numbers.randint(1, 4))
    return [
        ListedHash(
            Entry(id, kind, *said), numbers.randbytes(KINDS[kind].width), numbers.randrange(9) if kind == "film" else 0
        )
        for kind in kinds
    ]


VERSIONS = st.dictionaries(st.integers(0, 40), st.integers(0, 3), max_size=25)
WITHDRAWN = st.frozensets(st.integers(100, 110), max_size=5)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=VERSIONS, after=VERSIONS, gone=WITHDRAWN, went=WITHDRAWN)
def test_a_delta_applied_to_the_old_list_makes_the_new_one_byte_for_byte(
    before: dict[int, int], after: dict[int, int], gone: frozenset[int], went: frozenset[int]
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        old, new = (
            write(
                folder / version,
                [row for id, how in entries.items() for row in entry_rows(id, how)],
                version,
                tuple(Withdrawal(id, TODAY - timedelta(days=id % 3), frozenset({"pdq"})) for id in withdrawn),
            )
            for version, entries, withdrawn in (("old", before, gone), ("new", after, went))
        )
        make_delta(old, new, folder / "delta")
        made = apply_delta(folder / "old", folder / "delta", folder / "made", TODAY)
        assert made == new.manifest
        assert content_of(folder / "made") == content_of(folder / "new")
        told = changes(old, new)
        assert told.added == after.keys() - before.keys()
        assert told.withdrawn == before.keys() - after.keys()
        assert told.changed == {
            id for id in before.keys() & after if entry_rows(id, before[id]) != entry_rows(id, after[id])
        }
        assert sum(tally.added for tally in told.tallies.values()) == len(told.added)
