"""What the audit trail alone proves of who is an officer and what they agreed on.

The tables say it too, and whoever opens the desk could write into them by other means than this program. Before
anything is proposed, the signatures are counted: one officer cannot be two.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from foreseal_client.desk.audit import Record, Trouble, trouble
from foreseal_client.desk.cases import State
from foreseal_client.desk.rules import Role, Voice, Vote, standing
from foreseal_client.reports.said import Category

__all__ = ["Agreed", "agreed_on", "keys_in"]


class Agreed(msgspec.Struct, frozen=True):
    """What two people say of a case, and of which content (`Case.digest`)."""

    state: State
    category: Category | None = None
    digest: str = ""


def keys_in(trail: Sequence[Record]) -> dict[bytes, str]:
    """The keys of everybody who is or was an officer, with their names, as leads took them in, one after the other.
    The first record is signed by who made the desk. Raises `ValueError` for acts that cannot be read."""
    keys: dict[bytes, str] = {}
    leads: set[bytes] = set()
    for number, one in enumerate(trail):
        act = one.act
        if number == 0:
            keys[act.key] = act.officer
            leads.add(act.key)
        elif act.what == "took in" and act.key in leads:
            name, role, key = act.detail.rsplit(" ", 2)
            keys[bytes.fromhex(key)] = name
            if role == Role.LEAD.value:
                leads.add(bytes.fromhex(key))
    return keys


def agreed_on(trail: Sequence[Record]) -> dict[int, Agreed] | Trouble:
    """What follows for each case from the votes whose signatures hold, or where the trail is broken. Votes count
    together only where they are about the same content. An officer who was taken in twice, under two names, has two
    keys; leads answer for that, and the trail shows it."""
    try:
        keys = keys_in(trail)
    except ValueError as fault:
        return Trouble(1, f"it cannot be read ({fault})")
    found = trouble(trail, keys)
    if found is not None:
        return found
    votes: dict[int, dict[bytes, tuple[str, Vote]]] = {}
    for place, one in enumerate(trail, start=1):
        act = one.act
        if act.what == "vote":
            try:
                voice, category, digest = act.detail.split(" ")
                vote = Vote(act.key.hex(), Voice(voice), Category(category))
            except ValueError:
                return Trouble(place, "it is a vote that cannot be read")
            votes.setdefault(act.case, {})[act.key] = (digest, vote)
    return {case: _together(said.values()) for case, said in votes.items()}


def _together(said: Collection[tuple[str, Vote]]) -> Agreed:
    """What enough of them say of the same content; where they do so of two contents, it waits."""
    about = {digest: standing(vote for of, vote in said if of == digest) for digest in dict(said)}
    settled = [Agreed(*found, digest) for digest, found in about.items() if found[0] is not State.WAITING]
    return settled[0] if len(settled) == 1 else Agreed(State.WAITING)
