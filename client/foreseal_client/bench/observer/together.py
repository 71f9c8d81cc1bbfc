"""What an observer infers from envelopes that follow one another: who gets a message, and who is in a group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import comb
from typing import Final

from foreseal_client.bench.observer.inference import Inference
from foreseal_client.bench.observer.script import Act, Record
from foreseal_client.bench.observer.seen import Seen, What

__all__ = ["Together"]

_THRESHOLDS: Final = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.2, 2.0)
"""Seconds between two envelopes up to which they are taken for one message; the observer takes what serves it best."""


class Together:
    """`seen`: in the order of time; `written`: each message with its envelopes as they passed; `others`: how many
    people somebody can write to."""

    def __init__(
        self, record: Record, seen: Sequence[Seen], written: Sequence[tuple[Act, Sequence[Seen]]], others: int
    ) -> None:
        self._record = record
        self._seen = seen
        self._written = written
        self._others = others

    def messages(self) -> Inference:
        """For whom a message is: an envelope alone, or those that follow one another."""
        chance = sum(len(act.to) == 1 for act, _ in self._written) / max(len(self._written), 1)
        with_, without = (max(self._exact(addresses, most) for most in _THRESHOLDS) for addresses in (True, False))
        how = "envelopes for different people that follow one another"
        return Inference("for whom a message is, all of them", how, with_, without, len(self._written), chance)

    def groups(self) -> Inference:
        """The sets that were written to most often at once: by one address, as many as its person has groups; without
        addresses by anybody, as many as there are to be found."""
        true = {(act.by, act.to) for act, _ in self._written if len(act.to) > 1}
        true = {(by, to) for by, to in true if sum(act.by == by and act.to == to for act, _ in self._written) > 1}
        with_, without = (
            max(sum(self._often(by, to, most, true, addresses) for by, to in true) for most in _THRESHOLDS)
            for addresses in (True, False)
        )
        how = "the sets that are written to at once most often"
        # Who saw nothing draws as many of the others as there are in it.
        chance = sum(1 / comb(self._others, len(to)) for _, to in true) / max(len(true), 1)
        return Inference("who else is in somebody's group, over all of it", how, with_, without, len(true), chance)

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
