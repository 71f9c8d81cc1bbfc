"""When two people have agreed. Pure rules: votes in, a state out."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import msgspec

from foreseal_client.desk.cases import Case, State
from foreseal_client.reports.said import Category

__all__ = ["AGREEING", "OPEN", "Denied", "Role", "Voice", "Vote", "denied", "standing"]

AGREEING: Final = 2
"""Different people who have to say the same of a case, category included."""
OPEN: Final = frozenset({State.WAITING, State.CONFIRMED, State.DISMISSED})
"""States in which a vote can still change something: until it is proposed, two who think again may undo it."""


class Role(StrEnum):
    """What an officer may do. A lead may do all that a reviewer may."""

    REVIEWER = "reviewer"
    """Looks, writes notes, votes."""
    LEAD = "lead"
    """Also takes officers in and out, and proposes what was agreed on."""


class Voice(StrEnum):
    """What an officer says of a case."""

    AGREE = "agree"
    """To list it; of an appeal, to take the entry off."""
    DISMISS = "dismiss"


class Vote(msgspec.Struct, frozen=True, array_like=True):
    """The last word of one officer on one case."""

    officer: str
    voice: Voice
    category: Category


class Denied(StrEnum):
    """Why a vote or an act was not taken."""

    NO_SUCH_CASE = "there is no such case"
    SETTLED = "it was proposed, withdrawn or taken back already, and votes change nothing any more"
    NOT_PROVEN = "nothing in it is proven, so it cannot be listed; it can be dismissed"
    NOT_A_LEAD = "only a lead may do this"


def denied(case: Case | None, voice: Voice) -> Denied | None:
    """Why this vote on this case is not taken; None where it is."""
    if case is None:
        return Denied.NO_SUCH_CASE
    if case.state not in OPEN:
        return Denied.SETTLED
    return Denied.NOT_PROVEN if voice is Voice.AGREE and not case.listable else None


def standing(votes: Iterable[Vote]) -> tuple[State, Category | None]:
    """What follows from the last words of all officers: confirmed with the category agreed on, dismissed, or waiting.
    Where as many agree on two things at once, it waits."""
    found: dict[tuple[Voice, Category | None], set[str]] = {}
    for vote in votes:
        # What something is called matters only where it is listed under that name.
        said = (vote.voice, vote.category if vote.voice is Voice.AGREE else None)
        found.setdefault(said, set()).add(vote.officer)
    agreed = [said for said, officers in found.items() if len(officers) >= AGREEING]
    if len(agreed) != 1:
        return State.WAITING, None
    voice, category = agreed[0]
    return (State.CONFIRMED, category) if voice is Voice.AGREE else (State.DISMISSED, None)
