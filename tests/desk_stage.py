"""A desk with two officers at a relay, for tests. Its passphrases cost next to nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from foreseal_client.desk.room import Desk
from foreseal_client.desk.rules import Role, Voice
from foreseal_client.reports.said import Category
from sample_stores import CHEAP

__all__ = ["CHEAP", "LEAD", "NOW", "REVIEWER", "agree", "at", "new_desk"]

LEAD, REVIEWER = "lena", "rolf"
NOW = 1_900_000_000


def new_desk(folder: Path, relay: str = "http://127.0.0.1:1", clock: Callable[[], float] = time.time) -> None:
    """A desk with a lead and a reviewer, closed again."""
    desk = Desk.make(
        folder, name="The desk", relay=relay, lead=LEAD, passphrase=f"of {LEAD}", clock=clock, stretching=CHEAP
    )
    try:
        assert desk.add_officer(REVIEWER, Role.REVIEWER, f"of {REVIEWER}", CHEAP) is None
    finally:
        desk.close()


def at(folder: Path, officer: str = LEAD, clock: Callable[[], float] = time.time) -> Desk:
    """The desk with this officer at it."""
    return Desk.open(folder, officer=officer, passphrase=f"of {officer}", clock=clock)


def agree(folder: Path, case: int, category: Category | None = None, clock: Callable[[], float] = time.time) -> None:
    """Both officers, one after the other, agree on a case."""
    for officer in (LEAD, REVIEWER):
        desk = at(folder, officer, clock)
        desk.vote(case, Voice.AGREE, category)
        desk.close()
