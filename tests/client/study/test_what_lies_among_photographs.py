"""A folder of photographs as it is found: with folders that cannot be opened, links, and what a study wrote."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foreseal_client.cli.study import study
from foreseal_client.study.errors import StudyError
from foreseal_client.study.files import FILES, found_in
from sample_pictures import encoded, picture

RUN = ("--quick", "--workers", "0", "--question", "drift")


def run(photos: Path, out: Path, *further: str) -> Result:
    given = ["run", "--photos", str(photos), "--out", str(out), *RUN, *further]
    return CliRunner().invoke(study, given, catch_exceptions=False)


def rows(out: Path) -> dict[str, str]:
    with (out / FILES).open(encoding="utf-8", newline="") as file:
        return {row["file"]: row["left out"] for row in csv.DictReader(file)}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in range(2):
        (folder / f"{seed}.jpg").write_bytes(encoded(picture(seed), "JPEG"))
    return folder


@pytest.fixture
def locked(photos: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the system does not open, as it does for root only where a disk fails."""
    folder = photos / "locked"
    folder.mkdir()
    opened = os.scandir

    def scandir(path: Path | int) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        if path == folder:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path)

    monkeypatch.setattr(os, "scandir", scandir)
    return folder


def test_a_folder_that_cannot_be_opened_is_a_row_and_said_at_the_end_and_on_the_page(
    photos: Path, locked: Path, tmp_path: Path
) -> None:
    outcome = run(photos, tmp_path / "out")
    assert outcome.exit_code == 0
    assert rows(tmp_path / "out")[locked.name] == "the folder cannot be opened: Permission denied"
    said = "what lies in 1 folder that cannot be opened"
    assert said in outcome.stderr
    assert said in (tmp_path / "out" / "report.html").read_text()


def test_where_nothing_else_is_there_the_refusal_says_what_cannot_be_opened(photos: Path, locked: Path) -> None:
    for path in photos.glob("*.jpg"):
        path.unlink()
    with pytest.raises(StudyError, match=r"no file.*locked: the folder cannot be opened: Permission denied"):
        found_in(photos, photos.parent / "out")


def test_a_file_of_which_the_system_does_not_tell_what_it_is_is_read_and_gives_its_reason(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hidden:
        """An entry in a folder that may be listed and not entered."""

        def __init__(self, path: Path) -> None:
            self.name, self.path = path.name, str(path)

        def is_symlink(self) -> bool:
            return False

        def is_dir(self) -> bool:
            raise PermissionError(13, "Permission denied", self.path)

    opened = os.scandir

    class Scanned:
        def __enter__(self) -> list[object]:
            with opened(photos) as found:
                return [*found, Hidden(photos / "unseen.jpg")]

        def __exit__(self, *_: object) -> None:
            pass

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", lambda _: Scanned())
        found = found_in(photos, tmp_path / "out")
    assert [path.name for path in found.subjects] == ["0.jpg", "1.jpg", "unseen.jpg"]


def test_links_that_lead_round_or_nowhere_or_to_folders_are_rows(photos: Path, tmp_path: Path) -> None:
    for name, to in (("round", "round"), ("nowhere", "nothing"), ("up", ".."), ("one", "1.jpg")):
        (photos / name).symlink_to(to)
    outcome = run(photos, tmp_path / "out")
    assert outcome.exit_code == 0
    told = rows(tmp_path / "out")
    assert {name: told[name].split(",")[0] for name in ("round", "nowhere", "up", "one")} == {
        "round": "a link that leads to no file",
        "nowhere": "a link that leads to no file",
        "up": "a link to a folder",
        "one": "the same bytes as another file",
    }


def test_a_study_within_its_photographs_is_none_of_them_also_when_it_is_gone_on_with(photos: Path) -> None:
    out = photos / "out"
    for further in ((), ("--resume",)):
        outcome = run(photos, out, *further)
        assert outcome.exit_code == 0
        assert "what lies in the folder of this study" in outcome.stderr
        assert rows(out) == {"0.jpg": "", "1.jpg": "", "out": "the folder of this study"}


def test_what_an_earlier_study_wrote_is_no_photograph_and_what_else_lies_there_is(photos: Path, tmp_path: Path) -> None:
    earlier = photos / "earlier"
    assert run(photos, earlier).exit_code == 0
    shutil.copy(photos / "0.jpg", earlier / "mine.jpg")
    outcome = run(photos, tmp_path / "out")
    assert outcome.exit_code == 0
    assert "what studies wrote into 1 folder" in outcome.stderr
    assert [name for name in rows(tmp_path / "out") if name.startswith("earlier")] == ["earlier/mine.jpg", "earlier"]


@pytest.mark.parametrize("record", ["{", "[]", json.dumps({"study": 2}), "[" * 100_000])
def test_a_record_of_another_program_makes_no_study(photos: Path, tmp_path: Path, record: str) -> None:
    (photos / "run.json").write_text(record)
    found = found_in(photos, tmp_path / "out")
    assert photos / "run.json" in found.subjects
    assert not found.skipped


def test_hidden_folders_are_left_out_as_hidden_files_are(photos: Path, tmp_path: Path) -> None:
    (photos / ".thumbnails").mkdir()
    (photos / ".thumbnails" / "0.jpg").write_bytes(b"small")
    assert len(found_in(photos, tmp_path / "out").subjects) == 2


@pytest.mark.parametrize("out", [".", ".."])
def test_photographs_in_the_folder_for_the_study_are_refused_in_words_for_it(photos: Path, out: str) -> None:
    outcome = run(photos, photos / out)
    assert outcome.exit_code == 2
    assert "lies in the folder for the study" in outcome.stderr
    assert sorted(path.name for path in photos.iterdir()) == ["0.jpg", "1.jpg"]
