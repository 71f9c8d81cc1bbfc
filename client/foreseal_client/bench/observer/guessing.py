"""What an observer infers from its notes, how, and how often it is right: with people's addresses, and without.

Without is what a relay has that everybody reaches through a network that hides addresses, a new circuit for each
connection. The guesses are simple rules of somebody who knows this program; a stronger observer guesses no worse.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from foreseal_client.bench.observer.cast import DESK
from foreseal_client.bench.observer.inference import Inference
from foreseal_client.bench.observer.script import Act, Record
from foreseal_client.bench.observer.seen import Seen, What
from foreseal_client.bench.observer.together import Together
from foreseal_relay.token_wire import Kind

__all__ = ["inferences"]

_T = TypeVar("_T")

_BEFORE: Final = (0.0, 0.1, 0.3, 1.0, 2.0)
"""Seconds before an envelope in which a blob that was uploaded is taken for its attachment; here too what serves best.
"""
_WRITTEN: Final = ("text", "long text", "picture", "group", "request")


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
        together = Together(self._record, self._seen, self._written, len(self._names) - 1)
        yield together.messages()
        yield together.groups()
        yield self._kinds()
        yield self._for_whom_a_blob_is()
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
                return self._owner(seen.mailbox)
        return self._coin.choice(self._names)

    def _owner(self, mailbox: str) -> str:
        return next((name for name in self._names if self._record.mailboxes[name] == mailbox), "")

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

    def _for_whom_a_blob_is(self) -> Inference:
        pictures = [(act, stored) for act in self._record.acts if act.kind == "picture" for stored in self._stored(act)]
        with_, without = (
            sum((guess(stored),) == act.to for act, stored in pictures)
            for guess in (self._who_fetches, self._written_to_next)
        )
        how = "who fetches it; without, the envelope just after"
        return Inference("for whom a blob is", how, with_, without, len(pictures), 1 / (len(self._names) - 1))

    def _stored(self, act: Act) -> list[Seen]:
        """What was uploaded in this act: at most one, though it may take several requests."""
        return [one for one in self._during(act) if one.what is What.STORED and one.address == act.by][-1:]

    def _who_fetches(self, stored: Seen) -> str:
        fetches = (one for one in self._seen if one.what is What.FETCHED and one.blob == stored.blob)
        return next((self._by_address(one) for one in fetches), "")

    def _written_to_next(self, stored: Seen) -> str:
        later = self._seen[bisect_left(self._times, stored.at) :]
        return next((self._owner(one.mailbox) for one in later if one.what is What.SENT), "")

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
        for seen in self._during(act):
            yield seen.what in came and seen.address == act.by

    def _during(self, act: Act) -> Sequence[Seen]:
        """What passed in this stretch, whoever it was of."""
        return self._seen[bisect_left(self._times, act.began) : bisect_left(self._times, act.ended)]

    def _envelopes(self, act: Act) -> list[Seen]:
        """The envelope for each of those whom this act was for, as it passed."""
        ours = [one for one in self._during(act) if one.what is What.SENT and one.address == act.by]
        found = (next((one for one in ours if one.mailbox == self._record.mailboxes[name]), None) for name in act.to)
        return [one for one in found if one is not None]


def _most(answers: Sequence[object]) -> float:
    """The share of the answer that is true most often."""
    return max(Counter(answers).values(), default=0) / max(len(answers), 1)
