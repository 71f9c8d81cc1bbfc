"""The coercion drill: each row is what publishers, a log, a desk and devices did, and stands in the manual."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from foreseal_client.cli.study import study
from foreseal_client.drill.cast import ENDORSERS, THRESHOLD
from foreseal_client.drill.row import Row, Trace, as_table

MANUAL = Path(__file__).parents[3] / "docs" / "reports.md"


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    """One run, by the command."""
    told = CliRunner().invoke(study, ["drill", "--json"])
    assert told.exit_code == 0, told.output
    found = [json.loads(line) for line in told.stdout.splitlines()]
    return {
        one["bent"]: Row(**{**one, "remains": tuple(Trace(**each) for each in one["remains"]),
                            "unseen": tuple(one["unseen"])})
        for one in found
    }  # fmt: skip


def test_two_forms_at_once_are_refused_before_anything_is_played() -> None:
    told = CliRunner().invoke(study, ["drill", "--json", "--markdown"])
    assert (told.exit_code, told.stdout) == (2, "")


def remains(row: Row) -> str:
    return "; ".join(f"{one.what} {one.by}" for one in row.remains)


def test_the_manual_has_the_table_that_a_run_makes(rows: dict[str, Row]) -> None:
    assert as_table(rows.values()) in MANUAL.read_text()


def test_nobody_stops_the_poster_but_enough_endorsers_whose_list_is_logged_and_a_configuration(
    rows: dict[str, Row],
) -> None:
    stopping = [who for who, row in rows.items() if row.stops]
    assert len(stopping) == 6
    assert all("the threshold" in who or who.startswith(("the same", "a policy", "an appeal")) for who in stopping)
    assert all("log" in who or "configuration" in who or "appeal" in who for who in stopping)


@pytest.mark.parametrize("operator", [", the log's operator is honest", ", and the log's operator"])
@pytest.mark.parametrize(("who", "colluding"), [("one endorser", 1), ("threshold - 1 endorsers (2 of 5)", 2)])
def test_fewer_than_the_threshold_are_refused_with_the_log_or_without_and_leave_their_names(
    rows: dict[str, Row], who: str, colluding: int, operator: str
) -> None:
    row = rows[who + operator]
    assert (row.refusal, row.stops) == ("not-endorsed", False)
    assert all(name in remains(row) for name in ENDORSERS[:colluding])
    assert not any(name in remains(row) for name in ENDORSERS[colluding:])
    assert "the other endorsers" in remains(row)
    assert (f"names {colluding} of {THRESHOLD}" in remains(row)) == operator.startswith(", and")


def test_the_threshold_is_refused_while_the_log_is_not_told_and_obeyed_when_it_is(rows: dict[str, Row]) -> None:
    silent = rows["the threshold, and the log's operator is honest and not told"]
    assert (silent.refusal, silent.stops) == ("not-logged", False)
    logged = rows["the threshold, and it is logged for all to see"]
    assert (logged.refusal, logged.stops) == ("", True)
    assert all(name in remains(logged) for name in ENDORSERS[:THRESHOLD])
    assert "1 more in known" in remains(logged)


def test_all_endorsers_together_stop_at_a_fence_under_a_category_that_is_new(rows: dict[str, Row]) -> None:
    row = rows["all endorsers and the log, under a category that is new"]
    assert (row.refusal, row.stops) == ("new-scope", False)
    assert "category:posters" in remains(row)


def test_a_list_for_one_person_shows_in_an_honest_log_and_in_a_message_and_nowhere_else(rows: dict[str, Row]) -> None:
    honest = rows["the threshold, one person gets another list, the log's operator is honest"]
    assert "not-logged" in remains(honest)
    split = rows["the threshold and the log, one person gets another list"]
    assert "two signed heads" in remains(split)
    alone = rows["the same, and that person writes to nobody who follows the log"]
    assert alone.remains == ()
    assert honest.stops
    assert split.stops
    assert alone.stops


def test_a_list_tightens_no_policy_and_a_configuration_does_and_it_shows_on_the_device_alone(
    rows: dict[str, Row],
) -> None:
    by_list = rows["a policy tightened from afar, by a list"]
    assert (by_list.stops, by_list.devices) == (False, "keep their own")
    row = rows["a policy tightened from afar, by whoever runs the device's configuration"]
    assert (row.stops, [one.by for one in row.remains]) == (True, ["whoever has the device"])


def test_one_officer_proposes_nothing_and_two_put_nothing_in_force(rows: dict[str, Row]) -> None:
    assert rows["one officer"].devices.startswith("nothing is proposed")
    assert rows["two officers"].devices == "nothing yet: it is proposed"
    assert not rows["one officer"].stops
    assert not rows["two officers"].stops
    assert rows["an appeal about the poster is dismissed by two"].devices == "go on stopping it"
