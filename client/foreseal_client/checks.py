"""One check of a device: what it was made against, what it took, and the line that the ledger gets of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from foreseal_client.ledger.lines import Checked, Course, Found, Kind, ListUsed, Outcome
from foreseal_client.store import Cost
from foreseal_matcher import Clear, Cleared, Held, ListSet, Match, Mode, Policy
from foreseal_matcher.content import Content, Item
from foreseal_matcher.film_formats import film_format, other_film
from foreseal_matcher.formats import HEAD_BYTES, other_picture, sniff
from foreseal_matcher.link_finding import links_in

__all__ = ["Check", "against", "cost_of", "kinds_of", "lists_used", "said_of"]


@dataclass(frozen=True, slots=True)
class Check:
    """What `Device.measured` says of a check. `cost`: what it took, where there was something to look at; `lists`:
    compared with; `kinds`: of what was looked at, empty where there was nothing at all or the ledger is off."""

    cost: Cost | None
    policy: Policy
    lists: tuple[ListUsed, ...] = ()
    kinds: tuple[Kind, ...] = ()


def cost_of(content: Content, lists: ListSet, policy: Policy, ms: float, today: date) -> Cost | None:
    """What a check took, in milliseconds, and against what it was made; `None` where there was nothing to look at."""
    if not content.items and next(links_in(content.text), None) is None:
        return None
    facts = lists.describe(today)
    names = tuple(f"{fact.name}, version {fact.version}, {fact.age_days} days old" for fact in facts)
    return Cost(names, sum(fact.entries for fact in facts), ms, against(lists, policy))


def against(lists: ListSet, policy: Policy) -> bytes:
    """What a check is made against, as 32 bytes: the same for the same lists and the same looks and fingerprints that
    a policy asks for, and for no others."""
    digests = " ".join(one.digest for one in lists.lists)
    asked = f"{policy.looks} {' '.join(sorted(policy.fingerprints))}"
    return hashlib.sha256(f"{asked}\n{digests}".encode()).digest()


def lists_used(lists: ListSet) -> tuple[ListUsed, ...]:
    """The lists of a set that can be used, as a line of the ledger names them."""
    return tuple(ListUsed(one.name, one.version, one.digest) for one in lists.lists)


def kinds_of(content: Content) -> tuple[Kind, ...]:
    """What there is to look at, each kind once. Reads the first bytes of each item."""
    kinds = {_kind_of(item) for item in content.items}
    if content.text:
        kinds.add(Kind.TEXT if next(links_in(content.text), None) is None else Kind.LINK)
    return tuple(sorted(kinds))


def said_of(
    check: Check, decided: Cleared[Content] | Held, course: Course, again: bool = False, outcome: Outcome | None = None
) -> Checked:
    """The line of a check. `outcome`: where what followed is not what the policy says of something new."""
    policy, verdict = check.policy, decided.verdict
    if policy.mode is Mode.OFF:
        found = Found.NOT_KEPT
    elif isinstance(verdict, Match):
        found = Found.MATCH
    else:
        found = Found.CLEAR if isinstance(verdict, Clear) else Found.UNREADABLE
    return Checked(
        check.lists, policy.mode, policy.on_failure, policy.looks, tuple(sorted(policy.fingerprints)), check.kinds,
        course, again, found, outcome or _followed(decided, policy, course),
    )  # fmt: skip


def _followed(decided: Cleared[Content] | Held, policy: Policy, course: Course) -> Outcome:
    inward = course is Course.IN
    if isinstance(decided, Held):
        return Outcome.WITHHELD if inward else Outcome.HELD
    if policy.stops and isinstance(decided.verdict, Match):
        return Outcome.SHOWN_ANYWAY if inward else Outcome.SENT_ANYWAY
    return Outcome.PASSED


def _kind_of(item: Item) -> Kind:
    try:
        with item.open() as source:
            head = source.read(HEAD_BYTES)
    except OSError:  # it was changed since, which the check itself says
        return Kind.FILE
    if sniff(head) is not None or other_picture(head) is not None:
        return Kind.PICTURE
    return Kind.FILE if film_format(head) is None and other_film(head) is None else Kind.FILM
