"""Whom it hurts: how near harmless pictures come to what is listed, where none of it is of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

import numpy as np

from foreseal_client.bench.ways import ways_of
from foreseal_client.pictures.edits import read_upright
from foreseal_client.pictures.hard_negatives import DRAWN, OVER_PHOTOGRAPHS
from foreseal_client.pictures.harmless import as_seen
from foreseal_client.pictures.menu import SIDE
from foreseal_client.study.cell import Cell, Ground, Sample
from foreseal_client.study.listing import Words, large_list, nearest
from foreseal_client.study.photographs import COMPARED
from foreseal_matcher.decode import Look, first_looks
from foreseal_matcher.fingerprints.fingerprint import Taken

__all__ = ["CHUNK", "LENGTHS", "OTHERS", "PHOTOGRAPHS", "drawn_cells", "measure"]

PHOTOGRAPHS: Final = "photographs"
LENGTHS: Final = (100, 1_000, 10_000, 100_000, 1_000_000)
"""Lengths at which the beginning of the list is searched too, so that growth can be seen."""
CHUNK: Final = 5
"""Drawn pictures of one cell."""
OTHERS: Final = "others-{half}.npz"
"""Fingerprint -> those of the photographs of a half, with `subjects`; in the folder of work."""


def drawn_cells(each: int) -> Iterator[Cell]:
    """Cells for `each` pictures of every kind that is drawn, rounded up to whole chunks."""
    for kind in DRAWN:
        for chunk in range(-(-each // CHUNK)):
            yield Cell("strangers", kind, str(chunk))


def measure(cell: Cell, ground: Ground) -> Iterator[Sample]:
    """Of a photograph of the half in `variant`: bits to the nearest other photograph of it; and of one that is judged,
    and memes and screenshots of it, bits to the nearest entry of the list. Of a kind that is drawn the latter."""
    if cell.source is None:
        listed = large_list(ground.work)
        for at in range(int(cell.variant) * CHUNK, (int(cell.variant) + 1) * CHUNK):
            drawn = as_seen(DRAWN[cell.subject](random.Random(f"{ground.seed} {cell.subject} {at}")))
            yield from _against_list(f"{cell.subject} {at}", cell.subject, drawn, listed)
        return
    encoded = cell.source.read_bytes()
    picture = first_looks(encoded)[0]
    yield from _against_others(cell, picture, ground)
    if cell.variant != "judging":
        return
    listed = large_list(ground.work)
    yield from _against_list(cell.subject, PHOTOGRAPHS, picture, listed)
    small = read_upright(encoded)
    small.thumbnail((SIDE, SIDE))
    for kind, over in OVER_PHOTOGRAPHS.items():
        shown = as_seen(over(small, random.Random(f"{ground.seed} {kind} {cell.subject}")))
        yield from _against_list(cell.subject, kind, shown, listed)


def _against_others(cell: Cell, picture: Look, ground: Ground) -> Iterator[Sample]:
    with np.load(ground.work / OTHERS.format(half=cell.variant)) as stored:
        is_other = stored["subjects"] != cell.subject
        for name in COMPARED:
            others = stored[name][is_other]
            for looks, way in ways_of(name).items():
                found = min((_nearest_of(each, others) for _, each in way(picture)), default=_none(others))
                yield Sample(
                    "strangers", cell.subject, cell.variant, name, looks, f"nearest of {len(others)} others", str(found)
                )


def _against_list(subject: str, kind: str, picture: Look, listed: Words) -> Iterator[Sample]:
    for looks, way in ways_of("pdq").items():
        taken = [each for _, each in way(picture) if each.telling]
        if not taken:
            reason = "there is too little in it to be compared"
            yield Sample("strangers", subject, kind, "pdq", looks, f"nearest of {len(listed)} entries", "inf", reason)
            continue
        for length in sorted({*(each for each in LENGTHS if each < len(listed)), len(listed)}):
            found = min(_nearest_of(each, listed[:length]) for each in taken)
            yield Sample("strangers", subject, kind, "pdq", looks, f"nearest of {length} entries", str(found))


def _nearest_of(taken: Taken, listed: Words) -> int:
    return nearest(np.frombuffer(taken.bits, np.uint64), listed) if taken.telling else _none(listed)


def _none(listed: Words) -> int:
    return 64 * int(listed.shape[1]) + 1
