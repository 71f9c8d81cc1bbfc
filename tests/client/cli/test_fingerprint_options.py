"""`--fingerprint`: the family beside PDQ, and what is said of short fingerprints wherever they can match."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from foreseal_client.cli.compare import compare
from foreseal_client.cli.fingerprint import fingerprint
from foreseal_client.cli.fingerprints import BESIDE, EVERY, chance_of, chance_warning
from foreseal_matcher.fingerprints.known import FINGERPRINTS, LISTABLE
from sample_pictures import encoded, picture

COMMANDS = {"compare": compare, "fingerprint": fingerprint}


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
    assert "dhash at 10 of 64 bits 0.01" in run("compare", *pair, "--fingerprint", "dhash").stderr
    assert run("compare", *pair, "--fingerprint", "pdq").stderr == ""


def test_a_featureless_picture_resembles_nothing_by_any_fingerprint(tmp_path: Path) -> None:
    flat = tmp_path / "flat.png"
    flat.write_bytes(encoded(Image.new("RGB", (99, 99), "navy"), "PNG"))
    told = json.loads(run("compare", flat, flat, "--json").stdout)["fingerprints"]
    assert not any(each["match"] for each in told.values())
    assert all(each["distance"] == 0 for each in told.values())


@pytest.mark.parametrize("command", COMMANDS)
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


def test_the_warning_counts_by_the_length_of_the_list() -> None:
    assert chance_of("phash", 3_000_000) == "phash at 5 of 64 bits 1e-06"
    assert "Of 12 random entries" in chance_warning(["dhash"], 12)


def test_without_imagehash_compare_tells_pdq_and_what_to_install(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "imagehash", None)
    outcome = run("compare", *pair)
    assert outcome.exit_code == 0
    assert [line.split("\t")[0] for line in outcome.stdout.splitlines()] == ["pdq"]
    assert "foreseal[client]" in outcome.stderr
    assert run("fingerprint", pair[0], "--fingerprint", "whash").exit_code == 3
