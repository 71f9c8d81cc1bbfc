"""`foreseal bench chat` measures what it says."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from foreseal_client.bench.chats import measure_chats
from foreseal_client.cli.bench import bench


def test_each_thing_is_measured_in_a_short_and_in_a_long_conversation(tmp_path: Path) -> None:
    ticks = itertools.count()
    report = measure_chats(tmp_path, 350, lambda: float(next(ticks)), lambda module: 1.0 + ("chat" in module))
    assert [one.what for one in report.costs] == [
        "opening", "scrolling a page back", "receiving", "searching for what is not there",
    ]  # fmt: skip
    assert {(one.short, one.long, one.ratio) for one in report.costs} == {(1000.0, 1000.0, 1.0)}  # one tick each
    assert (report.start, report.floor) == (2.0, 1.0)


@pytest.mark.parametrize("messages", ["299", "0", "-1", "many"])
def test_a_number_that_cannot_be_is_refused(messages: str) -> None:
    assert CliRunner().invoke(bench, ["chat", "--messages", messages]).exit_code == 2


def test_the_figures_come_as_json_and_a_start_loads_no_network_and_no_detectors() -> None:
    told = json.loads(CliRunner().invoke(bench, ["chat", "--messages", "300", "--json"]).stdout)
    assert (told["messages"], len(told["costs"])) == (300, 4)
    assert told["start"] > told["floor"] > 0
    ours = (f"foreseal_client.{name}" for name in ("messenger", "chat.acts", "device", "updates"))
    absent = ("aiohttp", "segno", "numpy", "PIL", *ours)
    call = f"import sys, foreseal_client.tui.chat.app; print([m for m in {absent} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
