"""Which module measures which question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from foreseal_client.study import (
    catches,
    cost,
    drift,
    leaks,
    listing,
    photographs,
    safeguards,
    sending,
    strangers,
    updating,
)
from foreseal_client.study.cell import Cell, Ground, Sample

__all__ = ["MEASURES", "measured"]

MEASURES: Final[Mapping[str, Callable[[Cell, Ground], Iterable[Sample]]]] = MappingProxyType(
    {
        "reading": photographs.measure,
        "listing": listing.measure,
        "recall": catches.measure,
        "strangers": strangers.measure,
        "drift": drift.measure,
        "making": cost.make_list,
        "cost": cost.measure,
        "updating": updating.measure,
        "sending": sending.measure,
        "leaks": leaks.measure,
        "safeguards": safeguards.measure,
    }
)
"""Question -> what measures its cells."""


def measured(cell: Cell, ground: Ground) -> tuple[Sample, ...]:
    """What comes of a cell. What cannot be measured is a sample with a reason."""
    return tuple(MEASURES[cell.question](cell, ground))
