"""`--fingerprint`: the family beside PDQ, and what is said of short fingerprints wherever they can match."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from foreseal_client.cli.check import check
from foreseal_client.cli.compare import compare
from foreseal_client.cli.fingerprint import fingerprint
from foreseal_client.cli.fingerprints import BESIDE, EVERY
from foreseal_client.cli.lists import lists
from foreseal_matcher.fingerprints.known import FINGERPRINTS, LISTABLE
from sample_pictures import encoded, picture

COMMANDS = {"check": check, "compare": compare, "fingerprint": fingerprint, "list": lists}


def run(command: str, *arguments: object) -> Result:
    outcome = CliRunner().invoke(COMMANDS[command], [str(argument) for argument in arguments])
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit)
    return outcome


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A picture and a re-saved copy of it."""
    one, copy = tmp_path / "one.png", tmp_path / "copy.jpg"
    one.write_bytes(encoded(picture(1, 400, 300), "PNG"))
    copy.write_bytes(encoded(picture(1, 400, 300).resize((300, 225)), "JPEG"))
    return one, copy


def test_the_names_of_the_option_are_those_of_the_matcher() -> None:
    assert tuple(FINGERPRINTS) == EVERY
    assert LISTABLE == BESIDE


def test_compare_tells_every_fingerprint_with_its_limit(pair: tuple[Path, Path]) -> None:
    told = json.loads(run("compare", *pair, "--json").stdout)["fingerprints"]
    assert tuple(told) == EVERY
    assert {name: each["limit"] for name, each in told.items()} == {n: f.limit for n, f in FINGERPRINTS.items()}
    assert all(each["match"] for each in told.values())


def test_compare_tells_only_what_was_asked_for(pair: tuple[Path, Path]) -> None:
    outcome = run("compare", *pair, "--fingerprint", "dhash", "--fingerprint", "ahash")
    assert [line.split("\t")[0] for line in outcome.stdout.splitlines()] == ["dhash", "ahash"]


def test_compare_says_how_often_short_fingerprints_match_by_chance(pair: tuple[Path, Path]) -> None:
    assert "dhash 0.01 (at 10 of 64 bits)" in run("compare", *pair, "--fingerprint", "dhash").stderr
    assert run("compare", *pair, "--fingerprint", "pdq").stderr == ""


def test_a_featureless_picture_resembles_nothing_by_any_fingerprint(tmp_path: Path) -> None:
    flat = tmp_path / "flat.png"
    flat.write_bytes(encoded(Image.new("RGB", (99, 99), "navy"), "PNG"))
    told = json.loads(run("compare", flat, flat, "--json").stdout)["fingerprints"]
    assert not any(each["match"] for each in told.values())
    assert all(each["distance"] == 0 for each in told.values())


@pytest.mark.parametrize("command", ["check", "compare", "fingerprint"])
def test_a_fingerprint_that_nobody_knows_is_refused(command: str, pair: tuple[Path, Path]) -> None:
    outcome = run(command, *pair, "--fingerprint", "neural")
    assert outcome.exit_code == 2
    assert "neural" in outcome.stderr


def test_fingerprint_prints_further_ones_as_hex_and_none_of_what_is_no_picture(pair: tuple[Path, Path]) -> None:
    notes = pair[0].with_name("notes.txt")
    notes.write_text("nothing")
    outcome = run("fingerprint", pair[0], notes, "--fingerprint", "phash", "--json")
    first, second = (json.loads(line) for line in outcome.stdout.splitlines())
    assert len(bytes.fromhex(first["phash"])) == 8
    assert second["phash"] is None
    line = run("fingerprint", pair[0], "--fingerprint", "phash").stdout
    assert line.rstrip("\n").split("\t")[-1] == first["phash"]


def test_without_imagehash_compare_tells_pdq_and_what_to_install(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "imagehash", None)
    outcome = run("compare", *pair)
    assert outcome.exit_code == 0
    assert [line.split("\t")[0] for line in outcome.stdout.splitlines()] == ["pdq"]
    assert "foreseal[client]" in outcome.stderr
    assert run("fingerprint", pair[0], "--fingerprint", "whash").exit_code == 3


@pytest.fixture
def listing(pair: tuple[Path, Path]) -> Path:
    """A list of the first picture with two short fingerprints."""
    out = pair[0].with_name("list")
    made = run("list", "make", pair[0], "--out", out, "--fingerprint", "dhash", "--fingerprint", "phash")
    assert made.exit_code == 0
    return out


def test_a_check_by_a_short_fingerprint_warns_with_the_number_for_this_list(
    pair: tuple[Path, Path], listing: Path
) -> None:
    asked = run("check", pair[1], "--list", listing, "--fingerprint", "dhash", "--fingerprint", "ahash")
    assert asked.exit_code == 10
    assert "dhash 1e-08 (at 10 of 64 bits)" in asked.stderr
    assert "ahash" not in asked.stderr
    assert run("check", pair[1], "--list", listing).stderr == ""


def test_a_match_by_a_short_fingerprint_is_told_with_its_limit(pair: tuple[Path, Path], tmp_path: Path) -> None:
    cropped = tmp_path / "cropped.png"
    cropped.write_bytes(encoded(picture(1, 400, 300).crop((12, 9, 388, 291)), "PNG"))
    (tmp_path / "only").mkdir()
    made = run("list", "make", pair[0], "--out", tmp_path / "only" / "list", "--fingerprint", "ahash")
    assert made.exit_code == 0
    asked = ("check", cropped, "--list", tmp_path / "only" / "list", "--json")
    assert json.loads(run(*asked).stdout)["verdict"] == "clear"
    told = json.loads(run(*asked, "--fingerprint", "ahash").stdout)
    assert (told["verdict"], told["algorithm"], told["limit"]) == ("match", "ahash", 5)


def test_info_tells_how_many_rows_would_match_by_chance(pair: tuple[Path, Path], listing: Path) -> None:
    told = run("list", "info", listing, "--json")
    assert set(json.loads(told.stdout)["by_chance"]) == {"dhash", "phash"}
    assert "not random" in run("list", "info", listing).stderr
    assert run("list", "make", pair[0], "--out", listing).exit_code == 0
    assert json.loads(run("list", "info", listing, "--json").stdout)["by_chance"] == {}
    assert run("list", "info", listing).stderr == ""


def test_parts_of_a_picture_are_counted_as_rows_of_one_entry(pair: tuple[Path, Path], tmp_path: Path) -> None:
    assert run("list", "make", pair[0], "--out", tmp_path / "list", "--crops").exit_code == 0
    told = json.loads(run("list", "info", tmp_path / "list", "--json").stdout)
    assert (told["entries"], told["counts"]["pdq"]) == (1, 19)


def test_a_list_with_a_fingerprint_that_is_not_installed_is_not_written(
    pair: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "imagehash", None)
    outcome = run("list", "make", pair[0], "--out", tmp_path / "list", "--fingerprint", "ahash")
    assert outcome.exit_code == 2
    assert "foreseal[client]" in outcome.stderr
    assert not (tmp_path / "list").exists()


def test_the_crop_resistant_one_is_no_kind_of_entry(pair: tuple[Path, Path], tmp_path: Path) -> None:
    outcome = run("list", "make", pair[0], "--out", tmp_path / "list", "--fingerprint", "crop-resistant")
    assert outcome.exit_code == 2
