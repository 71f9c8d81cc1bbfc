"""The whole drill, from the first row to the last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from foreseal_client.drill.about_lists import about_lists
from foreseal_client.drill.about_officers import about_appeals, about_officers
from foreseal_client.drill.about_people import about_people
from foreseal_client.drill.about_policies import about_policies
from foreseal_client.drill.cast import THRESHOLD, Cast
from foreseal_client.drill.row import Row

__all__ = ["run_drill"]


def run_drill(work: Path) -> Iterator[Row]:
    """Every row, each played in folders of its own below the empty folder `work`. Raises `OSError`."""
    begun = Cast.begun(work / "begun")
    yield from about_officers(begun, work)
    yield from about_lists(begun, work)
    yield from about_people(begun, work)
    yield from about_policies(begun, work)
    stopping = begun.at_another_place(work / "stopping")
    stopping.coerced(THRESHOLD, logged=True)
    stopping.update()
    yield from about_appeals(stopping, work)
