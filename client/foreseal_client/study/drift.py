"""Drift: how far another decoder moves a picture's fingerprint, and what a check then misses. Other ways through the
Pillow that is here, and other programs: the matcher in an environment with another Pillow (`elsewhere`), for one.

The list is made by another program, the check is ours: that is how lists come about.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

from foreseal_client.pictures.decoders import DECODERS
from foreseal_client.pictures.menu import prepared, served
from foreseal_client.study.cell import Cell, Ground, Sample
from foreseal_client.study.elsewhere import taken_by
from foreseal_matcher.decode import Look, first_looks
from foreseal_matcher.fingerprints.pdq import distance, pdq

__all__ = ["COPY", "MOVED", "measure"]

MOVED: Final = "bits moved"
COPY: Final = "bits to a copy"
_EDIT: Final = "resized to a quarter"
"""What a copy has been through that is looked for by the other program's entry."""


def measure(cell: Cell, ground: Ground) -> Iterator[Sample]:
    """By each decoder: bits from our fingerprint of the same file, and from our fingerprint of an edited copy."""
    if cell.source is None:
        raise ValueError("drift takes a file")
    encoded = cell.source.read_bytes()
    ours = first_looks(encoded)
    copy = first_looks(served(prepared(encoded), _EDIT, random.Random(f"{ground.seed} {cell.subject}")))[0]
    # What something shines through is looked at on black and on white, and the nearer of the two counts.
    here, there = [pdq(each.luma, each.full).bits for each in ours], pdq(copy.luma, copy.full).bits
    for name, fingerprinted in _programs(ours[-1], ground.decoders).items():
        try:
            listed = fingerprinted(encoded)
        except (ValueError, OSError) as problem:
            # Of an `OSError` the reason alone: its words hold where the program lies, and samples are handed on.
            reason = str(problem) if isinstance(problem, ValueError) else problem.strerror or type(problem).__name__
            yield Sample("drift", cell.subject, name, "pdq", "plain", MOVED, "inf", reason)
            continue
        yield Sample(
            "drift", cell.subject, name, "pdq", "plain", MOVED, str(min(distance(each, listed) for each in here))
        )
        yield Sample("drift", cell.subject, name, "pdq", "plain", COPY, str(distance(there, listed)))


def _programs(ours: Look, commands: Mapping[str, str]) -> Mapping[str, Callable[[bytes], bytes]]:
    """By name, from a file to its PDQ. Each raises `ValueError` or `OSError` for one that it cannot read."""
    return {
        "ours": lambda _: _pdq_of(ours),
        **{name: partial(_decoded, decoded) for name, decoded in DECODERS.items()},
        **{name: partial(taken_by, command) for name, command in commands.items()},
    }


def _decoded(decoded: Callable[[bytes], Look], encoded: bytes) -> bytes:
    return _pdq_of(decoded(encoded))


def _pdq_of(picture: Look) -> bytes:
    return pdq(picture.luma, picture.full).bits
