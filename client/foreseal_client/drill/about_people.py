"""Rows about one person who is given another list than everybody else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from foreseal_client.drill.about_lists import did, named
from foreseal_client.drill.cast import LIST_NAME, THRESHOLD, Cast, picture
from foreseal_client.drill.row import Row, Trace
from foreseal_client.transparency.evidence import Evidence
from foreseal_client.transparency.heads import Judgement, judge

__all__ = ["about_people"]

_ANOTHER = picture("city-map", 3)
"""What everybody else's next version has in the place of the poster."""


def about_people(begun: Cast, work: Path) -> Iterator[Row]:
    """With a log that shows both lists to everybody, and with one that shows each its own history; of these, one whose
    person writes to somebody, and one who writes to nobody."""
    yield _logged_once(begun.at_another_place(work / "everybody"), begun.at_another_place(work / "one"))
    everybody, one = begun.at_another_place(work / "the-others"), begun.at_another_place(work / "apart")
    everybody.publish(everybody.rows(_ANOTHER))
    everybody.update()
    one.coerced(THRESHOLD, logged=True)
    refused, stops = one.update(), one.stops()
    found = _compared(one, everybody)
    for who, remains, unseen in (
        ("the threshold and the log, one person gets another list", found, "until somebody writes, all of it"),
        (
            "the same, and that person writes to nobody who follows the log",
            (),
            "all of it: each history holds by itself",
        ),
    ):
        yield Row(who, named(refused), stops, _on_that_device(did(refused, stops=stops)), tuple(remains), (unseen,))


def _logged_once(everybody: Cast, one: Cast) -> Row:
    """The operator is honest: there is one log, and what is brought stands in it, the person's list last."""
    everybody.publish(everybody.rows(_ANOTHER))
    _shown(everybody, one)
    one.coerced(THRESHOLD, logged=True)
    _shown(one, everybody)
    refused, stops = one.update(), one.stops()
    others = everybody.update()
    remains = []
    if others is not None:
        remains.append(Trace(f"their own list refused (`{named(others)}`): the log has a newer one", "everybody else"))
    entry = one.last_logged
    if entry is not None and entry.digest == one.in_force.digest:
        remains.append(Trace("both lists, one after the other, with who signed them", "whoever reads the log"))
    who = "the threshold, one person gets another list, the log's operator is honest"
    return Row(
        who, named(refused), stops, _on_that_device(did(refused, stops=stops)), tuple(remains), ("for whom it was",)
    )


def _compared(one: Cast, other: Cast) -> list[Trace]:
    """What two devices find when their heads meet in a message, whichever writes."""
    found = []
    pairs = ((one, other), (other, one))
    for ours, theirs in ((mine.remembered, yours.remembered) for mine, yours in pairs):
        mine, yours = ours.told, theirs.told
        if mine is None or yours is None or mine.name != LIST_NAME:
            continue
        if judge(mine, ours.history, yours) is Judgement.SPLIT_VIEW:
            evidence = Evidence.between(mine, ours.history, yours)
            evidence.demand()
            found.append(len(evidence.encode()))
    if len(found) < len(pairs):
        return []
    return [
        Trace("two signed heads that do not fit, at the next message", "both who write, and everybody they hand it to")
    ]


def _shown(source: Cast, target: Cast) -> None:
    shutil.rmtree(target.log)
    shutil.copytree(source.log, target.log)


def _on_that_device(done: str) -> str:
    return f"on that device: {done}"
