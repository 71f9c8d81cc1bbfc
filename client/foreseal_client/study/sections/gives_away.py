"""What it gives away: to an observer at the relay, and to whoever holds a client."""

from __future__ import annotations

from collections.abc import Sequence

from foreseal_client.study import figures
from foreseal_client.study.cell import Sample
from foreseal_client.study.found.leaks import AUC, PADDING
from foreseal_client.study.sections.section import Found, Section
from foreseal_client.study.tables import chosen, number, one_of

__all__ = ["what_leaks", "what_probing_finds"]


def what_leaks(found: Found, _: Sequence[Sample]) -> Section | None:
    """How well an observer tells kinds apart; None where leaks were not asked for."""
    asked = chosen(found, "leaks", of=AUC)
    if not asked:
        return None
    held = one_of(found, "leaks", name="held from nothing", of=AUC)
    told = "-" if held is None else f"{held.value:.2f} ({held.low:.2f}-{held.high:.2f})"
    rows = [(one.name, AUC, f"{one.value:.2f} ({one.low:.2f}-{one.high:.2f})", str(one.n), one.note) for one in asked]
    rows += [(one.name, PADDING, number(one.value), str(one.n), "") for one in chosen(found, "leaks", of=PADDING)]
    return Section(
        "What does it give away?",
        f"Telling a held send from no send, by everything that is seen at the relay: {told}, where 0.5 is guessing and "
        "1 is knowing. Kinds that are sent can be told from each other as far as their sizes differ.",
        {"leaks": figures.dots([(one.name, "", one) for one in asked], "area under the ROC curve, 95 % interval")},
        ("which from which", "figure", "value", "trials", "note"),
        rows,
        (
            "The observer here sees both people's connections and knows when the sender acted. It sees bytes, counts "
            "and times, one send at a time, on one machine without a network between.",
            "It does not see the device. What a person does after a hold (waits, sends something else) is not in it.",
            "Exactly 0.50 means that no trial differed from any other in anything that was seen.",
        ),
    )


def what_probing_finds(found: Found, _: Sequence[Sample]) -> Section | None:
    """Guesses an hour; None where cost was not asked for."""
    asked = chosen(found, "probing")
    if not asked:
        return None
    best = max(asked, key=lambda one: one.value)
    return Section(
        "What can somebody find out who holds a client?",
        f"Up to {number(best.value)} guesses an hour and core, each confirmed or ruled out. Nobody can go through all "
        "fingerprints there are (2 to the power of 256); anybody can try the pictures they have.",
        {},
        ("guesses", "entries", "an hour"),
        [(one.name, f"{one.n:,}", number(one.value)) for one in asked],
        (
            "There is one mode in this version: the whole list lies on each device, so that its hashes can be read and "
            "tried without asking anybody. No limit on guesses could hold there.",
        ),
    )
