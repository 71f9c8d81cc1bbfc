"""The fingerprint of a film: the PDQ of its sampled frames, and when each is shown.

In the manner of vPDQ (github.com/facebook/threatexchange, vpdq/README.md): frames are an unordered bag, those with too
little in them are left out, and so is one that hardly differs from the one kept before it. Two films are compared by
how much of each is found in the other. Where ours differs, and why, is in docs/decisions/0022-films-by-frames.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from foreseal_matcher.fingerprints.pdq import MATCH_AT, Pdq, distance
from foreseal_matcher.overlap import PART, Overlap

__all__ = ["PRUNED_AT", "FilmHash", "FilmPrint", "compared", "film_print", "overlap_of", "worth_keeping"]

PRUNED_AT: Final = 6
"""A frame at most this many bits from the one kept before it is left out, so that a scene that stands still counts
once. The description's example is 2; a little more allows for the noise of encoding."""


class FilmHash(NamedTuple):
    """A frame of a film's fingerprint. `bits`: its PDQ, 32 bytes. `time_ms`: from the film's first frame."""

    bits: bytes
    time_ms: int


class FilmPrint(NamedTuple):
    """A film's fingerprint. `sampled`: frames that were looked at, of which `frames` were kept. `apart`: the longest
    time between two of those looked at, in milliseconds."""

    frames: tuple[FilmHash, ...]
    sampled: int
    apart: int


def film_print(frames: Iterable[tuple[Pdq, int]]) -> FilmPrint:
    """A film's fingerprint from the PDQ and the time in milliseconds of each sampled frame, in their order."""
    kept: list[FilmHash] = []
    sampled, apart, before = 0, 0, None
    for pdq, time_ms in frames:
        apart = apart if before is None else max(apart, time_ms - before)
        sampled, before = sampled + 1, time_ms
        if worth_keeping(pdq, kept[-1].bits if kept else None):
            kept.append(FilmHash(pdq.bits, time_ms))
    return FilmPrint(tuple(kept), sampled, apart)


def worth_keeping(frame: Pdq, before: bytes | None) -> bool:
    """Whether a frame counts, given the PDQ of the one that was kept before it."""
    return frame.telling and (before is None or distance(before, frame.bits) > PRUNED_AT)


def compared(one: FilmPrint, listed: FilmPrint) -> Overlap:
    """What two films have in common, each frame compared with each."""
    near = [
        (frame.time_ms, other.time_ms)
        for frame in one.frames
        for other in listed.frames
        if distance(frame.bits, other.bits) <= MATCH_AT
    ]
    own, theirs = ([frame.time_ms for frame in each.frames] for each in (one, listed))
    return overlap_of((time for time, _ in near), own, (time for _, time in near), theirs, one.apart)


def overlap_of(
    matched: Iterable[int], own: Iterable[int], covered: Iterable[int], listed: Iterable[int], apart: int
) -> Overlap:
    """What two films have in common. `own`: when the frames of the checked one are shown, in milliseconds, and
    `matched`: those that were found. `listed`, `covered`: the same of the listed one. `apart`: the longest time between
    two frames that were looked at of the checked one."""
    part = max(PART, apart)
    return Overlap(*(len({time // part for time in times}) for times in (matched, own, covered, listed)))
