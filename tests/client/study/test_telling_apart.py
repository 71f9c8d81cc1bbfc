"""Near-duplicates are one photograph, and are found without the fingerprints that are judged."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from foreseal_client.bench.looks import Half
from foreseal_client.study.cell import Cell, Ground, Sample
from foreseal_client.study.errors import StudyError
from foreseal_client.study.files import FILES, found_in, write_files
from foreseal_client.study.found.leaks import AUC, leaked
from foreseal_client.study.leaks import CONTENT, FEATURES
from foreseal_client.study.listing import large_list, write_large_list
from foreseal_client.study.photographs import collected, measure
from sample_pictures import encoded, picture


def read(folder: Path, **files: bytes) -> list[Sample]:
    samples: list[Sample] = []
    for subject, data in files.items():
        (folder / subject).write_bytes(data)
        samples += measure(Cell("reading", subject, "", folder / subject), Ground(folder, 1, quick=True))
    return samples


def test_a_small_turned_and_mirrored_copy_counts_once_and_a_stranger_stays(tmp_path: Path) -> None:
    one = picture(1)
    copies = {
        "b": encoded(one.resize((120, 90)), "JPEG", quality=40),
        "c": encoded(one.transpose(Image.Transpose.ROTATE_90), "PNG"),
        "d": encoded(ImageOps.mirror(one), "PNG"),
    }
    found = collected(read(tmp_path, a=encoded(one, "PNG"), **copies, e=encoded(picture(2), "PNG")), 1)
    assert {name: other for name, (other, _) in found.merged.items()} == dict.fromkeys("bcd", "a")
    assert sorted(found.subjects) == ["a", "e"]


def test_what_cannot_be_read_or_compared_is_a_row_with_a_reason(tmp_path: Path) -> None:
    flat = encoded(Image.new("RGB", (99, 99), "white"), "PNG")
    found = collected(read(tmp_path, bad=b"nothing", flat=flat, good=encoded(picture(3), "PNG")), 1)
    assert list(found.unreadable) == ["bad"]
    assert found.unreadable["bad"]
    assert found.featureless == ["flat"]
    assert list(found.subjects) == ["good"]


def test_what_is_plainly_no_picture_is_called_that_and_not_one_whose_name_says_otherwise(tmp_path: Path) -> None:
    found = collected(read(tmp_path, notes=b"Dear diary"), 1)
    assert found.unreadable["notes"] == "it is no picture of a kind that is read (JPEG, PNG, WEBP, GIF, AVIF)"


@pytest.mark.skipif(sys.platform == "win32", reason="a file takes the room of what is not written there")
@pytest.mark.parametrize(
    ("head", "why"), [(b"\xff\xd8\xff", "larger than the check"), (b"\0\0\0\x20ftypisom", "no picture of a kind")]
)
def test_a_file_that_is_longer_than_any_memory_is_not_read_into_it(tmp_path: Path, head: bytes, why: str) -> None:
    with (tmp_path / "long").open("wb") as file:
        file.write(head)
        file.truncate(1 << 40)
    samples = [*measure(Cell("reading", "long", "", tmp_path / "long"), Ground(tmp_path, 1, quick=True))]
    assert why in collected(samples, 1).unreadable["long"]


def test_the_halves_share_nothing(tmp_path: Path) -> None:
    found = collected(read(tmp_path, **{str(seed): encoded(picture(seed), "JPEG") for seed in range(5)}), 1)
    tuning, judging = (set(found.halves[half]) for half in (Half.TUNING, Half.JUDGING))
    assert not tuning & judging
    assert tuning | judging == set(map(str, range(5)))


def test_files_of_the_same_bytes_are_one_and_the_study_is_none_of_its_own_photographs(tmp_path: Path) -> None:
    for name in ("one", "two", ".hidden"):
        (tmp_path / name).write_bytes(b"the same")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "run.json").write_bytes(b"{}")
    found = found_in(tmp_path, tmp_path / "out")
    assert (len(found.subjects), len(found.sources), found.copies) == (2, 1, 1)


def test_a_sample_is_drawn_by_the_seed_and_names_what_it_passed_over(tmp_path: Path) -> None:
    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    out.mkdir()
    for number in range(20):
        (photos / f"{number}.jpg").write_bytes(bytes([number]))
    drawn, again, other = (found_in(photos, out, 5, seed) for seed in (1, 1, 2))
    assert (len(drawn.subjects), len(drawn.passed_over)) == (5, 15)
    assert drawn == again
    assert drawn.digest != other.digest
    write_files(out, drawn, photos, {})
    with (out / FILES).open() as file:
        rows = {row["file"]: row["left out"] for row in csv.DictReader(file)}
    assert sorted(rows) == sorted(f"{number}.jpg" for number in range(20))
    assert sum(reason == "not drawn" for reason in rows.values()) == 15


def test_a_sample_of_more_than_there_is_is_all_of_it(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(name.encode())
    assert found_in(tmp_path, tmp_path / "out", 3) == found_in(tmp_path, tmp_path / "out")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="there is no file here that nobody can read")
def test_a_file_that_cannot_be_read_ends_no_study_and_its_reason_does_not_name_it(tmp_path: Path) -> None:
    for name in ("secret-one", "secret-two"):
        (tmp_path / name).symlink_to("/proc/self/mem")  # it opens, and not even root reads its beginning
    found = found_in(tmp_path, tmp_path / "out")
    assert (len(found.sources), found.copies) == (2, 0)
    samples = [*measure(Cell("reading", "a", "", tmp_path / "secret-one"), Ground(tmp_path, 1, quick=True))]
    (reason,) = collected(samples, 1).unreadable.values()
    assert reason
    assert "secret" not in reason


def test_whoever_has_a_long_folder_hears_how_far_it_was_looked_through(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(b"nothing")
    heard: list[tuple[int, int]] = []
    found_in(tmp_path, tmp_path / "out", told=lambda done, of: heard.append((done, of)))
    assert heard == [(0, 2), (1, 2), (2, 2)]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no file"):
        found_in(tmp_path, tmp_path / "out")


def test_a_list_takes_turns_between_photographs_and_lists_what_is_alike_once(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    rows = chance.integers(0, 2**63, (2, 3, 4), dtype=np.uint64)
    rows[1, 0] = rows[0, 0] ^ np.uint64(1)
    for name, each in zip("ab", rows, strict=True):
        np.save(tmp_path / f"parts-{name}.npy", each)
    assert write_large_list(tmp_path, "ab", 10) == 5
    assert np.array_equal(large_list(tmp_path)[:3], [rows[0, 0], rows[0, 1], rows[1, 1]])
    assert write_large_list(tmp_path, "ab", 2) == 2


def seen(kind: str, trial: int, size: float) -> list[Sample]:
    figures = dict.fromkeys(FEATURES, 0.0) | {"bytes up": size, CONTENT: max(size, 1)}
    return [Sample("leaks", f"{kind} {trial}", kind, "", "", name, str(value)) for name, value in figures.items()]


def test_a_held_send_that_sent_one_byte_would_be_noticed() -> None:
    silent = [one for trial in range(10) for kind in ("held", "nothing") for one in seen(kind, trial, 0)]
    betrayed = [
        one for trial in range(10) for kind in ("held", "nothing") for one in seen(kind, trial, float(kind == "held"))
    ]
    (quiet,), (loud,) = ([one for one in leaked(each, 1) if one.of == AUC] for each in (silent, betrayed))
    assert (quiet.value, quiet.low, quiet.high) == (0.5, 0.5, 0.5)
    assert loud.value > 0.95
