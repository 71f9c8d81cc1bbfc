"""What safeguards stop, delay and miss."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from foreseal_client.study.cell import Sample
from foreseal_client.study.found.safeguards import DELAYED_AT, STOPPED_AT
from foreseal_client.study.safeguards import BECAME
from foreseal_client.study.sections.section import Found, Section
from foreseal_client.study.tables import chosen, number

__all__ = ["what_safeguards_do"]

_WORDS: Final = {
    "shown": "shown",
    "held": "stopped before it left",
    "withheld": "stopped at the other device",
    "refused": "not taken in",
    "request": "delayed: words alone",
    "covered": "delayed: covered",
    "moment": "delayed: asked first",
}


def what_safeguards_do(found: Found, _: Sequence[Sample]) -> Section | None:
    """Scene by regime; None where safeguards were not asked for."""
    asked = chosen(found, "safeguards", of=BECAME)
    if not asked:
        return None
    regimes = list(dict.fromkeys(one.looks for one in asked))
    took = {(one.name, one.looks): one.value for one in chosen(found, "safeguards", of="ms")}
    became = {(one.name, one.looks): one.note for one in asked}
    names = list(dict.fromkeys(one.name for one in asked))
    counts = {regime: Counter(one.value for one in asked if one.looks == regime) for regime in regimes}
    totals = [
        f"{each[STOPPED_AT]} stopped, {each[DELAYED_AT]} delayed, "
        f"{each.total() - each[STOPPED_AT] - each[DELAYED_AT]} shown"
        for each in counts.values()
    ]
    rows = [
        (
            name,
            *(
                f"{_WORDS.get(became[name, each], became[name, each])}, {number(took[name, each])} ms"
                for each in regimes
            ),
        )
        for name in names
    ]
    return Section(
        "What does matching stop that nothing else does, and the other way round?",
        f"The same {len(names)} scenes under each regime. Matching stops copies of what is listed, also by mistake, "
        "whoever sends them. Contact safeguards look at who sends, stop strangers and delay new contacts, whatever it "
        "is. A friend's new picture, and a friend's words, pass both.",
        {},
        ("scene", *regimes),
        [("of all scenes", *totals), *rows],
        (
            "Contact safeguards are those of a young person's profile, on the receiving side. Letters of strangers are "
            "requests under the others too: nothing turns that off.",
            "Scenes were chosen to differ, and how often each happens is not known: the counts say how many of them "
            "each regime touches and not how much it protects.",
            "A link of a new contact is shown and cannot be opened under contact safeguards. What a person does after "
            "a delay is theirs.",
            "Each was played once, on painted pictures.",
        ),
    )
