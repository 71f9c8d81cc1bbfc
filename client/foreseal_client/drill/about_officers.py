"""Rows about the officers of a desk: one, two, and two who dismiss an appeal that is right."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from foreseal_client.desk.audit import Record
from foreseal_client.desk.cases import Kind, State
from foreseal_client.desk.listing import Proposal, propose
from foreseal_client.desk.room import Desk
from foreseal_client.desk.rules import Role, Voice
from foreseal_client.desk.tips import tip_file
from foreseal_client.drill.cast import LIST_NAME, POSTER, Cast
from foreseal_client.drill.row import Row, Trace
from foreseal_client.reports.said import Appeal, Category
from foreseal_client.sealing.passphrases import Stretching
from foreseal_matcher.lists import HashList, Purpose

__all__ = ["about_appeals", "about_officers"]

_OFFICERS = ("lena", "rolf")
_quick = partial(Stretching.fresh, 1, 8192)
"""What a passphrase costs is no part of this."""


def about_officers(begun: Cast, work: Path) -> Iterator[Row]:
    """The poster is brought to a desk. One officer agrees and writes into the tables that it is decided; then the
    second agrees, too."""
    here = begun.at_another_place(work / "desk-and-device")
    folder, listed, poster = work / "desk", work / "desk-list", work / "poster.png"
    poster.write_bytes(POSTER)
    desk = _made(folder, here)
    case = tip_file(desk, poster, Category.OTHER)
    desk.vote(case, Voice.AGREE)
    with desk.tables.transaction():
        desk.tables.move(case, State.CONFIRMED, Category.OTHER, decided=desk.now)
    alone = propose(desk, listed, name=LIST_NAME, purpose=Purpose.SYNTHETIC)
    votes = _votes(desk.tables.trail(), case)
    desk.close()
    yield Row(
        "one officer", "", here.stops(),
        "nothing is proposed, whatever stands in the tables" if not isinstance(alone, Proposal) else "it is proposed",
        (Trace(f"{votes} signed vote, in the trail", "everybody at the desk"),),
        ("that the officer looked, and told somebody",),
    )  # fmt: skip
    desk = _opened(folder, _OFFICERS[1], here)
    desk.vote(case, Voice.AGREE)
    desk.close()
    desk = _opened(folder, _OFFICERS[0], here)
    both = propose(desk, listed, name=LIST_NAME, purpose=Purpose.SYNTHETIC)
    votes = _votes(desk.tables.trail(), case)
    desk.close()
    proposed = isinstance(both, Proposal) and HashList.of_any_age(listed).entries == len(both.added)
    yield Row(
        "two officers", "", here.stops(), "nothing yet: it is proposed" if proposed else "nothing is proposed",
        (Trace(f"{votes} signed votes, in the trail", "everybody at the desk"),
         Trace("the proposal", "every endorser who is asked")), ("why they agreed",),
    )  # fmt: skip


def about_appeals(stopping: Cast, work: Path) -> Iterator[Row]:
    """The poster is in force; somebody appeals, and two officers dismiss it. `stopping`: where it is."""
    folder = work / "desk-of-appeals"
    desk = _made(folder, stopping)
    said = Appeal("wrongly-listed", "it is a poster", LIST_NAME, stopping.in_force.version, 2)
    with desk.tables.transaction():
        case = desk.tables.put_case(
            secrets.token_bytes(16), Kind.APPEAL, Category.OTHER, desk.now, said, (), listable=True, entry=said.entry
        )
    state = desk.vote(case, Voice.DISMISS)
    desk.close()
    desk = _opened(folder, _OFFICERS[1], stopping)
    state = desk.vote(case, Voice.DISMISS)
    votes = _votes(desk.tables.trail(), case)
    desk.close()
    stops = stopping.stops()
    yield Row(
        "an appeal about the poster is dismissed by two", "", stops,
        "go on stopping it" if stops and state is State.DISMISSED else "let it pass",
        (Trace(f"{votes} signed votes, in the trail", "everybody at the desk"),),
        ("that the appeal was right; whoever appealed hears nothing",),
    )  # fmt: skip


def _made(folder: Path, here: Cast) -> Desk:
    lead, second = _OFFICERS
    desk = Desk.make(
        folder, name="Desk", relay="http://127.0.0.1:1", lead=lead, passphrase=lead, clock=here.now.timestamp,
        stretching=_quick(),
    )  # fmt: skip
    desk.add_officer(second, Role.REVIEWER, second, _quick())
    return desk


def _opened(folder: Path, officer: str, here: Cast) -> Desk:
    return Desk.open(folder, officer=officer, passphrase=officer, clock=here.now.timestamp)


def _votes(trail: list[Record], case: int) -> int:
    return sum(one.act.what == "vote" and one.act.case == case for one in trail)
