"""Whom it hurts."""

from __future__ import annotations

from collections.abc import Sequence

from foreseal_client.study import figures
from foreseal_client.study.cell import Sample
from foreseal_client.study.found.strangers import NEAREST, PAIRS, RESEMBLES
from foreseal_client.study.sections.section import NOT_THE_WORLD, Found, Section
from foreseal_client.study.tables import chosen, number, one_of, share

__all__ = ["whom_it_hurts"]


def whom_it_hurts(found: Found, samples: Sequence[Sample]) -> Section | None:
    """False matches by kind and by pair; None where strangers were not asked for."""
    asked = chosen(found, "strangers")
    if not asked:
        return None
    rows: list[tuple[str, ...]] = []
    for one in asked:
        if one.of == NEAREST:
            continue
        least = one_of(found, "strangers", name=one.name, of=NEAREST, fingerprint=one.fingerprint, looks=one.looks)
        near = "" if least is None or one.name == PAIRS else number(least.value)
        rows.append(
            (one.name, f"{one.fingerprint}, {one.looks}, {one.limit} bits", one.of, share(one), str(one.n), near)
        )
    kinds = [one for one in asked if one.of.startswith("stopped by")]
    longest = max((int(one.of.split()[2]) for one in kinds), default=0)
    drawn = [(one.name, f"{one.looks} looks", one) for one in kinds if one.of == f"stopped by {longest} entries"]
    photographs = one_of(found, "strangers", name="photographs", looks="quick", of=f"stopped by {longest} entries")
    said = (
        ""
        if photographs is None
        else f"{round(photographs.value * photographs.n)} of {photographs.n} harmless photographs"
    )
    bits = [one.number for one in samples if one.measure == f"nearest of {longest} entries" and one.looks == "quick"]
    return Section(
        "Whom does it hurt?",
        f"A list of {longest:,} entries made of parts of other photographs stopped {said} under the quick looks: "
        f"{share(photographs)} of them. What so few pictures can rule out is the higher figure and not zero.",
        {
            "stopped": figures.dots(drawn, "share stopped, 95 % interval", high=max(one.high for *_, one in drawn))
            if drawn else "",
            "nearest": figures.histogram([("harmless pictures", bits)], "bits to the nearest entry, quick looks", 31),
        },
        ("what", "how", "against", "share", "n", "nearest"),
        rows,
        (
            NOT_THE_WORLD,
            "Where nothing was stopped the bound is 3 / n. Pairs share photographs: their intervals come from drawing "
            "photographs anew, and where no pair matched n is the pairs that can be made without using one twice.",
            f"{PAIRS.capitalize()} and {RESEMBLES} are of the judging half; limits were fixed on the other.",
            "Documents, chats, dark frames, settings and skies are drawn, and stand apart: they look alike by "
            "their making.",
            "A list of parts of photographs is natural pictures, and is not a list in use. A longer list stops more.",
        ),
    )  # fmt: skip
