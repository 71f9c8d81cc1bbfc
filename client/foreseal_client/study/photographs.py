"""The photographs of a study: read once, told apart, split in two.

Near-duplicates are found by correlating thumbnails, and not by a fingerprint: two different photographs with one
fingerprint are what a study is looking for, and must not be taken for one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from foreseal_client.bench.looks import Half, halves
from foreseal_client.study.cell import Cell, Ground, Sample
from foreseal_client.study.ways import parts_of
from foreseal_matcher import Undecodable
from foreseal_matcher.content import MAX_PICTURE_BYTES
from foreseal_matcher.decode import Look, first_looks
from foreseal_matcher.fingerprints.known import FINGERPRINTS, LISTABLE
from foreseal_matcher.formats import HEAD_BYTES, Format, sniff
from foreseal_matcher.verdict import Reason

__all__ = [
    "ALIKE", "BECAME", "COMPARED", "FEATURELESS", "MERGED", "UNREADABLE", "Collection", "collected", "measure", "told",
]  # fmt: skip

COMPARED: Final = ("pdq", *LISTABLE)
"""The fingerprints that a study takes. The crop-resistant one takes seconds a picture, and is left out."""
ALIKE: Final = 0.95
"""Correlation of two thumbnails, in any of the eight positions, from which on they count as one photograph."""
BECAME: Final = "became"
UNREADABLE: Final = "unreadable"
FEATURELESS: Final = "too little in them"
MERGED: Final = "near-duplicates"
"""What a photograph that is left out is counted as."""
_NO_PICTURE: Final = f"it is no picture of a kind that is read ({', '.join(kind.value for kind in Format)})"
_SIDE: Final = 16


@dataclass(frozen=True, slots=True)
class Collection:
    """The photographs that are measured: `halves` by subject; `bits`: subject -> fingerprint -> its bytes; `parts`:
    subject -> PDQs of parts of it. Left out are `unreadable` (subject -> reason), `featureless` ones, and those
    `merged` into another (subject -> which, and how alike)."""

    halves: Mapping[Half, Sequence[str]]
    bits: Mapping[str, Mapping[str, bytes]]
    parts: Mapping[str, Sequence[bytes]]
    unreadable: Mapping[str, str]
    featureless: Sequence[str]
    merged: Mapping[str, tuple[str, float]]

    @property
    def subjects(self) -> Sequence[str]:
        """All that are measured."""
        return self.halves[Half.ALL]


def measure(cell: Cell, _: Ground) -> Iterator[Sample]:
    """A photograph's fingerprints, and a thumbnail to tell it from others by."""
    if cell.source is None:
        raise ValueError("reading takes a file")
    try:
        picture = first_looks(_bytes_of(cell.source))[0]
    except (Undecodable, OSError) as problem:
        yield _sample(cell, "", "unreadable", "1", _why(problem))
        return
    for name in COMPARED:
        taken = FINGERPRINTS[name].of(picture)
        if not taken.telling:
            yield _sample(cell, name, "featureless", "1", "there is too little in it to be compared")
            return
        yield _sample(cell, name, "bits", taken.bits.hex())
    yield _sample(cell, "pdq", "parts", " ".join(bits.hex() for bits in parts_of(picture)))
    yield _sample(cell, "", "thumbnail", _thumbnail(picture).hex())
    yield _sample(cell, "", "pixels", str(picture.full[0] * picture.full[1]))


def _bytes_of(path: Path) -> bytes:
    """Of a file that is no picture only the beginning, of a picture all that may be looked at: films lie among
    photographs too, and several at a time are more than a machine's memory. Raises `Undecodable` and `OSError`."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if sniff(head) is None:
            return head
        whole = head + file.read(MAX_PICTURE_BYTES + 1 - len(head))
        if len(whole) > MAX_PICTURE_BYTES:
            size = os.fstat(file.fileno()).st_size
            raise Undecodable(Reason.TOO_LARGE, f"{size} bytes, the limit is {MAX_PICTURE_BYTES}")
    return whole


def _why(problem: Undecodable | OSError) -> str:
    if isinstance(problem, OSError):
        # The reason alone: its words hold the file's name, and samples are handed on.
        return problem.strerror or type(problem).__name__
    # The check is asked about what is called a picture, and a study is given whatever lies in the folder.
    return _NO_PICTURE if problem.reason is Reason.NOT_A_PICTURE else str(problem)


def collected(samples: Sequence[Sample], seed: int) -> Collection:
    """The photographs that reading found. The halves are drawn from those that are distinct, by `seed`."""
    bits: dict[str, dict[str, bytes]] = {}
    thumbnails: dict[str, bytes] = {}
    parts: dict[str, list[bytes]] = {}
    for one in samples:
        if one.measure == "bits":
            bits.setdefault(one.subject, {})[one.fingerprint] = bytes.fromhex(one.value)
        elif one.measure == "parts":
            parts[one.subject] = [bytes.fromhex(part) for part in one.value.split()]
        elif one.measure == "thumbnail":
            thumbnails[one.subject] = bytes.fromhex(one.value)
    merged = _merged(thumbnails)
    return Collection(
        halves(thumbnails.keys() - merged.keys(), seed),
        bits,
        parts,
        {one.subject: one.reason for one in samples if one.measure == "unreadable"},
        [one.subject for one in samples if one.measure == "featureless"],
        merged,
    )


def told(photographs: Collection) -> Iterator[Sample]:
    """What became of each, without fingerprints or anything else that was made of what it shows: samples that can be
    handed on."""
    became = {subject: half.value for half in (Half.TUNING, Half.JUDGING) for subject in photographs.halves[half]}
    for subject in photographs.subjects:
        yield Sample("photographs", subject, "", "", "", BECAME, became[subject])
    for subject, reason in photographs.unreadable.items():
        yield Sample("photographs", subject, "", "", "", BECAME, UNREADABLE, reason)
    for subject in photographs.featureless:
        yield Sample("photographs", subject, "", "", "", BECAME, FEATURELESS)
    for subject, (other, likeness) in photographs.merged.items():
        yield Sample("photographs", subject, "", "", "", BECAME, MERGED, f"of {other}, {likeness:.3f}")


def _merged(thumbnails: Mapping[str, bytes]) -> dict[str, tuple[str, float]]:
    """Each that is like one before it, in the order of their names."""
    names = sorted(thumbnails)
    plain = [np.frombuffer(thumbnails[name], np.uint8).reshape(_SIDE, _SIDE) for name in names]
    if not plain:
        return {}
    rows = np.stack([_normal(each) for each in plain])
    likeness = np.max([rows @ np.stack([_normal(turn(each)) for each in plain]).T for turn in _POSITIONS], axis=0)
    merged: dict[str, tuple[str, float]] = {}
    for at, name in enumerate(names):
        earlier = [before for before in range(at) if names[before] not in merged]
        if earlier:
            nearest = max(earlier, key=lambda before: float(likeness[at, before]))
            if likeness[at, nearest] >= ALIKE:
                merged[name] = (names[nearest], float(likeness[at, nearest]))
    return merged


_POSITIONS: Final = (
    lambda square: square,
    lambda square: np.rot90(square, 1),
    lambda square: np.rot90(square, 2),
    lambda square: np.rot90(square, 3),
    np.transpose,
    np.fliplr,
    np.flipud,
    lambda square: np.rot90(np.transpose(square), 2),
)


def _normal(square: NDArray[np.uint8]) -> NDArray[np.float64]:
    centred = square.astype(np.float64).ravel() - square.mean()
    length = float(np.linalg.norm(centred))
    scaled: NDArray[np.float64] = centred / (length or 1.0)
    return scaled


def _thumbnail(picture: Look) -> bytes:
    """Mean luma of 16 x 16 parts."""
    luma = np.asarray(picture.luma, np.float64)
    down, across = (np.linspace(0, side, _SIDE + 1).astype(int)[:-1] for side in luma.shape)
    sums = np.add.reduceat(np.add.reduceat(luma, down, axis=0), across, axis=1)
    counts = np.outer(np.diff([*down, luma.shape[0]]), np.diff([*across, luma.shape[1]]))
    means: NDArray[np.uint8] = np.rint(sums / counts).astype(np.uint8)
    return means.tobytes()


def _sample(cell: Cell, fingerprint: str, measure: str, value: str, reason: str = "") -> Sample:
    return Sample("reading", cell.subject, "", fingerprint, "", measure, value, reason)
