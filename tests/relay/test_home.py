"""What a relay keeps beside its store is on the disk before it is used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from foreseal_relay.home import Home, HomeError, occupied


@pytest.mark.skipif(os.name == "nt", reason="Windows has no way to sync a folder")
def test_a_new_stamp_key_is_synced_then_named_and_then_its_folder_is_synced(
    tmp_path: Path, order: list[tuple[str, int]]
) -> None:
    Home(tmp_path).stamp_key()
    key, folder = (tmp_path / "stamp.key").stat().st_ino, tmp_path.stat().st_ino
    assert order == [("sync", key), ("rename", key), ("sync", folder)]


def test_a_stamp_key_that_is_there_is_read_and_not_written(tmp_path: Path, order: list[tuple[str, int]]) -> None:
    first = Home(tmp_path).stamp_key()
    order.clear()
    assert Home(tmp_path).stamp_key() == first
    assert order == []
    assert [path.name for path in tmp_path.iterdir()] == ["stamp.key"]


def test_a_stamp_key_that_cannot_be_synced_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(HomeError, match="No space left"):
        Home(tmp_path).stamp_key()
    assert not (tmp_path / "stamp.key").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no way to sync a folder")
def test_a_new_directory_and_those_above_it_have_their_names_synced(
    tmp_path: Path, order: list[tuple[str, int]]
) -> None:
    with occupied(tmp_path / "above" / "data"):
        assert order == [("sync", tmp_path.stat().st_ino), ("sync", (tmp_path / "above").stat().st_ino)]
    order.clear()
    with occupied(tmp_path / "above" / "data"):
        assert order == []
