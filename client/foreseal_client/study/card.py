"""The card of protection and harm: what measured rates would mean for so many pictures a day.

A share that was measured on n pictures is not one number but a spread of them. The card draws both shares many times
from what the measurement leaves possible (a Beta distribution with a flat prior) and carries all draws through, so that
the interval of "people wrongly stopped a day" is one of the whole sum and not of its middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from foreseal_client.study.intervals import Interval

__all__ = ["NOT_COUNTED", "Card", "Rate", "Supposed", "card"]

_DRAWS: Final = 20_000
NOT_COUNTED: Final = (
    "that lists grow: the same check stops whatever is put on a list, and nobody who is checked sees what that is",
    "what people no longer send or say because something looks over their shoulder",
    "reports that are not made, by people who believe that the check sees to it",
    "people who learn what passes, or go where nothing is checked",
    "what is new: material that no list knows yet is never stopped",
    "that one list may be given to some people and another to others",
    "what it does to a person to be stopped by mistake, or to somebody when what was made of them goes on",
)
"""What no figure on the card holds."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many `hits` of so many that were `tried`. Where each photograph was tried in several ways it counts once, with
    the share of them that were hits, so that `hits` need not be whole."""

    hits: float
    tried: int

    def draws(self, chance: np.random.Generator) -> NDArray[np.float64]:
        """What the share may be, `_DRAWS` times."""
        return chance.beta(self.hits + 1, self.tried - self.hits + 1, _DRAWS)


@dataclass(frozen=True, slots=True)
class Supposed:
    """What the reader supposes, and nothing here can measure. `volume`: pictures sent a day. `prevalence`: share of
    them that are known material. `coverage`: share of known material that is on the list. `appeals`: share of those
    wrongly stopped who ask for a review. Raises `ValueError` outside 0..1, and for no pictures."""

    volume: int = 1_000_000
    prevalence: float = 1e-6
    coverage: float = 1.0
    appeals: float = 0.1

    def __post_init__(self) -> None:
        if self.volume < 1:
            raise ValueError("the card counts at least one picture a day")
        for name in ("prevalence", "coverage", "appeals"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a share and lies in 0..1")


@dataclass(frozen=True, slots=True)
class Card:
    """A day, with 95 % intervals; `right`: the share of what is stopped that is known material. Where nothing was
    stopped by mistake in the measurement, the figure of `wrong` is 0 and its interval ends where 0 in n allows."""

    known: float
    stopped: Interval
    missed: Interval
    wrong: Interval
    appeals: Interval
    right: Interval


def card(recall: Rate, wrong: Rate, supposed: Supposed, seed: int) -> Card:
    """Works it out. The same seed gives the same card. Raises `ValueError` where nothing was tried."""
    if not recall.tried or not wrong.tried:
        raise ValueError("a card needs a measured recall and a measured rate of false matches")
    chance = np.random.default_rng(seed)
    found, mistaken = recall.draws(chance) * supposed.coverage, wrong.draws(chance)
    known = supposed.volume * supposed.prevalence
    harmless = supposed.volume - known
    share, mistake = recall.hits / recall.tried * supposed.coverage, wrong.hits / wrong.tried
    stopped, by_mistake = known * share, harmless * mistake
    either = known * found + harmless * mistaken
    return Card(
        known,
        _interval(stopped, known * found),
        _interval(known - stopped, known * (1 - found)),
        _interval(by_mistake, harmless * mistaken, from_zero=not wrong.hits),
        _interval(by_mistake * supposed.appeals, harmless * mistaken * supposed.appeals, from_zero=not wrong.hits),
        _interval(
            stopped / (stopped + by_mistake) if stopped else 0.0,
            known * found / np.maximum(either, 1e-300),
            to_one=not wrong.hits,
        ),
    )


def _interval(value: float, draws: NDArray[np.float64], *, from_zero: bool = False, to_one: bool = False) -> Interval:
    low, high = np.percentile(draws, (2.5, 97.5))
    return Interval(value, 0.0 if from_zero else float(low), 1.0 if to_one else float(high))
