"""`foreseal bench kit` measures what it says."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from foreseal_client.bench.kit import measure_kit
from foreseal_client.cli.bench import bench


def test_each_is_measured_and_a_pair_stands_beside_its_floor(tmp_path: Path) -> None:
    ticks = itertools.count()
    report = measure_kit(tmp_path, 1, lambda: float(next(ticks)))
    assert (report.first, report.pair, report.floor, report.text) == (1000.0,) * 4  # one tick each
    assert (report.ratio, report.flows) == (1.0, 1.0)


@pytest.mark.parametrize("rounds", ["0", "-1", "1001", "many"])
def test_a_number_that_cannot_be_is_refused(rounds: str) -> None:
    assert CliRunner().invoke(bench, ["kit", "--rounds", rounds]).exit_code == 2


def test_the_figures_come_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    from foreseal_client.bench import kit

    monkeypatch.setattr(kit, "measure_kit", lambda folder, rounds: kit.Report(500.0, 120.0, 40.0, 10.0, 5.0))
    told = json.loads(CliRunner().invoke(bench, ["kit", "--json"]).stdout)
    assert (told["pair"], told["floor"], told["ratio"]) == (120.0, 40.0, 3.0)
