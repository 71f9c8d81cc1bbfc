"""The plug-in point: a detector from an installed package takes part in a check, and no failure of it clears."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreseal_matcher import (
    Bytes,
    Clear,
    Detector,
    DetectorUnusable,
    Entry,
    Finding,
    Item,
    ListSet,
    Match,
    Reason,
    Unreadable,
    installed_detectors,
    screen,
)
from sample_pictures import encoded, picture

STRANGER = Bytes(encoded(picture(1, 200, 150), "JPEG"), "stranger.jpg")
EXAMPLE = '''
from foreseal_matcher import Entry, Finding, Item


class Watermarks:
    """Recognises files that say at their end that they must not be sent on."""

    name = "watermarks"
    version = "3"

    def examine(self, item: Item) -> Finding | None:
        with item.open() as reader:
            marked = reader.read().endswith(b"do not send on")
        return Finding(Entry(1, "watermark", "marked", "its author")) if marked else None
'''


def install(folder: Path, name: str, module: str, points: str) -> None:
    """A package as an installer leaves it: a module, and beside it what it says of itself."""
    (folder / f"{name}.py").write_text(module)
    told = folder / f"{name}-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(f"[foreseal.detectors]\n{points}\n")


class Failing:
    name = "failing"
    version = "1"

    def examine(self, item: Item) -> Finding | None:
        raise RuntimeError(item.name)


def test_an_installed_detector_takes_part_in_a_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lists: ListSet
) -> None:
    install(tmp_path, "watermarks", EXAMPLE, "watermarks = watermarks:Watermarks")
    monkeypatch.syspath_prepend(tmp_path)
    more = lists.looking_with(installed_detectors())
    verdict = screen(Bytes(STRANGER.data + b"do not send on", "stranger.jpg"), more).verdict
    assert isinstance(verdict, Match)
    assert (verdict.list_name, verdict.list_version, verdict.entry.algorithm) == ("watermarks", "3", "watermark")
    assert screen(STRANGER, more).verdict == Clear()


def test_an_installed_detector_is_not_used_unless_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lists: ListSet
) -> None:
    install(tmp_path, "watermarks", EXAMPLE, "watermarks = watermarks:Watermarks")
    monkeypatch.syspath_prepend(tmp_path)
    assert screen(Bytes(STRANGER.data + b"do not send on", "stranger.jpg"), lists).verdict == Clear()


def test_a_detector_that_fails_makes_the_check_unreadable(lists: ListSet) -> None:
    verdict = screen(STRANGER, lists.looking_with([Failing()])).verdict
    assert verdict == Unreadable(Reason.DETECTOR_FAILED, "failing: RuntimeError", 0)


def test_what_the_lists_find_wins_over_a_detector_that_fails(lists: ListSet, listed_file: bytes) -> None:
    assert isinstance(screen(Bytes(listed_file), lists.looking_with([Failing()])).verdict, Match)


def test_a_detector_finds_its_own_without_any_list() -> None:
    class Everything:
        name = "everything"
        version = "1"

        def examine(self, item: Item) -> Finding | None:
            return Finding(Entry(len(item.name), "name", "all", "tests"), 2, 5)

    detector: Detector = Everything()
    verdict = screen(STRANGER, ListSet.empty().looking_with([detector])).verdict
    assert isinstance(verdict, Match)
    assert (verdict.distance, verdict.limit) == (2, 5)


@pytest.mark.parametrize(
    ("module", "point"),
    [
        ("", "broken = broken:Missing"),
        ("raise RuntimeError('no licence')", "broken = broken:Anything"),
        ("class Anything: name = 'x'", "broken = broken:Anything"),
        ("class Anything:\n    def __init__(self, key): ...", "broken = broken:Anything"),
    ],
    ids=["a name that is not there", "a module that raises", "no way to examine", "a class that wants arguments"],
)
def test_a_detector_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, point: str
) -> None:
    install(tmp_path, "broken", module, point)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "broken", raising=False)
    with pytest.raises(DetectorUnusable, match="the detector broken"):
        installed_detectors()
