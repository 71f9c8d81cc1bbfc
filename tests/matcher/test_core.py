"""The compiled core and its plain twins answer the same, bit for bit, and as the vectors say."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foreseal_matcher.core import CHOICE, compiled
from foreseal_matcher.core.library import VERSION, load
from foreseal_matcher.errors import NotInstalled
from foreseal_matcher.fingerprints.pdq import POSITIONS, dihedral, pdq
from foreseal_matcher.index.bands import Band
from foreseal_matcher.index.opening import Index, search_over
from hash_columns import SMALL, buffer, indexed, numbered
from sample_pictures import encoded, picture
from vectors.make_core import luma_of

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "core.json").read_text())
PICTURES = VECTORS["pictures"]
needs_compiled = pytest.mark.skipif(load() is None, reason="the compiled core was not built here")
each_picture = pytest.mark.parametrize("vector", PICTURES, ids=lambda each: f"{each['rows']}x{each['columns']}")


@pytest.mark.usefixtures("each_core")
@each_picture
def test_pixels_give_the_fingerprints_of_the_vectors(vector: dict[str, object]) -> None:
    luma = luma_of(vector)
    assert hashlib.sha256(luma).hexdigest() == vector["sha256"]
    full = (int(str(vector["full_rows"])), int(str(vector["full_columns"])))
    found = dihedral(luma, full)
    assert [each.bits.hex() for each in found] == vector["pdq"]
    assert [each.quality for each in found] == vector["quality"]
    assert found[0] == pdq(luma, full)


@pytest.mark.usefixtures("each_core")
def test_fingerprints_give_the_answers_of_the_vectors() -> None:
    rows = [bytes.fromhex(each["hash"]) for each in VECTORS["list"]]
    ids = [int(each["id"]) for each in VECTORS["list"]]
    column = buffer(rows)
    for index in (indexed(column, SMALL), None):
        search = search_over(column, numbered(ids), index)
        for query in VECTORS["queries"]:
            found = search.nearest(bytes.fromhex(query["hash"]), query["radius"])
            assert (None if found is None else [ids[found.row], found.distance]) == query["nearest"]


@needs_compiled
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    rows=st.integers(1, 700) | st.sampled_from([1, 2, 127, 128, 129, 2047, 2048]),
    columns=st.integers(1, 700) | st.sampled_from([1, 2, 127, 128, 129, 2047, 2048]),
    grown=st.tuples(st.floats(0.1, 40), st.floats(0.1, 40)) | st.none(),
    kind=st.sampled_from(["noise", "flat", "waves", "ramp", "two levels"]),
)
def test_both_give_the_same_bits_and_quality(
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    rows: int,
    columns: int,
    grown: tuple[float, float] | None,
    kind: str,
) -> None:
    numbers = np.random.default_rng(seed)
    down, across = np.ogrid[0:rows, 0:columns]
    level = numbers.integers(256)
    made = {
        "noise": numbers.integers(0, 256, (rows, columns)),
        "flat": np.full((rows, columns), level),
        "waves": 128 + 60 * np.sin(across / (1 + level / 9)) + 60 * np.cos(down / 11),
        "ramp": (down * level + across * 3) // 7 % 256,
        "two levels": numbers.integers(0, 2, (rows, columns)) * level,
    }[kind]
    luma = np.ascontiguousarray(made.astype(np.uint8)).data
    full = None if grown is None else (int(rows * grown[0]), int(columns * grown[1]))
    answers = []
    for choice in ("plain", "compiled"):
        monkeypatch.setenv(CHOICE, choice)
        answers.append((pdq(luma, full), dihedral(luma, full)))
    assert answers[0] == answers[1]


@pytest.mark.usefixtures("each_core")
@pytest.mark.parametrize(("rows", "columns"), [(512, 512), (384, 512), (401, 300)])
def test_the_eight_positions_are_exactly_those_of_the_turned_picture(rows: int, columns: int) -> None:
    luma = np.asarray(picture(21, columns, rows).convert("L"))
    turned = {
        "plain": luma,
        "mirrored": luma[:, ::-1],
        "flipped": luma[::-1],
        "turned 180": luma[::-1, ::-1],
        "transposed": luma.T,
        "turned 270": np.rot90(luma),
        "turned 90": np.rot90(luma, -1),
        "transposed, turned 180": luma[::-1, ::-1].T,
    }
    found = dihedral(luma.data)
    assert len({each.bits for each in found}) == 8
    for name, one in zip(POSITIONS, found, strict=True):
        assert one == pdq(np.ascontiguousarray(turned[name]).data), name


def test_the_environment_chooses_the_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHOICE, "plain")
    assert compiled() is None
    monkeypatch.setenv(CHOICE, "quantum")
    with pytest.raises(NotInstalled, match="quantum"):
        compiled()


@needs_compiled
def test_a_library_that_answers_another_version_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foreseal_matcher.core.library.VERSION", VERSION + 1)
    assert load() is None


def test_a_file_that_is_no_library_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foreseal_matcher.core.library.__file__", str(tmp_path / "library.py"))
    assert load() is None
    for suffix in (".so", ".abi3.so", ".pyd"):
        (tmp_path / f"_foreseal_core{suffix}").write_bytes(b"no library")
    assert load() is None


@needs_compiled
@pytest.mark.parametrize("luma", [b"", b"1234", b"12345"])
def test_luma_of_another_size_than_said_is_refused(luma: bytes) -> None:
    core = load()
    assert core is not None
    with pytest.raises(ValueError, match="luma"):
        core.pdq(luma, 3, (0, 0, 2, 3), (2, 3), 1)


@needs_compiled
def test_bands_that_no_index_may_have_are_refused_by_the_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHOICE, "compiled")
    column = buffer([bytes(32)] * 4)
    body = memoryview(bytearray(4096))
    for bands in ((Band(29, 1),), (Band(8, 3),), (Band(0, 1),), (Band(27, 0),) * 10, (Band(28, 2),) * 8):
        with pytest.raises(ValueError, match="refuses"):
            search_over(column, numbered([1, 2, 3, 4]), Index(bands, body)).within(bytes(32), 31)


CHECK = """
import base64, sys
from datetime import date
from pathlib import Path
from foreseal_matcher import Bytes, ListSet, screen
lists = ListSet.open([Path(sys.argv[1])], date.fromisoformat(sys.argv[2]))
lists.nearest(bytes(32), 31)
assert "PIL" not in sys.modules
verdict = screen(Bytes(base64.b64decode(sys.stdin.read())), lists).verdict
print(type(verdict).__name__, "numpy" in sys.modules)
"""


@needs_compiled
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "I;16"])
def test_from_start_to_first_answer_numpy_is_not_loaded(list_folder: Path, mode: str) -> None:
    made = picture(100, 400, 300)
    if mode == "RGBA":
        made.putalpha(200)
    elif mode == "I;16":
        made = made.convert("L").convert("I").point(lambda level: level * 257 + 0).convert("I;16")
    else:
        made = made.convert(mode)
    ran = subprocess.run(
        [sys.executable, "-c", CHECK, str(list_folder), str(date(2026, 11, 22))],
        input=base64.b64encode(encoded(made, "PNG")),
        capture_output=True,
        check=True,
        env={**os.environ, CHOICE: "compiled"},
    )
    assert ran.stdout.split() in ([b"Match", b"False"], [b"Clear", b"False"])


@needs_compiled
@pytest.mark.parametrize(("looks", "numpy"), [("PLAIN", b"False"), ("QUICK", b"False"), ("FULL", b"True")])
def test_only_looks_beyond_the_positions_load_numpy(looks: str, numpy: bytes) -> None:
    program = f"""
import sys
from foreseal_matcher import Looks
from foreseal_matcher.decode import Look
from foreseal_matcher.looks import seen
luma = memoryview(bytes(x * y % 251 for x in range(1, 61) for y in range(1, 81))).cast("B", shape=(60, 80))
assert list(seen(Look(luma, (60, 80), 0, "plain"), Looks.{looks}))
print("numpy" in sys.modules)
"""
    environment = {**os.environ, CHOICE: "compiled"}
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, env=environment)
    assert ran.stdout.split() == [numpy]
