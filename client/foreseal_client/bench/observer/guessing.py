"""What an observer infers from its notes, how, and how often it is right: with people's addresses, and without.

Without is what a relay has that everybody reaches through a network that hides addresses, a new circuit for each
connection. The guesses are simple rules of somebody who knows this program; a stronger observer guesses no worse.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from foreseal_client.bench.observer.cast import DESK
from foreseal_client.bench.observer.script import Act, Record
from foreseal_client.bench.observer.seen import Seen, What
from foreseal_relay.token_wire import Kind

__all__ = ["Inference", "inferences"]

_T = TypeVar("_T")

_THRESHOLDS: Final = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.2, 2.0)
"""Seconds between two envelopes up to which they are taken for one message; the observer takes what serves it best."""
_BEFORE: Final = (0.0, 0.1, 0.3, 1.0, 2.0)
"""Seconds before an envelope in which a blob that was uploaded is taken for its attachment; here too what serves best.
"""
_WRITTEN: Final = ("text", "long text", "picture", "group", "request")


@dataclass(frozen=True, slots=True)
class Inference:
    """`right_with`, `right_without`: how many of `n` guesses hold with addresses and without; `chance`: the share that
    somebody gets right who knows how often each answer is true, and saw nothing."""

    what: str
    how: str
    right_with: int
    right_without: int
    n: int
    chance: float


def inferences(record: Record, seed: int) -> tuple[Inference, ...]:
    """One for each thing that somebody might want to know. Those that nothing happened for are left out."""
    rows = _Observer(record, seed).rows()
    return tuple(row for row in rows if row.n)


class _Observer:
    """`coin` decides where the notes say nothing."""

    def __init__(self, record: Record, seed: int) -> None:
        self._record = record
        self._seen = sorted(record.seen, key=lambda one: one.at)
        self._times = [one.at for one in self._seen]
        self._coin = random.Random(f"{seed} coin")
        self._names = [name for name in record.mailboxes if name != DESK]
        self._written = [(act, self._envelopes(act)) for act in record.acts if act.kind in _WRITTEN]
        self._reports = [(act, self._envelopes(act)) for act in record.acts if act.kind == "report"]

    def rows(self) -> Iterator[Inference]:
        """All of them, in the order of the page."""
        letters = [(act, one) for act, envelopes in self._written for one in envelopes]
        others = 1 / (len(self._names) - 1)
        to = sum(one.mailbox in {self._record.mailboxes[name] for name in act.to} for act, one in letters)
        yield Inference("for whom an envelope is", "its mailbox is named", to, to, len(letters), others)
        yield Inference(
            "who wrote it", "the address an inbox has; without, who got mail last",
            self._right(letters, self._by_address), self._right(letters, self._by_answering), len(letters), others,
        )  # fmt: skip
        yield self._bursts()
        yield self._groups()
        yield self._kinds()
        yield self._online()
        everything = letters + [(act, one) for act, found in self._reports for one in found]
        for what, kind, of in (
            ("which of two is a first contact", Kind.FIRST_CONTACT, "request"),
            ("which of two is a report", Kind.REPORT, "report"),
        ):
            pairs = self._pairs([one for act, one in everything if act.kind == of],
                                [one for act, one in everything if act.kind != of])  # fmt: skip
            right = sum(self._more(one.paid == kind, other.paid == kind) for one, other in pairs)
            yield Inference(what, "the kind of its token", right, right, len(pairs), 0.5)
        reports = [(act, one) for act, found in self._reports for one in found]
        yield Inference(
            "who reports", "as who wrote it", self._right(reports, self._by_address),
            self._right(reports, self._by_answering), len(reports), 1 / len(self._names),
        )  # fmt: skip
        yield self._held()

    # --- who

    @staticmethod
    def _right(letters: Sequence[tuple[Act, Seen]], guess: Callable[[Seen], str]) -> int:
        return sum(guess(one) == act.by for act, one in letters)

    def _by_address(self, one: Seen) -> str:
        owned = {seen.mailbox for seen in self._seen if seen.what is What.CAME and seen.address == one.address}
        return next((name for name in self._names if self._record.mailboxes[name] in owned), "")

    def _by_answering(self, one: Seen) -> str:
        """Whoever got something most recently may be answering."""
        for seen in reversed(self._seen[: bisect_left(self._times, one.at)]):
            if seen.what is What.BROUGHT and seen.mailbox != one.mailbox:
                return next((name for name in self._names if self._record.mailboxes[name] == seen.mailbox), "")
        return self._coin.choice(self._names)

    # --- to how many

    def _bursts(self) -> Inference:
        chance = sum(len(act.to) == 1 for act, _ in self._written) / max(len(self._written), 1)
        with_, without = (max(self._exact(addresses, most) for most in _THRESHOLDS) for addresses in (True, False))
        how = "envelopes for different people that follow one another"
        return Inference("for whom a message is, all of them", how, with_, without, len(self._written), chance)

    def _groups(self) -> Inference:
        """The sets that were written to most often at once: by one address, as many as its person has groups; without
        addresses by anybody, as many as there are to be found."""
        true = {(act.by, act.to) for act, _ in self._written if len(act.to) > 1}
        true = {(by, to) for by, to in true if sum(act.by == by and act.to == to for act, _ in self._written) > 1}
        with_, without = (
            max(sum(self._often(by, to, most, true, addresses) for by, to in true) for most in _THRESHOLDS)
            for addresses in (True, False)
        )
        how = "the sets that are written to at once most often"
        return Inference("who else is in somebody's group, over all of it", how, with_, without, len(true), 0.0)

    def _often(
        self, by: str, to: tuple[str, ...], most: float, true: set[tuple[str, tuple[str, ...]]], addresses: bool
    ) -> bool:
        wanted = frozenset(self._record.mailboxes[name] for name in to)
        bursts = [burst for burst in self._clusters(addresses, most) if len(burst) > 1]
        ours = [burst for burst in bursts if not addresses or burst[0].address == by]
        sought = sum(not addresses or each == by for each, _ in true)
        sets = Counter(frozenset(one.mailbox for one in burst) for burst in ours)
        return wanted in [found for found, _ in sets.most_common(sought)]

    def _exact(self, addresses: bool, most: float) -> int:
        bursts = {one: burst for burst in self._clusters(addresses, most) for one in burst}
        right = 0
        for act, envelopes in self._written:
            if envelopes:
                told = sorted(one.mailbox for one in bursts[envelopes[0]])
                right += told == sorted(self._record.mailboxes[name] for name in act.to)
        return right

    def _clusters(self, addresses: bool, most: float) -> list[list[Seen]]:
        last: dict[str, list[Seen]] = {}
        clusters = []
        for one in self._seen:
            if one.what is not What.SENT:
                continue
            place = one.address if addresses else ""
            current = last.get(place)
            joins = current and one.at - current[-1].at < most and one.mailbox not in {each.mailbox for each in current}
            if current and joins:
                current.append(one)
            else:
                last[place] = [one]
                clusters.append(last[place])
        return clusters

    # --- what

    def _kinds(self) -> Inference:
        said = [(act, found[0]) for act, found in self._written if found and act.kind != "request"]
        true = ["text" if act.kind == "group" else act.kind for act, _ in said]
        with_, without = (
            max(
                sum(self._kind(one, addresses, before) == kind for kind, (_, one) in zip(true, said, strict=True))
                for before in _BEFORE
            )
            for addresses in (True, False)
        )
        how = "a blob just before; the length of the body"
        return Inference("text, long text or picture", how, with_, without, len(said), _most(true))

    def _kind(self, one: Seen, addresses: bool, before: float) -> str:
        since = bisect_left(self._times, one.at - before)
        until = bisect_left(self._times, one.at)
        for seen in self._seen[since:until]:
            if seen.what is What.STORED and (not addresses or seen.address == one.address):
                return "picture"
        return "text" if one.size <= min(seen.size for seen in self._seen if seen.size) else "long text"

    # --- when

    def _online(self) -> Inference:
        """Of two moments of somebody, at one of which they were away: which is it?"""
        away = [(act.by, (act.began + act.ended) / 2) for act in self._record.acts if act.kind == "away"]
        here = [(act.by, act.began) for act in self._record.acts if act.kind != "away"]
        pairs = self._pairs(away, here)
        right = sum(self._more(not self._looks_here(*one), not self._looks_here(*other)) for one, other in pairs)
        how = "whose inbox is connected"
        return Inference("at which of two moments somebody is away", how, right, right, len(pairs), 0.5)

    def _looks_here(self, name: str, at: float) -> bool:
        mailbox, here = self._record.mailboxes[name], False
        for seen in self._seen[: bisect_left(self._times, at)]:
            if seen.mailbox == mailbox and seen.what in (What.CAME, What.WENT):
                here = seen.what is What.CAME
        return here

    # --- what was not sent

    def _held(self) -> Inference:
        """Of two stretches of one length, one with a picture that was stopped: which is it? Without addresses nothing
        can be put down to anybody. What others send meanwhile is no answer here: all people of a run share a machine,
        and the check of one slows them all, which no relay would see of devices."""
        pairs, waiting = [], dict[str, Act]()
        for act in self._record.acts:
            if act.kind == "held":
                waiting[act.by] = act
            elif act.kind == "idle" and act.by in waiting:
                pairs.append((waiting.pop(act.by), act))
        rights = (
            sum(self._more(sum(self._within(held)), sum(self._within(idle))) for held, idle in pairs),
            sum(self._more(0, 0) for _ in pairs),
        )
        return Inference("in which of two a picture was held", "more traffic than when idle", *rights, len(pairs), 0.5)

    def _pairs(self, rare: Sequence[_T], others: Sequence[_T]) -> list[tuple[_T, _T]]:
        """Each of the rare ones beside one of the others."""
        return [(one, self._coin.choice(others)) for one in rare] if others else []

    def _more(self, one: float, other: float) -> bool:
        return one > other if one != other else self._coin.random() < 0.5

    def _within(self, act: Act) -> Iterable[bool]:
        """What came from a client in this stretch: what is delivered to it does not depend on what it does."""
        came = (What.SENT, What.ASKED, What.STORED, What.CAME, What.WENT)
        for seen in self._seen[bisect_left(self._times, act.began) : bisect_left(self._times, act.ended)]:
            yield seen.what in came and seen.address == act.by

    def _envelopes(self, act: Act) -> list[Seen]:
        """The envelope for each of those whom this act was for, as it passed."""
        stretch = self._seen[bisect_left(self._times, act.began) : bisect_left(self._times, act.ended)]
        ours = [one for one in stretch if one.what is What.SENT and one.address == act.by]
        found = (next((one for one in ours if one.mailbox == self._record.mailboxes[name]), None) for name in act.to)
        return [one for one in found if one is not None]


def _most(answers: Sequence[object]) -> float:
    """The share of the answer that is true most often."""
    return max(Counter(answers).values(), default=0) / max(len(answers), 1)
