"""`foreseal bench films`: what becomes of listed films after ordinary edits, how near strangers come, what it costs.

The films are painted for it, each from scenes that no other has. They are sharper and steadier than what people film.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Final

from foreseal_client.bench.film_floor import decode_film
from foreseal_client.bench.random_list import MADE
from foreseal_client.bench.timing import timed
from foreseal_client.pictures.films import FILM_MENU, FILM_MENU_VERSION, Film, encoded_film, painted_film, served_film
from foreseal_matcher import Bytes, ListSet, Looks, Match, screen
from foreseal_matcher.film_limits import CHECKING
from foreseal_matcher.films import frames_of
from foreseal_matcher.fingerprints.film import FilmPrint, compared
from foreseal_matcher.fingerprints.pdq import BITS, distance
from foreseal_matcher.lists import Purpose, build_list, from_file
from foreseal_matcher.lists.from_files import film_print_of

__all__ = ["FILM_EDITS", "Cost", "FilmReport", "Recall", "Strangers", "measure_films"]

FILM_EDITS: Final = tuple(FILM_MENU)
"""Every edit that can be measured."""
_SCENES: Final = 4


@dataclass(frozen=True, slots=True)
class Recall:
    """The share of edited films still found as theirs, and of those found as another's; and the middle of the shares
    that were found: of the copy in the listed film, and of the listed film in the copy."""

    edit: str
    looks: str
    recall: float
    mistaken: float
    share: float
    listed_share: float


@dataclass(frozen=True, slots=True)
class Strangers:
    """Each film against each other: the nearest two frames in bits, the largest share found, and matches."""

    pairs: int
    nearest: int
    largest_share: float
    matches: int


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds for one film that matches nothing (medians). `floor`: libav decoding each of its frames in this
    process, which is more frames and less care. `apart`: sampled frames out of a process apart. `whole`: a check."""

    seconds: float
    floor: float
    apart: float
    whole_plain: float
    whole_quick: float
    whole_to_floor: float


@dataclass(frozen=True, slots=True)
class FilmReport:
    """All of it, with what is needed to repeat it."""

    menu: int
    seed: int
    films: int
    recall: tuple[Recall, ...]
    strangers: Strangers
    cost: Cost


def measure_films(
    work: Path,
    count: int,
    seed: int,
    edits: Sequence[str] = FILM_EDITS,
    told: Callable[[str], None] = lambda _: None,
) -> FilmReport:
    """Everything in a `FilmReport`, on so many painted films; a list of them is made in the empty folder `work`. `told`
    hears of each step as it begins. Raises `ValueError` for less than two films and for an edit not on the menu."""
    if count < 2:
        raise ValueError("measuring takes two films or more")
    unknown = [edit for edit in edits if edit not in FILM_EDITS]
    if unknown:
        raise ValueError(f"there is no edit {unknown[0]!r}; there are {', '.join(FILM_EDITS)}")
    told("painting")
    others = painted_film(10_000 * (seed + 1), _SCENES).frames
    films = [painted_film(100 * seed + at, _SCENES, others) for at in range(count)]
    files = [encoded_film(film.frames, film.rate) for film in films]
    lists = _listed(work / "films", files)
    recall: list[Recall] = []
    for edit in edits:
        told(edit)
        recall += _recall(films, edit, lists)
    told("strangers")
    strangers = _strangers([film_print_of(file) for file in files])
    told("cost")
    cost = _cost(encoded_film(others, films[0].rate), len(others) / films[0].rate, lists)
    return FilmReport(FILM_MENU_VERSION, seed, count, tuple(recall), strangers, cost)


def _listed(folder: Path, files: Sequence[bytes]) -> ListSet:
    """A list of the films' frames and of nothing else, so that no copy is found by its digest."""
    hashes = [one for id, file in enumerate(files) for one in from_file(file, id, category="bench", source="painted")]
    frames = [one for one in hashes if one.entry.algorithm == "film"]
    build_list(folder, frames, name="bench", version="1", made=MADE, purpose=Purpose.SYNTHETIC)
    return ListSet.open([folder], MADE)


def _recall(films: Sequence[Film], edit: str, lists: ListSet) -> Iterator[Recall]:
    copies = [served_film(film, edit) for film in films]
    for looks in Looks:
        verdicts = [screen(Bytes(copy), lists, looks).verdict for copy in copies]
        found = [(id, one) for id, one in enumerate(verdicts) if isinstance(one, Match)]
        own = [one.overlap for id, one in found if one.entry.id == id and one.overlap is not None]
        yield Recall(
            edit,
            looks.value,
            len(own) / len(films),
            (len(found) - len(own)) / len(films),
            statistics.median(one.share for one in own) if own else 0.0,
            statistics.median(one.listed_share for one in own) if own else 0.0,
        )


def _strangers(prints: Sequence[FilmPrint]) -> Strangers:
    common = [compared(one, other) for one, other in permutations(prints, 2)]
    nearest = (
        distance(a.bits, b.bits) for one, other in permutations(prints, 2) for a in one.frames for b in other.frames
    )
    return Strangers(
        len(common),
        min(nearest, default=BITS),
        max(max(one.share, one.listed_share) for one in common),
        sum(one.resembles for one in common),
    )


def _cost(film: bytes, seconds: float, lists: ListSet, rounds: int = 5) -> Cost:
    calls: dict[str, Callable[[], object]] = {
        "floor": lambda: decode_film(film),
        "apart": lambda: sum(1 for _ in frames_of(film, CHECKING)),
        "plain": lambda: screen(Bytes(film), lists, Looks.PLAIN),
        "quick": lambda: screen(Bytes(film), lists, Looks.QUICK),
    }
    spent: dict[str, list[float]] = {name: [] for name in calls}
    # Round by round, so that other work on the machine meets all of them alike.
    for _ in range(rounds):
        for name, call in calls.items():
            spent[name] += timed(lambda once: once(), [call])
    ms = {name: round(statistics.median(each) * 1000, 1) for name, each in spent.items()}
    return Cost(seconds, ms["floor"], ms["apart"], ms["plain"], ms["quick"], round(ms["quick"] / ms["floor"], 2))
