"""The studies that are kept under docs/results: what they found follows from the samples that are kept with them."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from foreseal_client.bench.machine import machine
from foreseal_client.cli.study import study
from foreseal_client.study.found import findings
from foreseal_client.study.journal import PACKED, samples_in
from foreseal_client.study.record import RECORD, record_in, versions
from foreseal_client.study.summary import write_summary

RESULTS = Path(__file__).parents[3] / "docs" / "results"
PHOTOGRAPHS, DEVICE = RESULTS / "2026-11-23-photographs", RESULTS / "2026-11-23-device"
SCENES = RESULTS / "2026-11-23-scenes"
EARLIER = RESULTS / "2026-11-22"
CLASSIFIED = "leaks"
"""Its figures come from a classifier, which takes seconds and may differ in the last digit between its versions."""


def test_a_kept_study_is_reported_anew_from_what_is_in_the_repository(tmp_path: Path) -> None:
    for name in (RECORD, PACKED):
        shutil.copy(PHOTOGRAPHS / name, tmp_path)
    assert CliRunner().invoke(study, ["report", str(tmp_path)]).exit_code == 0
    written = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in written} >= {"report.html", "summary.csv", "recall.svg", "drift.svg"}
    assert (tmp_path / "summary.csv").read_bytes() == (PHOTOGRAPHS / "summary.csv").read_bytes()
    made_by = record_in(PHOTOGRAPHS)
    # Another version of what draws may draw another curve; the same one draws the same bytes.
    if (made_by["versions"], made_by["machine"]["system"]) == (versions(), machine()["system"]):
        for path in written:
            assert (tmp_path / path).read_bytes() == (PHOTOGRAPHS / path).read_bytes(), path


@pytest.mark.parametrize("kept", [DEVICE, SCENES, EARLIER], ids=lambda folder: folder.name)
def test_what_a_kept_study_found_follows_from_its_samples(kept: Path, tmp_path: Path) -> None:
    samples = [one for one in samples_in(kept) if one.question != CLASSIFIED]
    write_summary(tmp_path, findings(samples, record_in(kept)["settings"]["seed"]))
    with (kept / "summary.csv").open() as then, (tmp_path / "summary.csv").open() as now:
        told = [row for row in csv.reader(then) if row[0] != CLASSIFIED]
        assert list(csv.reader(now)) == told
    assert len(told) > 10


@pytest.mark.parametrize("kept", sorted(RESULTS.iterdir()), ids=lambda folder: folder.name)
def test_what_is_kept_holds_no_fingerprint_no_picture_and_no_name_of_a_file(kept: Path) -> None:
    assert {path.suffix for path in kept.rglob("*") if path.is_file()} <= {".gz", ".json", ".csv", ".svg", ".html"}
    assert not {"files.csv", "reading.csv"} & {path.name for path in kept.iterdir()}
    assert {one.measure for one in samples_in(kept)}.isdisjoint({"bits", "thumbnail"})
