"""Whom it hurts: how near harmless pictures come to what is listed, where none of it is of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from foreseal_client.pictures.edits import read_upright
from foreseal_client.pictures.hard_negatives import DRAWN, OVER_PHOTOGRAPHS
from foreseal_client.pictures.harmless import as_seen
from foreseal_client.pictures.menu import SIDE
from foreseal_client.study.cell import Cell, Ground, Sample
from foreseal_client.study.listing import Words, large_list, nearest
from foreseal_client.study.photographs import COMPARED
from foreseal_client.study.ways import PARTS, SETS, with_parts, words_by_way
from foreseal_matcher.decode import Look, first_looks
from foreseal_matcher.fingerprints.known import FINGERPRINTS

__all__ = ["ALIKE", "CHUNK", "LENGTHS", "OTHERS", "PARTS_OF", "PHOTOGRAPHS", "drawn_cells", "measure"]

PHOTOGRAPHS: Final = "photographs"
LENGTHS: Final = (100, 1_000, 10_000, 100_000, 1_000_000)
"""Lengths at which the beginning of the list is searched too, so that growth can be seen."""
CHUNK: Final = 5
"""Drawn pictures of one cell."""
OTHERS: Final = "others-{half}.npz"
"""Fingerprint -> those of the photographs of a half, with `subjects`; in the folder of work. And `PARTS`: the PDQs of
their parts, with `PARTS_OF`: of which photograph each is."""
PARTS_OF: Final = "parts of"
ALIKE: Final = "others within the published limit"
"""Which photographs of its half one resembles, by their names, as it is."""


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
            parts = stored[PARTS][stored[PARTS_OF] != cell.subject] if name == "pdq" else others[:0]
            measured = f"nearest of {len(others)} others"
            for looks, taken in words_by_way(name, picture):
                found = _nearest_of(taken, others)
                yield Sample("strangers", cell.subject, cell.variant, name, looks, measured, str(found))
                if name == "pdq" and looks in SETS:
                    near, called = min(found, _nearest_of(taken, parts)), with_parts(looks)
                    yield Sample("strangers", cell.subject, cell.variant, name, called, measured, str(near))
            if cell.variant == "judging":
                alike = " ".join(stored["subjects"][is_other][_within(name, picture, others)])
                yield Sample("strangers", cell.subject, cell.variant, name, "plain", ALIKE, alike)


def _against_list(subject: str, kind: str, picture: Look, listed: Words) -> Iterator[Sample]:
    for looks, taken in words_by_way("pdq", picture):
        if looks not in SETS:
            continue
        if not taken:
            reason = "there is too little in it to be compared"
            yield Sample("strangers", subject, kind, "pdq", looks, f"nearest of {len(listed)} entries", "inf", reason)
            continue
        for length in sorted({*(each for each in LENGTHS if each < len(listed)), len(listed)}):
            found = _nearest_of(taken, listed[:length])
            yield Sample("strangers", subject, kind, "pdq", looks, f"nearest of {length} entries", str(found))


def _nearest_of(taken: Sequence[bytes], listed: Words) -> int:
    none = 64 * int(listed.shape[1]) + 1
    return min((nearest(np.frombuffer(bits, np.uint64), listed) for bits in taken), default=none)


def _within(fingerprint: str, picture: Look, others: Words) -> NDArray[np.bool_]:
    """Which of the others resemble a picture as it is, by the published limit."""
    own = np.frombuffer(FINGERPRINTS[fingerprint].of(picture).bits, np.uint64)
    apart = np.bitwise_count(others ^ own).sum(axis=1, dtype=np.uint16)
    resemble: NDArray[np.bool_] = apart <= FINGERPRINTS[fingerprint].limit
    return resemble
