"""Drift between decoders."""

from __future__ import annotations

import math
from collections.abc import Sequence

from foreseal_client.study import figures
from foreseal_client.study.cell import Sample
from foreseal_client.study.found.drift import LIMITS, MISSED
from foreseal_client.study.sections.section import Found, Section
from foreseal_client.study.tables import chosen, number, share, spread

__all__ = ["what_other_decoders_move"]


def what_other_decoders_move(found: Found, _: Sequence[Sample]) -> Section | None:
    """Bits moved and copies missed by decoder; None where drift was not asked for."""
    moved = [one for one in chosen(found, "drift", of="bits moved, mean") if math.isfinite(one.value)]
    if not moved:
        return None
    missed = {(one.name, one.limit): one for one in chosen(found, "drift", of=MISSED)}
    rows = [
        (one.name, spread(one.interval), one.note, *(share(missed.get((one.name, limit))) for limit in LIMITS))
        for one in moved
    ]
    worst = max(moved, key=lambda one: one.value)
    return Section(
        "What if the list was made by another program?",
        f"The same file through another decoder moves its fingerprint by {number(worst.value)} bits on average at the "
        f"most ({worst.name}).",
        {"drift": figures.dots([(one.name, "", one) for one in moved], "bits moved, mean", high=max(8.0, worst.high))},
        ("decoder", "bits moved", "", *(f"missed at {limit}" for limit in LIMITS)),
        rows,
        (
            "Those without a version are ways through the Pillow that is here. Other programs are those that this run "
            "was given.",
            "Copies are of a quarter of the size, looked at as they are.",
        ),
    )
