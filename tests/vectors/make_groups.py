"""Writes `groups.json`: states as they travel, what holds among sets of them, states that are refused, and what letters
say about groups.

Run it when the protocol gains something: `python tests/vectors/make_groups.py`. What is there already must not change
within a version of the protocol; the diff shows whether it did.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from foreseal_client.groups.changes import Add, Leave, MakeAdmin, Remove, Rename  # noqa: E402
from foreseal_client.groups.letters import Way, asking, in_group, parts_with  # noqa: E402
from foreseal_client.groups.log import GroupLog  # noqa: E402
from foreseal_client.groups.state import SignedState  # noqa: E402
from group_people import extended, forged, founded, made, people  # noqa: E402

ALICE, BOB, CAROL, DAN, ERIN = people(5)
FIRST: Final = founded(ALICE, BOB, CAROL, DAN)


def cases() -> dict[str, tuple[list[SignedState], GroupLog]]:
    """Sets of states, and the log that has them."""
    bob_in_office = made(ALICE, GroupLog.begin(FIRST), MakeAdmin(BOB.id))
    log = extended(GroupLog.begin(FIRST), bob_in_office)
    carol_in_office = made(ALICE, log, MakeAdmin(CAROL.id))
    office = extended(log, carol_in_office)
    begun = [FIRST, bob_in_office, carol_in_office]
    runs, swims = made(ALICE, office, Rename("Runs")), made(BOB, office, Rename("Swims"))
    longer = made(BOB, extended(office, swims), Add(ERIN.member))
    no_dan, no_carol = made(BOB, office, Remove(DAN.id)), made(BOB, office, Remove(CAROL.id))
    back = made(CAROL, office, Remove(DAN.id))
    alone = made(CAROL, extended(office, runs), Add(ERIN.member))
    left = made(ALICE, office, Leave())
    after = made(BOB, extended(office, left), Rename("Without Alice"))
    otherwise = made(ALICE, office, Remove(BOB.id))
    goes, comes = made(DAN, office, Leave()), made(CAROL, office, Add(ERIN.member))
    settled = made(ALICE, extended(office, runs, no_dan), Rename("Settled"))
    sets = {
        "one after another": [*begun, runs],
        "the more senior admin's holds": [*begun, runs, swims],
        "length does not matter": [*begun, runs, swims, longer],
        "a removal that lost puts out": [*begun, runs, no_dan],
        "until an admin confirms it": [*begun, runs, no_dan, settled],
        "who was removed cannot undo it from the past": [*begun, no_carol, back],
        "who was put out is not followed alone": [*begun, runs, no_carol, alone],
        "leaving is a last word": [*begun, left, after, otherwise],
        "leaving counts though it lost": [*begun, comes, goes],
    }
    return {name: (states, extended(GroupLog.begin(FIRST), *states[1:])) for name, states in sets.items()}


def refused() -> dict[str, tuple[SignedState, SignedState]]:
    """States that their author signed and may not make, each with the one that it names."""
    log = cases()["one after another"][1]
    tip = log.agreed.chain[2]

    def by(author: Any, **changes: object) -> tuple[SignedState, SignedState]:
        state = forged(tip, **{"version": 3, "before": tip.hash, "author": author.id} | changes)
        return tip, author.sign(state)

    members = tip.state.members
    return {
        "a member names the group": by(DAN, name="Dan's"),
        "an admin removes a more senior one": by(BOB, members=members[1:], admins=(BOB.id, CAROL.id)),
        "an admin puts itself first": by(CAROL, admins=(CAROL.id, ALICE.id, BOB.id)),
        "somebody outside lets themselves in": by(ERIN, members=(*members, ERIN.member)),
        "who leaves renames the group": by(DAN, members=members[:3], name="Dull"),
        "the number is skipped": by(ALICE, version=4),
    }


def main() -> None:
    """Writes the file beside this one."""
    sets = cases()
    log = sets["one after another"][1]
    parts = {
        "message": in_group(log),
        "states": parts_with(log, [FIRST], [Way(BOB.id, bytes(range(32)))])[0],
        "question": asking(FIRST.state.group, FIRST.hash),
    }
    vectors = {
        "seeds": {one.name: one.keys.identity.hex() for one in (ALICE, BOB, CAROL, DAN, ERIN)},
        "states": {known.hash.hex(): known.packed.hex() for states, _ in sets.values() for known in states},
        "sets": {
            name: {
                "states": [known.hash.hex() for known in states],
                "in_force": log.agreed.in_force.hash.hex(),
                "members": [member.name for member in log.agreed.members],
            }
            for name, (states, log) in sets.items()
        },
        "refused": {
            name: {"before": before.hash.hex(), "packed": after.packed.hex()}
            for name, (before, after) in refused().items()
        },
        "letters": {name: part.packed.hex() for name, part in parts.items()},
    }
    (HERE / "groups.json").write_text(json.dumps(vectors, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
