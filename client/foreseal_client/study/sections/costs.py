"""What it costs on the device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from foreseal_client.study import figures
from foreseal_client.study.cell import Sample
from foreseal_client.study.checked import MAIN_PICTURE
from foreseal_client.study.found import Finding
from foreseal_client.study.sections.section import Found, Section
from foreseal_client.study.tables import chosen, number, spread
from foreseal_client.study.updating import UPDATED

__all__ = ["what_it_costs"]

_STAGES: Final = ("plain look, whole", "quick looks, whole", "full looks, whole", "lookup", "seal")


def what_it_costs(found: Found, _: Sequence[Sample]) -> Section | None:
    """Times, memory and bytes; None where cost was not asked for."""
    asked = chosen(found, "cost")
    if not asked:
        return None
    main = [one for one in asked if one.name == MAIN_PICTURE]
    series = [
        (stage, sorted((one.n, one.value) for one in main if one.of == f"{stage}, CPU ms")) for stage in _STAGES
    ]  # fmt: skip
    whole = sorted((one for one in main if one.of == "quick looks, whole, CPU ms"), key=lambda one: one.n)
    return Section(
        "What does it cost on the device?",
        f"{_said(whole)} {_weight(found)} {_steadiness(asked)}",
        {"cost": figures.lines(drawn, "entries on the list", "ms of CPU, median of passes")}
        if (drawn := [(stage, points) for stage, points in series if points])
        else {},
        ("what", "figure", "entries, or sends", "value", "note"),
        [_row(one) for one in asked],
        (
            "A server or a laptop is not a phone. Read ratios within one run.",
            "A time is the median of passes, each in a process of its own, with the least and the most of them; "
            "steady is what lies within a tenth of it. The load of the machine stands among the figures.",
            "CPU time stands in for energy; no battery was measured. A film is decoded in a process of its own, whose "
            "CPU is in the time by the clock alone.",
            "Random entries measure speed and bytes and nothing else. The policy off still makes a verdict, so that a "
            "send under it still looks; what a check takes by itself stands above it.",
        ),
    )


def _said(whole: Sequence[Finding]) -> str:
    if not whole:
        return "Whole checks of pictures were not measured."
    least, most = whole[0], whole[-1]
    grown = f", and {number(most.value)} ms with {most.n:,}" if most is not least else ""
    return (
        f"Checking a picture of 2 megapixels under the quick looks took {number(least.value)} ms of CPU here with "
        f"{least.n:,} entries{grown}."
    )


def _weight(found: Found) -> str:
    wholes, deltas = (chosen(found, "cost", name=UPDATED, of=of) for of in ("the list, bytes", "the delta, bytes"))
    if not wholes or not deltas:
        return ""
    whole, delta = (max(each, key=lambda one: one.n) for each in (wholes, deltas))
    return (
        f"A list of {whole.n:,} entries is {whole.value / whole.n:.0f} bytes an entry to fetch; an update that changes "
        f"one in a hundred is {delta.value / whole.value:.1%} of that."
    )


def _steadiness(asked: Found) -> str:
    times = [one for one in asked if one.of.endswith("CPU ms")]
    steady = sum(one.note.startswith("steady") for one in times)
    return f"Of {len(times)} CPU times {steady} were steady." if times else ""


def _row(one: Finding) -> tuple[str, ...]:
    figure = f"{one.looks}: {one.of}" if one.of.startswith("ms") else one.of
    value = spread(one.interval) if one.low != one.high else number(one.value)
    return one.name, figure, f"{one.n:,}", value, one.note
