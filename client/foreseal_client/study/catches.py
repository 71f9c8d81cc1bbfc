"""What the check catches: how far an edited copy is from the listed picture, by every fingerprint and set of looks.

Distances are kept, and not whether they match, so that any limit can be judged afterwards.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final

from foreseal_client.bench.looks import EDITS
from foreseal_client.pictures.menu import prepared, served
from foreseal_client.study.cell import Cell, Ground, Sample
from foreseal_client.study.photographs import COMPARED
from foreseal_client.study.ways import PARTS, SETS, parts_of, with_parts, words_by_way
from foreseal_matcher import Undecodable
from foreseal_matcher.decode import first_looks
from foreseal_matcher.fingerprints.known import FINGERPRINTS

__all__ = ["DISTANCE", "LISTED", "QUICK_EDITS", "edits_of", "measure"]

DISTANCE: Final = "distance"
LISTED: Final = "fingerprints listed"
"""Of one photograph, where parts of it are listed too."""
QUICK_EDITS: Final = ("re-saved at 30", "resized to a quarter", "cropped 5 %", "mirrored", "border 5 %", "screenshot")


def edits_of(quick: bool) -> Sequence[str]:
    """The edits of the fixed menu that a study makes."""
    return QUICK_EDITS if quick else EDITS


def measure(cell: Cell, ground: Ground) -> Iterator[Sample]:
    """The distance from each edited copy of a photograph to the photograph, the nearest of its looks; for PDQ also to
    what a list holds that has parts of it too. And how many fingerprints such a list holds of it."""
    if cell.source is None:
        raise ValueError("recall takes a file")
    encoded = cell.source.read_bytes()
    originals = first_looks(encoded)
    upright = prepared(encoded)
    # As a list holds it: a picture that something shines through is listed as it looks on black and on white.
    listed = {name: [FINGERPRINTS[name].of(one).bits for one in originals] for name in COMPARED}
    parts = [*listed["pdq"], *(part for one in originals for part in parts_of(one))]
    yield Sample("recall", cell.subject, "", "pdq", PARTS, LISTED, str(len(parts)))
    for edit in edits_of(ground.quick):
        try:
            copy = first_looks(served(upright, edit, random.Random(f"{ground.seed} {edit} {cell.subject}")))[0]
        except (Undecodable, ValueError) as problem:
            # A crop of a tiny picture may leave nothing to look at: that copy is missed, and said to be.
            yield Sample("recall", cell.subject, edit, "", "", DISTANCE, "inf", str(problem))
            continue
        for name in COMPARED:
            for looks, taken in words_by_way(name, copy):
                apart = _nearest(name, taken, listed[name])
                yield Sample("recall", cell.subject, edit, name, looks, DISTANCE, f"{apart:g}")
                if name == "pdq" and looks in SETS:
                    near = _nearest(name, taken, parts)
                    yield Sample("recall", cell.subject, edit, name, with_parts(looks), DISTANCE, f"{near:g}")


def _nearest(fingerprint: str, taken: Sequence[bytes], listed: Sequence[bytes]) -> float:
    apart = FINGERPRINTS[fingerprint].distance
    return min((apart(a, b) for a in taken for b in listed), default=float("inf"))
