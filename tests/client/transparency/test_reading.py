"""What a device has to fetch to hold a log to its head, and what its own memory proves."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from foreseal_client.transparency import history
from foreseal_client.transparency.checkpoint import open_checkpoint
from foreseal_client.transparency.entry import LoggedList
from foreseal_client.transparency.history import MAX_LEAVES, History
from foreseal_client.transparency.merkle import Flaw, ProofRefused, leaf_hash
from foreseal_client.transparency.reading import LogReader, entry_name
from foreseal_client.transparency.tiles import Tiles, extended
from foreseal_client.updates.fetching import fetcher_for
from foreseal_client.updates.refusals import Refusal, UpdateRefused
from foreseal_client.updates.updating import update
from foreseal_matcher.lists.writing import UPDATES
from log_attacks import another, resigned
from sample_logs import MemoryLog
from sample_repositories import TODAY, Publisher, begun

SIZE, BEFORE = 70, 61
ENTRY = LoggedList("demo", "1", TODAY, "synthetic", "ab" * 32, 0, {}, (), {}, 1_800_000_000)
ENTRIES = [replace(ENTRY, version=str(number)).encode() for number in range(SIZE)]
LOG = MemoryLog()
HEAD = open_checkpoint(LOG.note(ENTRIES), LOG.key)
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
FILES = {
    **extended(Tiles(0, dict[str, bytes]().__getitem__), LEAVES),
    **{entry_name(at): entry + b"\n" for at, entry in enumerate(ENTRIES)},
}
KNOWN = History.beginning(BEFORE, Tiles(SIZE, FILES.__getitem__).hash)


def reader(files: dict[str, bytes], fetched: list[str]) -> LogReader:
    def fetch(name: str, _: int) -> bytes:
        fetched.append(name)
        return files[name]

    return LogReader(fetch)


def test_who_kept_a_history_fetches_the_hashes_that_came_and_nothing_else() -> None:
    fetched: list[str] = []
    reading = reader(FILES, fetched)
    grown = reading.grown(KNOWN, HEAD)
    assert grown.root(SIZE) == HEAD.root
    assert reading.entry(SIZE - 1, HEAD, grown).version == str(SIZE - 1)
    assert fetched == ["tiles/0/7.8", "tiles/0/8.6", entry_name(SIZE - 1)]


def test_an_entry_other_than_the_one_that_was_hashed_is_refused_with_a_history_and_without() -> None:
    files = {**FILES, entry_name(SIZE - 1): ENTRIES[3] + b"\n"}
    reading = reader(files, [])
    for known in (reading.grown(KNOWN, HEAD), None):
        with pytest.raises(ProofRefused) as refused:
            reading.entry(SIZE - 1, HEAD, known)
        assert refused.value.flaw is Flaw.OTHER_ROOT


def test_an_entry_from_before_a_history_began_is_proven_by_tiles() -> None:
    fetched: list[str] = []
    reading = reader(FILES, fetched)
    assert reading.entry(3, HEAD, reading.grown(KNOWN, HEAD)).version == "3"
    assert len(set(fetched)) == len(fetched)
    with pytest.raises(ProofRefused):
        reader(FILES, []).entry(3, replace(HEAD, root=bytes(32)), None)


def test_a_history_goes_on_as_long_as_it_may_and_never_back() -> None:
    assert KNOWN.goes_on(BEFORE)
    assert KNOWN.goes_on(BEFORE + MAX_LEAVES)
    assert not KNOWN.goes_on(BEFORE + MAX_LEAVES + 1)
    assert not KNOWN.goes_on(BEFORE - 1)


@pytest.mark.parametrize("most", [MAX_LEAVES, 0])
def test_a_fork_leaves_evidence_though_the_history_is_to_begin_anew_or_the_time_is_older(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(history, "MAX_LEAVES", most)
    shutil.copytree(begun(), tmp_path / "world")
    publisher, device = Publisher.in_folder(tmp_path / "world" / "publisher"), tmp_path / "world" / "list"
    shutil.rmtree(publisher.log_folder.folder)
    publisher.append(another(publisher), another(publisher, version="2"))
    head = publisher.log_folder.head(publisher.log_key)
    resigned(publisher, replace(head, time=head.time - 3600), publisher.log)
    source = str(publisher.repository.folder)
    with pytest.raises(UpdateRefused) as refused:
        update(source, fetcher_for(source), device, TODAY)
    assert refused.value.reason is Refusal.LOG_FORKED
    assert len(list((device / UPDATES / "evidence").iterdir())) == 1
