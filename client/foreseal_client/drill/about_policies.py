"""Rows about a policy that somebody tightens from afar: by a list, and by a device's configuration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from foreseal_client import words
from foreseal_client.draft import Draft
from foreseal_client.drill.cast import POSTER, THRESHOLD, Cast
from foreseal_client.drill.row import Row, Trace
from foreseal_matcher import Bytes, Held, ListSet, Mode, OnFailure, Policy, decide, screen

__all__ = ["about_policies"]

_MILD = Policy(Mode.OBSERVE, OnFailure.OPEN)
_STRICT = Policy(Mode.HOLD, OnFailure.CLOSED)


def about_policies(begun: Cast, work: Path) -> Iterator[Row]:
    """The poster is on the list; the person's own policy only observes."""
    here = begun.at_another_place(work / "policy")
    here.coerced(THRESHOLD, logged=True)
    here.update()
    entry, manifest = here.last_logged, here.in_force.manifest
    by_list = _held(here, _MILD)
    told = entry is not None and b"policy" in entry.encode()
    yield Row(
        "a policy tightened from afar, by a list", "", by_list,
        "keep their own" if not by_list and not hasattr(manifest, "policy") and not told else "obey the list",
        (), ("nothing: a list names no policy, and what the person set holds",),
    )  # fmt: skip
    tightened = Policy.tightest(_MILD, _STRICT)
    loosened = Policy.tightest(tightened, Policy(Mode.OFF, OnFailure.OPEN))
    remains = []
    if words.consequence(tightened) != words.consequence(_MILD):
        remains.append(Trace("the status line, and `foreseal config show` says from where", "whoever has the device"))
    yield Row(
        "a policy tightened from afar, by whoever runs the device's configuration", "", _held(here, tightened),
        "stop what was observed before" + ("; they loosen nothing" if loosened == tightened else ""),
        tuple(remains), ("why, and whether others were tightened, too: no log has it",),
    )  # fmt: skip


def _held(here: Cast, policy: Policy) -> bool:
    lists = ListSet.open([here.device], here.now.date())
    return isinstance(decide(screen(Draft("", (Bytes(POSTER, "poster.png"),)), lists), policy), Held)
