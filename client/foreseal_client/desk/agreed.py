"""What the audit trail alone proves of who is an officer and what they agreed on.

The tables say it too, and whoever opens the desk could write into them by other means than this program. Before
anything is proposed, the signatures are counted: one officer cannot be two.
"""

from __future__ import annotations

from collections.abc import Sequence

from foreseal_client.desk.audit import Record, Trouble, trouble
from foreseal_client.desk.cases import State
from foreseal_client.desk.rules import Role, Voice, Vote, standing
from foreseal_client.reports.said import Category

__all__ = ["agreed_on", "keys_in"]


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


def agreed_on(trail: Sequence[Record]) -> dict[int, tuple[State, Category | None]] | Trouble:
    """What follows for each case from the votes whose signatures hold, or where the trail is broken. An officer who
    was taken in twice, under two names, has two keys; leads answer for that, and the trail shows it."""
    try:
        keys = keys_in(trail)
    except ValueError as fault:
        return Trouble(1, f"it cannot be read ({fault})")
    found = trouble(trail, keys)
    if found is not None:
        return found
    votes: dict[int, dict[bytes, Vote]] = {}
    for one in trail:
        act = one.act
        if act.what == "vote":
            voice, category = act.detail.split(" ")
            votes.setdefault(act.case, {})[act.key] = Vote(act.key.hex(), Voice(voice), Category(category))
    return {case: standing(said.values()) for case, said in votes.items()}
