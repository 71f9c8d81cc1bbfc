"""The border around a picture: both cores find it to the line, and see what is inside as if it had been cut out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from foreseal_matcher.border import inside_border, without_border
from foreseal_matcher.core import CHOICE
from foreseal_matcher.core.library import load
from foreseal_matcher.fingerprints.pdq import Part, both_ways, pdq
from sample_pictures import picture

each_core = pytest.mark.usefixtures("each_core")
needs_compiled = pytest.mark.skipif(load() is None, reason="the compiled core was not built here")
Luma = NDArray[np.uint8]


def noise(rows: int, columns: int, seed: int = 1) -> Luma:
    return np.random.default_rng(seed).integers(0, 256, (rows, columns), dtype=np.uint8)


def framed(inside: Luma, *, above: int = 0, left: int = 0, below: int = 0, right: int = 0, level: int = 200) -> Luma:
    return np.pad(inside, ((above, below), (left, right)), constant_values=level)


@each_core
def test_what_lies_inside_is_found_to_the_line_and_one_line_further_in() -> None:
    luma = framed(noise(90, 120), above=7, left=11, below=20, right=5)
    assert inside_border(luma.data) == Part(8, 12, 7 + 90 - 1, 11 + 120 - 1)


@each_core
@pytest.mark.parametrize("side", ["above", "left", "below", "right"])
def test_a_single_line_of_one_colour_at_any_edge_is_a_border(side: str) -> None:
    assert inside_border(noise(40, 60).data) is None
    inside = inside_border(framed(noise(40, 60), **{side: 1}).data)
    assert inside is not None
    assert (inside.bottom - inside.top, inside.right - inside.left) in ((39, 60), (40, 59))


@each_core
def test_a_frame_around_a_frame_comes_off_with_it() -> None:
    inner = framed(noise(60, 60), above=5, left=5, below=5, right=5, level=10)
    assert inside_border(framed(inner, above=9, left=9, below=9, right=9).data) == Part(15, 15, 73, 73)


@each_core
def test_letters_in_a_border_are_stepped_over_where_they_are_few_lines() -> None:
    luma = framed(noise(200, 200), above=30)
    luma[10:13, 20:100] = 0
    assert inside_border(luma.data) == Part(31, 0, 230, 200)
    luma[10:15, 20:100] = 0
    assert inside_border(luma.data) == Part(11, 0, 230, 200)


@each_core
@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_picture_of_one_colour_is_no_border_around_nothing(level: int) -> None:
    assert inside_border(np.full((50, 50), level, dtype=np.uint8).data) is None


@each_core
def test_levels_at_the_limit_are_of_the_borders_colour_and_one_beyond_are_not() -> None:
    luma = noise(40, 100)
    luma[0] = 100
    luma[0, :50:2] = 112
    assert inside_border(luma.data) is not None
    luma[0, :50:2] = 113
    assert inside_border(luma.data) is None


@needs_compiled
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    shape=st.tuples(st.integers(1, 90), st.integers(1, 90)) | st.sampled_from([(700, 40), (40, 1100), (2, 1)]),
    frame=st.tuples(*[st.integers(0, 12)] * 4),
    level=st.integers(0, 255),
    spread=st.integers(0, 30),
    written=st.integers(0, 9),
)
def test_both_cores_find_the_same_border(
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    shape: tuple[int, int],
    frame: tuple[int, int, int, int],
    level: int,
    spread: int,
    written: int,
) -> None:
    numbers = np.random.default_rng(seed)
    above, left, below, right = frame
    luma = framed(noise(*shape, seed), above=above, left=left, below=below, right=right, level=level).astype(np.int64)
    edge = numbers.integers(0, luma.shape[0])
    luma[edge : edge + written] = numbers.integers(0, 256)
    # Around the limit of what counts as one colour, so that both round and compare alike there.
    luma = np.clip(luma + numbers.integers(-spread, spread + 1, luma.shape) // 2, 0, 255).astype(np.uint8)
    answers = []
    for choice in ("plain", "compiled"):
        monkeypatch.setenv(CHOICE, choice)
        answers.append(inside_border(np.ascontiguousarray(luma).data))
    assert answers[0] == answers[1]


@each_core
@pytest.mark.parametrize("part", [Part(0, 0, 300, 400), Part(10, 30, 290, 400), Part(100, 0, 101, 1)])
def test_a_part_has_the_fingerprints_of_the_same_pixels_cut_out(part: Part) -> None:
    luma = np.asarray(picture(3, 400, 300).convert("L"))
    cut = np.ascontiguousarray(luma[part.top : part.bottom, part.left : part.right])
    full = (cut.shape[0] * 4, cut.shape[1] * 4)
    found = both_ways(np.ascontiguousarray(luma).data, (1200, 1600), part)
    assert found == (pdq(cut.data, full), pdq(np.ascontiguousarray(cut[:, ::-1]).data, full))


@each_core
@pytest.mark.parametrize("part", [Part(0, 0, 31, 40), Part(0, 0, 30, 41), Part(5, 0, 5, 40), Part(-1, 0, 30, 40)])
def test_a_part_that_is_not_inside_is_refused(part: Part) -> None:
    with pytest.raises(ValueError, match="part"):
        both_ways(noise(30, 40).data, (30, 40), part)


@each_core
def test_an_uneven_border_is_also_taken_off_as_wide_as_where_it_is_narrowest() -> None:
    luma = framed(noise(90, 120), above=4, left=4, below=30, right=4)
    parts = dict(without_border(luma.data, (luma.shape[0] * 2, luma.shape[1] * 2)))
    assert parts == {"border off": Part(5, 5, 93, 123), "even border off": Part(5, 5, 119, 123)}


@each_core
def test_what_is_left_of_hardly_anything_is_not_looked_at() -> None:
    luma = framed(noise(10, 100), above=80)
    assert inside_border(luma.data) is not None
    assert list(without_border(luma.data, (90, 100))) == []
