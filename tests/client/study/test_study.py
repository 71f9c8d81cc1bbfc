"""`foreseal study` from a folder of pictures to a report, and what it refuses."""

from __future__ import annotations

import csv
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foreseal_client.cli.study import study
from foreseal_client.study.alone import alone_in
from foreseal_client.study.cell import Cell, Sample
from foreseal_client.study.journal import READING, SAMPLES, Journal
from sample_pictures import encoded, picture

ELSEWHERE = f"the same, elsewhere={sys.executable} -m foreseal_client.study.elsewhere"
RUN = ("--quick", "--workers", "0", "--question", "recall", "--question", "drift", "--decoder", ELSEWHERE)


def invoke(*arguments: object) -> Result:
    outcome = CliRunner().invoke(study, [str(argument) for argument in arguments])
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
    return outcome


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for seed in range(4):
        (folder / f"secret-name-{seed}.jpg").write_bytes(encoded(picture(seed), "JPEG"))
    (folder / "secret-name-again.jpg").write_bytes((folder / "secret-name-0.jpg").read_bytes())
    (folder / "secret-notes.txt").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def done(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("studies") / "done"
    outcome = invoke("run", "--photos", photos, "--out", out, *RUN)
    assert outcome.exit_code == 0, outcome.stderr
    assert "report.html" in outcome.stdout
    return out


def test_a_study_leaves_what_it_says_and_nothing_it_worked_with(done: Path) -> None:
    left = {path.name for path in done.iterdir()}
    written = {"summary.csv", "summary.json", "report.html", "figures"}
    assert left == {"run.json", "files.csv", READING, SAMPLES} | written


def test_what_is_handed_on_holds_no_fingerprint_and_no_thumbnail(done: Path) -> None:
    with (done / READING).open() as file:
        kept_back = [row["value"] for row in csv.DictReader(file) if row["measure"] in ("bits", "parts", "thumbnail")]
    assert len(kept_back) == 4 * 7
    for path in done.rglob("*"):
        if path.is_file() and path.name != READING:
            text = path.read_text()
            assert not [value for value in kept_back if value[:16] in text]


def test_the_matcher_in_an_environment_of_its_own_moves_no_bit(done: Path) -> None:
    rows = json.loads((done / "summary.json").read_text())
    (moved,) = [row for row in rows if (row["name"], row["of"]) == ("the same, elsewhere", "bits moved, mean")]
    assert (moved["value"], moved["n"]) == (0, 2)


def test_every_file_has_its_row_and_those_left_out_a_reason(done: Path) -> None:
    with (done / "files.csv").open() as file:
        rows = {row["file"]: row["left out"] for row in csv.DictReader(file)}
    assert len(rows) == 6
    assert rows["secret-notes.txt"]
    assert [name for name, reason in rows.items() if reason.startswith("the same bytes")] == ["secret-name-again.jpg"]


def test_the_names_of_files_stand_in_files_csv_alone(done: Path, photos: Path) -> None:
    for path in done.rglob("*"):
        if path.is_file() and path.name != "files.csv":
            text = path.read_text()
            assert "secret" not in text
            assert str(photos.parent) not in text


def test_the_report_warns_of_too_few_and_has_no_script_and_nothing_from_elsewhere(done: Path) -> None:
    page = (done / "report.html").read_text()
    assert "too small for a claim" in page
    assert "There is no card" in page
    assert "<script" not in page
    assert [link for link in re.findall(r'(?:href|src)="([^"]+)"', page) if not link.startswith("#")] == []


def test_mirrored_copies_are_found_by_the_eight_positions_and_by_no_part_that_is_listed(done: Path) -> None:
    rows = json.loads((done / "summary.json").read_text())
    mirrored = {row["looks"]: row["value"] for row in rows if row["name"] == "mirrored" and row["fingerprint"] == "pdq"}
    found = {looks for looks, share in mirrored.items() if share == 1}
    # Looks that turn a picture back look at its mirror image too, a degree off.
    listed = {"quick, parts listed", "full, parts listed"}
    assert found == {"quick", "full", "plain and dihedral", "plain and turned"} | listed
    assert {share for looks, share in mirrored.items() if looks not in found} == {0}


def test_a_study_that_was_cut_short_is_gone_on_with(done: Path, photos: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    cut.mkdir()
    shutil.copy(done / "run.json", cut)
    whole = (done / SAMPLES).read_text().splitlines(keepends=True)
    last = [at for at, line in enumerate(whole) if line.startswith("drift/")][-1]
    (cut / SAMPLES).write_text("".join(whole[:last]))
    outcome = invoke("run", "--photos", photos, "--out", cut, *RUN, "--resume")
    assert outcome.exit_code == 0, outcome.stderr
    assert sorted((cut / SAMPLES).read_text().splitlines()) == sorted("".join(whole).splitlines())


def test_who_goes_on_with_damaged_samples_is_told_where_they_are_kept(done: Path, photos: Path, tmp_path: Path) -> None:
    shutil.copytree(done, tmp_path / "out")
    whole = (done / SAMPLES).read_text()
    (tmp_path / "out" / SAMPLES).write_text(whole.replace("\ndrift/", "\ndr/ft/", 1))
    outcome = invoke("run", "--photos", photos, "--out", tmp_path / "out", *RUN, "--resume")
    assert (outcome.exit_code, "is kept as samples.csv.damaged-1." in outcome.stderr) == (0, True)
    assert sorted((tmp_path / "out" / SAMPLES).read_text().splitlines()) == sorted(whole.splitlines())


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is ended by a signal there")
def test_a_study_that_a_signal_ends_says_that_it_goes_on_with_resume(photos: Path, tmp_path: Path) -> None:
    ending = ("--decoder", "it ends=sh -c 'kill -TERM $PPID'", "--question", "drift", "--quick", "--workers", "0")
    before = signal.signal(signal.SIGTERM, lambda *_: None)  # one that the study does not take is no end of the tests
    try:
        outcome = invoke("run", "--photos", photos, "--out", tmp_path / "out", *ending)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (outcome.exit_code, "--resume goes on" in outcome.stderr) == (130, True)


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is ended by a signal there")
def test_the_end_of_a_terminal_reaches_all_processes_and_leaves_one_sentence(photos: Path, tmp_path: Path) -> None:
    ending = ("--decoder", "it ends=sh -c 'kill -HUP 0'", "--question", "drift", "--quick", "--workers", "1")
    given = ("study", "run", "--photos", str(photos), "--out", str(tmp_path / "out"), *ending)
    # The tests may run under `nohup`, which has the signal ignored, and is inherited.
    heard = "import runpy, signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)"
    program = f"{heard}; runpy.run_module('foreseal_client.cli', run_name='__main__', alter_sys=True)"
    ended = subprocess.run(
        (sys.executable, "-c", program, *given), capture_output=True, text=True, start_new_session=True, timeout=120,
        check=False,
    )  # fmt: skip
    said = [line for line in ended.stderr.splitlines() if not line.startswith("  ")]
    assert (ended.returncode, len(said), "--resume goes on" in said[-1]) == (130, 1, True), ended.stderr


def test_whoever_has_no_home_to_write_into_reads_nothing_of_it(done: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("nobody writes below it, root neither")
    shutil.copytree(done, tmp_path / "study")
    homeless = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "MPL"))}
    homeless["HOME"] = str(tmp_path / "file" / "home")
    reported = subprocess.run(
        (sys.executable, "-m", "foreseal_client.cli", "study", "report", str(tmp_path / "study")),
        env=homeless, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (reported.returncode, reported.stderr) == (0, "")


def test_a_study_that_has_ended_loses_nothing_by_going_on(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = (
        "run",
        "--photos",
        photos,
        "--out",
        out,
        "--quick",
        "--workers",
        "0",
        "--question",
        "strangers",
        "--sample",
        "4",
    )
    assert invoke(*run).exit_code == 0
    before = (out / SAMPLES).read_text()
    assert "listing/" in before
    assert invoke(*run, "--resume").exit_code == 0
    assert (out / SAMPLES).read_text() == before


def test_a_study_beside_itself_differs_in_nothing(done: Path) -> None:
    told = json.loads(invoke("compare", done, done, "--json").stdout)
    assert (told["settings"], told["findings"]) == ({}, [])
    assert {moved["most"] for moved in told["moved"].values()} == {0}


@pytest.mark.parametrize(
    ("further", "says"),
    [
        ((), "--resume"),
        (("--resume", "--seed", "2"), "differs in its settings"),
    ],
)
def test_a_folder_in_use_is_not_written_over(done: Path, photos: Path, further: tuple[str, ...], says: str) -> None:
    before = (done / SAMPLES).read_bytes()
    outcome = invoke("run", "--photos", photos, "--out", done, *RUN, *further)
    assert outcome.exit_code == 2
    assert says in outcome.stderr
    assert (done / SAMPLES).read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="a folder cannot be held there")
def test_two_runs_do_not_measure_into_one_folder(done: Path, photos: Path) -> None:
    before = (done / SAMPLES).read_bytes()
    with alone_in(done):
        outcome = invoke("run", "--photos", photos, "--out", done, *RUN, "--resume")
    assert (outcome.exit_code, "Another run is measuring" in outcome.stderr) == (2, True)
    assert (done / SAMPLES).read_bytes() == before
    assert invoke("run", "--photos", photos, "--out", done, *RUN, "--resume").exit_code == 0


def test_a_full_disk_ends_a_study_which_goes_on_once_there_is_room(
    done: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, add = tmp_path / "out", Journal.add

    def filled(journal: Journal, cell: Cell, samples: Sequence[Sample]) -> None:
        if cell.question == "drift":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        add(journal, cell, samples)

    with monkeypatch.context() as full:
        full.setattr(Journal, "add", filled)
        outcome = invoke("run", "--photos", photos, "--out", out, *RUN)
    assert outcome.exit_code == 2
    assert f"{os.strerror(errno.ENOSPC)}. What was measured is kept" in outcome.stderr
    assert invoke("run", "--photos", photos, "--out", out, *RUN, "--resume").exit_code == 0
    assert (out / SAMPLES).read_text() == (done / SAMPLES).read_text()


def test_a_disk_that_is_full_from_the_beginning_leaves_a_folder_that_a_study_can_begin_in(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"

    def full(path: Path, to: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path), None, str(to))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        assert invoke("run", "--photos", photos, "--out", out, *RUN).exit_code == 2
    assert [*out.iterdir()] == []


def test_a_report_says_that_its_photographs_were_drawn_from_more(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = ("--quick", "--workers", "0", "--question", "drift", "--sample", "5")
    outcome = invoke("run", "--photos", photos, "--out", out, *run)
    assert outcome.exit_code == 0, outcome.stderr
    assert "5 drawn from 6" in (out / "report.html").read_text()
    assert json.loads((out / "run.json").read_text())["settings"]["sample"] == 5


def test_a_folder_of_other_things_is_not_written_into(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    outcome = invoke("run", "--photos", photos, "--out", tmp_path, *RUN)
    assert (outcome.exit_code, [path.name for path in tmp_path.iterdir()]) == (2, ["letter.txt"])


def test_a_folder_without_two_photographs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_text("nothing")
    outcome = invoke("run", "--photos", tmp_path / "in", "--out", tmp_path / "out", *RUN)
    assert outcome.exit_code == 2
    assert "fewer than two" in outcome.stderr


@pytest.mark.parametrize("sizes", ["0", "ten", "1,,2", "10000001"])
def test_a_list_size_that_is_none_is_refused(photos: Path, tmp_path: Path, sizes: str) -> None:
    assert invoke("run", "--photos", photos, "--out", tmp_path / "x", "--list-size", sizes).exit_code == 2
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("record", [None, "{", "[" * 100_000, "[]", '{"study": 99}', '{"study": 2, "menu": 2}'])
def test_a_report_of_what_is_no_study_is_refused(tmp_path: Path, record: str | None) -> None:
    if record is not None:
        (tmp_path / "run.json").write_text(record)
    outcome = invoke("report", tmp_path)
    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("foreseal study: ")


@pytest.mark.parametrize(
    ("part", "value"), [("settings", []), ("settings", {"seed": -1}), ("machine", {}), ("list", {}), ("versions", {})]
)
def test_a_record_that_was_edited_into_nonsense_is_refused(
    done: Path, tmp_path: Path, part: str, value: object
) -> None:
    shutil.copytree(done, tmp_path / "out")
    record = json.loads((done / "run.json").read_text())
    (tmp_path / "out" / "run.json").write_text(json.dumps(record | {part: value}))
    for arguments in (("report", tmp_path / "out"), ("compare", done, tmp_path / "out")):
        outcome = invoke(*arguments)
        assert (outcome.exit_code, "run.json is damaged" in outcome.stderr) == (2, True)


def test_samples_that_are_no_figures_are_refused_by_name_and_a_report_that_was_there_stays(
    done: Path, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(done, out)
    with (out / SAMPLES).open(newline="") as file:
        rows = list(csv.DictReader(file))
    next(row for row in rows if row["measure"] == "distance")["value"] = "near"
    with (out / SAMPLES).open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    for arguments in (
        ("report", out),
        ("compare", done, out),
        ("run", "--photos", photos, "--out", out, *RUN, "--resume"),
    ):
        outcome = invoke(*arguments)
        assert (outcome.exit_code, "distance is 'near', no number" in outcome.stderr) == (2, True)
    assert {path: path.read_bytes() for path in before if path.name != "run.json"} == {
        path: content for path, content in before.items() if path.name != "run.json"
    }


def test_a_report_of_samples_that_were_cut_off_says_so(done: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(done, out)
    whole = (done / SAMPLES).read_bytes()
    (out / SAMPLES).write_bytes(whole[: len(whole) // 2])
    said = "the file of samples was cut off"
    for arguments in (("report", out), ("compare", done, out)):
        outcome = invoke(*arguments)
        assert (outcome.exit_code, outcome.stderr.count(said)) == (0, 1)
    assert said in (out / "report.html").read_text()
    assert said not in invoke("report", done).stderr + (done / "report.html").read_text()


@pytest.mark.parametrize(("measure", "value"), [("bits", "zz"), ("thumbnail", "abcd")])
def test_what_was_read_is_refused_where_it_is_damaged_and_read_again_once_it_is_gone(
    done: Path, photos: Path, tmp_path: Path, measure: str, value: str
) -> None:
    out = tmp_path / "out"
    shutil.copytree(done, out)
    whole = (out / READING).read_text()
    (out / READING).write_text(re.sub(f",{measure},[0-9a-f]+,", f",{measure},{value},", whole))
    outcome = invoke("run", "--photos", photos, "--out", out, *RUN, "--resume")
    assert (outcome.exit_code, "Delete that file" in outcome.stderr) == (2, True)
    (out / READING).unlink()
    assert invoke("run", "--photos", photos, "--out", out, *RUN, "--resume").exit_code == 0
    assert (out / READING).read_text() == whole
    assert (out / SAMPLES).read_text() == (done / SAMPLES).read_text()


@pytest.mark.parametrize("decoder", ["no command", "=true", "name=", "name='open"])
def test_a_decoder_is_a_name_and_a_command(photos: Path, tmp_path: Path, decoder: str) -> None:
    outcome = invoke("run", "--photos", photos, "--out", tmp_path / "out", "--decoder", decoder)
    assert (outcome.exit_code, "equals sign" in outcome.stderr) == (2, True)


def test_a_decoder_that_is_not_there_is_refused_before_anything_is_measured(photos: Path, tmp_path: Path) -> None:
    outcome = invoke("run", "--photos", photos, "--out", tmp_path / "out", "--decoder", "old=no-such-program --fast")
    assert (outcome.exit_code, "no program no-such-program" in outcome.stderr) == (2, True)
    assert not (tmp_path / "out").exists()
