"""`foreseal bench` measures what it says, on lists made the same way each time."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foreseal_client.bench.checks import STAGES
from foreseal_client.bench.random_list import MADE, make_random_list
from foreseal_client.bench.timing import at_share, timed
from foreseal_client.cli.bench import bench
from foreseal_matcher import ListSet
from sample_pictures import encoded, picture

ENTRIES = "70000"


def run(*arguments: object) -> Result:
    outcome = CliRunner().invoke(bench, [str(argument) for argument in arguments])
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit)
    return outcome


def test_index_tells_what_a_lookup_costs(tmp_path: Path) -> None:
    outcome = run("index", "--entries", ENTRIES, "--queries", 50, "--starts", 1, "--json", "--work", tmp_path)
    told = json.loads(outcome.stdout)
    assert outcome.exit_code == 0
    assert told["exact"] is True
    assert told["scanned"] == 0
    assert 0 < told["p50_us"] <= told["p99_us"]
    assert 0 < told["mean_candidates"] < 1000
    assert told["open_ms"] > 0
    assert told["build_s"] > 0
    assert told["file_mb"] == 5.0
    assert set(told["lookups_a_second_by_threads"]) == {"1", "2", "4"}
    if hasattr(os, "posix_fadvise"):
        assert told["cold_ms"] > 0 < told["cold_floor_ms"]
        assert 0 <= told["cold_held_before"] <= 1
        assert told["cold_by_index_ms"] > 0 < told["cold_second_ms"]
    assert "numpy, every row" in told["peers"]
    assert set(told["machine"]) == {"processor", "cores", "system", "python", "core", "load"}
    assert list(tmp_path.iterdir()) == []


def test_lists_tells_what_building_one_and_bringing_it_up_to_date_costs(tmp_path: Path) -> None:
    outcome = run("lists", "--entries", 5000, "--json", "--work", tmp_path)
    told = json.loads(outcome.stdout)
    assert outcome.exit_code == 0
    assert told["exact"] is True
    assert told["list_mb"] == 0.2
    assert 0.01 < told["delta_share"] < 0.03
    assert told["build_s"] > 0
    assert list(tmp_path.iterdir()) == []


def test_log_tells_what_holding_a_list_to_a_public_log_costs() -> None:
    told = json.loads(run("log", "--entries", 3000, "--checks", 20, "--json").stdout)
    assert 0 < told["update_tile_bytes"] <= told["install_tile_bytes_most"] <= told["tile_bytes_most"]
    assert told["proof_bytes_most"] <= 32 * 25
    assert told["check_ms_p50"] <= told["check_ms_p99"]


def test_a_list_too_short_for_an_index_is_measured_too() -> None:
    told = json.loads(run("index", "--entries", 10, "--queries", 5, "--starts", 1, "--json").stdout)
    assert (told["exact"], told["file_mb"], told["mean_candidates"]) == (True, 0.0, 10.0)


def test_the_same_seed_makes_the_same_list(tmp_path: Path) -> None:
    digests = []
    for at, seed in enumerate((1, 1, 2)):
        made = make_random_list(tmp_path / str(at), 1000, seed)
        opened = ListSet.open([made.folder], MADE, thorough=True)
        assert opened.problems == ()
        digests.append(opened.lists[0].digest)
    assert digests[0] == digests[1] != digests[2]


def test_check_tells_what_each_stage_costs(tmp_path: Path) -> None:
    (tmp_path / "one.jpg").write_bytes(encoded(picture(1, 800, 600), "JPEG"))
    (tmp_path / "notes.txt").write_text("no picture")
    told = json.loads(run("check", tmp_path / "one.jpg", tmp_path / "notes.txt", "--entries", 1000, "--json").stdout)
    (only,) = told["files"]
    assert told["left_out"] == 1
    assert only["megapixels"] == 0.48
    assert all(only[stage] > 0 for stage in STAGES)
    assert only["whole"] > only["decode"] * 0.5
    for looks in ("whole", "quick", "full"):
        assert told[f"{looks}_to_floor"] == only[f"{looks}_to_floor"] > 0


def test_check_times_other_fingerprints_beside_its_own(tmp_path: Path) -> None:
    (tmp_path / "one.jpg").write_bytes(encoded(picture(1, 300, 200), "JPEG"))
    asked = ("check", tmp_path / "one.jpg", "--entries", 10, "--json")
    (only,) = json.loads(run(*asked, "--fingerprint", "dhash").stdout)["files"]
    assert only["fingerprints"]["dhash"] > 0
    (only,) = json.loads(run(*asked).stdout)["files"]
    assert only["fingerprints"] == {}


def test_figures_come_as_lines_of_name_and_value_too() -> None:
    asked = ("lists", "--entries", 10)
    outcome = run(*asked, "--csv")
    rows = dict(csv.reader(io.StringIO(outcome.stdout)))
    assert rows["name"] == "value"
    assert rows["entries"] == "10"
    assert "machine.processor" in rows
    assert "entries\t10" in run(*asked).stdout


def test_ledger_tells_what_a_line_costs_beside_the_check_that_it_is_about(tmp_path: Path) -> None:
    told = json.loads(run("ledger", "--checks", 10, "--entries", 10, "--json", "--work", tmp_path).stdout)
    assert told["lines"] == 12  # switched on, ten links, a picture
    assert told["line_bytes"] > 200
    assert all(told[f"{name}_ms"] > 0 for name in ("link_check", "picture_check", "line", "keep", "verify"))
    assert told["line_to_picture_check"] < told["line_to_link_check"]


def test_log_proofs_of_a_device_take_fewer_bytes_than_those_of_who_kept_a_head_alone() -> None:
    told = json.loads(run("log", "--entries", 3_000, "--checks", 3, "--json").stdout)
    assert told["update_tile_bytes"] <= 256 < told["proof_bytes_most"]
    assert told["install_tile_bytes_most"] < told["tile_bytes_most"]


def test_sealing_tells_what_a_message_a_session_and_the_ratchet_cost(tmp_path: Path) -> None:
    told = json.loads(run("sealing", "--messages", 20, "--json", "--work", tmp_path).stdout)
    assert all(told[f"{stage}_ms"] > 0 for stage in ("screen", "seal", "open", "whole"))
    assert told["whole_p99_ms"] >= told["whole_ms"] >= told["seal_ms"]
    assert told["setups_per_s"] > 0
    assert {"foreseal", "doubleratchet, as shipped"} <= set(told["ratchet"])
    assert all(rate > 0 for both in told["ratchet"].values() for rate in both.values())
    assert list(tmp_path.iterdir()) == []


def test_reports_tell_what_a_proof_a_queue_and_the_way_to_a_device_cost(tmp_path: Path) -> None:
    told = json.loads(run("reports", "--messages", 5, "--queue", 50, "--json", "--work", tmp_path).stdout)
    assert all(told[f"{name}_ms"] > 0 for name in ("frank", "verify", "floor", "open"))
    assert told["report_to_stop_s"] > 0
    assert told["appeal_to_pass_s"] > 0
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_there_is_exit_3(tmp_path: Path) -> None:
    outcome = run("check", tmp_path / "nowhere.jpg", "--entries", 10)
    assert outcome.exit_code == 3
    assert "nowhere.jpg" in outcome.stderr


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.5, 3.0), (0.99, 4.0), (1.0, 4.0)])
def test_a_share_of_the_values_does_not_exceed_it(share: float, value: float) -> None:
    assert at_share([4.0, 1.0, 3.0, 2.0], share) == value


def test_nothing_has_no_median() -> None:
    with pytest.raises(ValueError, match="nothing"):
        at_share([], 0.5)


def test_what_happens_between_calls_happens_before_each() -> None:
    order: list[str] = []
    timed(lambda name: order.append(name), ["a", "b"], between=lambda: order.append("-"))
    assert order == ["-", "a", "-", "b"]
