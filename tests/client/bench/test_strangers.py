"""`foreseal bench strangers`: a list made of one half of the photographs, and harmless pictures held against it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageChops

from foreseal_client.bench.strangers import measure_strangers
from foreseal_client.cli.bench import bench
from foreseal_client.pictures.hard_negatives import DRAWN, OVER_PHOTOGRAPHS
from foreseal_client.pictures.harmless import PART
from foreseal_matcher.fingerprints.pdq import MATCH_AT
from sample_pictures import encoded, picture

FILES = {f"{seed}.png": encoded(picture(seed, 2 * PART, PART), "PNG") for seed in range(6)}


def run(folder: Path, *arguments: str) -> Result:
    outcome = CliRunner().invoke(bench, ["strangers", "--photos", str(folder), *arguments])
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit)
    return outcome


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_it_tells_every_kind_and_the_list_is_half_the_photographs_in_parts(folder: Path) -> None:
    told = json.loads(run(folder, "--each", "2", "--fingerprint", "ahash", "--json").stdout)
    assert (told["photographs"], told["parts"], told["limit"]) == (6, 6, 5)
    assert {one["kind"] for one in told["strangers"]} >= {"photographs", "parts", *OVER_PHOTOGRAPHS, "documents"}
    assert told["entries"] <= told["parts"]


def test_pictures_that_are_no_strangers_are_told_as_stopped() -> None:
    same = dict.fromkeys("abcd", FILES["1.png"])
    report = measure_strangers(same, 1, 2)
    parts = next(one for one in report.strangers if one.kind == "parts")
    assert (report.parts, report.entries, report.limit) == (4, 2, MATCH_AT)
    assert (parts.stopped, parts.nearest, parts.alike, parts.nearest_alike) == (4, 0, 4, 0)


def test_the_same_seed_gives_the_same_figures() -> None:
    first, second = (measure_strangers(FILES, 3, 2, "dhash") for _ in range(2))
    assert first == second
    assert {one.upper for one in first.strangers if one.kind == "photographs"} == {1.0}


def test_lines_for_reading_tell_the_list_and_every_kind(folder: Path) -> None:
    lines = run(folder, "--each", "2", "--fingerprint", "dhash").stdout.splitlines()
    assert lines[0].startswith("list\t")
    assert any(line.startswith("documents\tplain\t") for line in lines)


@pytest.mark.parametrize("content", [b"no picture", encoded(Image.new("RGB", (200, 200), "navy"), "PNG")])
def test_what_cannot_be_cut_into_parts_that_tell_anything_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    (tmp_path / "b.png").write_bytes(content)
    outcome = run(tmp_path, "--each", "2")
    assert outcome.exit_code == 2
    assert "two photographs" in outcome.stderr


def test_a_fingerprint_that_no_list_holds_is_refused(folder: Path) -> None:
    assert run(folder, "--fingerprint", "crop-resistant").exit_code == 2
    with pytest.raises(ValueError, match="crop-resistant"):
        measure_strangers(FILES, 1, 2, "crop-resistant")


@pytest.mark.parametrize("kind", DRAWN)
def test_a_kind_that_is_drawn_is_the_same_from_the_same_chance_and_another_from_another(kind: str) -> None:
    first, again, other = (DRAWN[kind](random.Random(seed)) for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes()
    assert ImageChops.difference(first, other).getbbox() is not None


@pytest.mark.parametrize("kind", OVER_PHOTOGRAPHS)
def test_a_kind_over_photographs_shows_the_photograph(kind: str) -> None:
    shown = [OVER_PHOTOGRAPHS[kind](picture(seed), random.Random(1)) for seed in (1, 2)]
    assert ImageChops.difference(*shown).getbbox() is not None
