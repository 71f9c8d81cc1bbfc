"""Rows about endorsers, the log's operator, and what a list can be made to hold."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from foreseal_client.drill.cast import ENDORSERS, POSTER, THRESHOLD, Cast
from foreseal_client.drill.row import Row, Trace
from foreseal_client.publishing.coerced import signed_by
from foreseal_client.updates.refusals import StoppedAtFence, UpdateRefused
from foreseal_matcher.lists import HashList, changes

__all__ = ["about_lists", "did", "named"]


def about_lists(begun: Cast, work: Path) -> Iterator[Row]:
    """One row for each number of endorsers and each kind of operator, in the order of the table."""
    for colluding, who in ((1, "one endorser"), (THRESHOLD - 1, f"threshold - 1 endorsers ({THRESHOLD - 1} of 5)")):
        for logged in (False, True):
            operator = ", and the log's operator" if logged else ", the log's operator is honest"
            here = begun.at_another_place(work / f"{colluding}-{logged}")
            yield _too_few(here, begun.at_another_place(work / f"{colluding}-{logged}-waiting"), colluding,
                           who + operator, logged=logged)  # fmt: skip
    yield _not_told(begun.at_another_place(work / "not-told"))
    yield _for_all(begun.at_another_place(work / "for-all"), work / "before")
    yield _new_category(begun.at_another_place(work / "new-category"))


def named(refused: UpdateRefused | None) -> str:
    """A refusal's name in the table of `docs/updates.md`; "" for none."""
    return "" if refused is None else refused.reason.name.lower().replace("_", "-")


def did(refused: UpdateRefused | None, *, stops: bool) -> str:
    """What a device did, in words."""
    if isinstance(refused, StoppedAtFence):
        taken = f"stop at the fence and ask (`{named(refused)}`); the list before stays in force"
    else:
        taken = "take it" if refused is None else f"refuse it (`{named(refused)}`); the list before stays in force"
    return f"{taken}, and stop the poster" if stops else taken


def _too_few(here: Cast, waiting: Cast, colluding: int, who: str, *, logged: bool) -> Row:
    here.coerced(colluding, logged=logged)
    refused = here.update()
    remains = [Trace(f"the signature of {_and(signed_by(here.repository))} under what was served", "everybody")]
    entry = here.last_logged
    if logged and entry is not None and len(entry.endorsers) < THRESHOLD:
        remains.append(
            Trace(f"an entry that names {len(entry.endorsers)} of {THRESHOLD}, for good", "whoever reads the log")
        )
    left = waiting.waits(POSTER, colluding)
    if left is not None and left.signed == ENDORSERS[:colluding]:
        remains.append(Trace("by the rules the same names lie beside what waits", "the other endorsers"))
    return _row(who, here, refused, remains, ["that a device was offered it: it tells nobody"])


def _not_told(here: Cast) -> Row:
    here.coerced(THRESHOLD, logged=False)
    refused = here.update()
    remains = [Trace(f"the signatures of {_and(signed_by(here.repository))} under what was served", "everybody")]
    entry = here.last_logged
    tried = entry is None or entry.digest == here.in_force.digest
    unseen = ["that it was tried, once the server shows something else: the log has nothing of it"] if tried else []
    return _row("the threshold, and the log's operator is honest and not told", here, refused, remains, unseen)


def _for_all(here: Cast, before: Path) -> Row:
    old = HashList.of_any_age(shutil.copytree(here.device, before))
    here.coerced(THRESHOLD, logged=True)
    refused = here.update()
    entry, more = here.last_logged, changes(old, here.in_force)
    remains, unseen = [], []
    if entry is not None:
        remains.append(
            Trace(f"{_and(sorted(entry.endorsers.values()))}, {entry.entries} entries and the digest, in the log"
                  " for good", "whoever reads the log")
        )  # fmt: skip
        if hashlib.sha256(POSTER).hexdigest().encode() not in entry.encode():
            unseen.append("what the entry is: the log holds counts, and a fingerprint shows nobody a poster")
    if more.added:
        tally = ", ".join(f"{one.added} more in {category}" for (category, _), one in more.tallies.items())
        remains.append(Trace(f"{tally}, in `foreseal list changes`", "whoever has both versions"))
    return _row("the threshold, and it is logged for all to see", here, refused, remains, unseen)


def _new_category(here: Cast) -> Row:
    here.coerced(len(ENDORSERS), logged=True, category="posters")
    refused = here.update()
    news = refused.news if isinstance(refused, StoppedAtFence) else ()
    told = [one for one in news if one.startswith("category:")]
    remains = [Trace(f"`{one}`, before anything is fetched", "the person, who is asked") for one in told]
    unseen = ["what hides under a category that was accepted before: the row above"]
    return _row("all endorsers and the log, under a category that is new", here, refused, remains, unseen)


def _and(names: Sequence[str]) -> str:
    """ann; ann and ben; ann, ben and cai."""
    return " and ".join([", ".join(names[:-1]), *names[-1:]][len(names) < 2 :])


def _row(who: str, here: Cast, refused: UpdateRefused | None, remains: list[Trace], unseen: list[str]) -> Row:
    stops = here.stops()
    return Row(who, named(refused), stops, did(refused, stops=stops), tuple(remains), tuple(unseen))
