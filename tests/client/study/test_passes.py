"""Times come in passes: what is said of them, and what is measured again."""

from __future__ import annotations

import dataclasses

import pytest

from foreseal_client.study.cell import Sample
from foreseal_client.study.checked import MAIN_PICTURE
from foreseal_client.study.found.cost import again, costs
from foreseal_client.study.plan import MOST_PASSES, PASSES, Plan

PLAN = Plan(lengths=(10, 1000, 100_000))


def passes(*ms: float, stage: str = "quick looks, whole") -> list[Sample]:
    return [Sample("cost", MAIN_PICTURE, "1000", "", stage, "CPU ms", str(each)) for each in ms]


def test_a_time_is_the_median_of_its_passes_between_the_least_and_the_most() -> None:
    (found,) = costs(passes(9.0, 10.0, 10.5), 1)
    assert (found.value, found.low, found.high, found.n) == (10.0, 9.0, 10.5, 1000)
    assert found.note == "steady: 3 passes within 10%"


@pytest.mark.parametrize(("ms", "note"), [((1.0, 1.0, 1.2), "unsteady: 3 passes within 20%"), ((1.0,), "one pass")])
def test_what_differs_between_passes_and_what_had_one_alone_is_not_called_steady(
    ms: tuple[float, ...], note: str
) -> None:
    assert [found.note for found in costs(passes(*ms), 1)] == [note]


def test_only_what_is_unsteady_is_measured_again_and_not_for_ever() -> None:
    shaky, calm = passes(1.0, 2.0, 3.0), passes(1.0, 1.0, 1.05)
    assert again(shaky) == {(MAIN_PICTURE, "1000")}
    assert not again(calm)
    assert not again(passes(1.0, 9.0, stage="decide"))
    (cell,) = PLAN.again(shaky, PASSES)
    assert (cell.subject, cell.variant) == (MAIN_PICTURE, f"1000 pass {PASSES + 1}")
    assert not PLAN.again(shaky, MOST_PASSES)
    assert not dataclasses.replace(PLAN, quick=True).again(shaky, PASSES)


def test_a_pass_is_over_everything_before_the_next_begins_and_no_cell_is_there_twice() -> None:
    cells = [cell for cell in PLAN.apart() if cell.question == "cost"]
    numbers = [int(cell.variant.split()[-1]) for cell in cells]
    assert numbers == sorted(numbers)
    assert len({cell.key for cell in cells}) == len(cells)
    assert {cell.variant for cell in PLAN.lists()} == {"10", "1000", "100000"}
    assert not Plan(questions=("recall",)).lists()
