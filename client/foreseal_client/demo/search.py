"""Looking for a plaintext in everything a relay had its hands on.

A needle is looked for in every form it could plausibly have been kept in: as it is, in hexadecimal, in base64 at each
of its three alignments, and as UTF-16. A database cuts long values into pages, so any run of `RUN` bytes that needle
and haystack have in common counts.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["RUN", "Hit", "Needle", "search"]

RUN: Final = 24
"""Bytes in common that count as found. Chance has 24 given bytes in a gigabyte once in 10^48 times."""
_GRAM: Final = 8
_STRIDE: Final = RUN - _GRAM + 1
"""Every run of `RUN` bytes holds a whole gram that begins at a multiple of this."""
_TELLING: Final = 6
"""Different byte values a run must have: 24 zeros in common say nothing."""


@dataclass(frozen=True, slots=True)
class Needle:
    """What is looked for. `name` is for the report."""

    name: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Hit:
    """A needle that was found, in which haystack and in which form."""

    needle: str
    haystack: str
    form: str


def search(needles: list[Needle], haystacks: Mapping[str, bytes]) -> list[Hit]:
    """Every needle found in every haystack, once each."""
    grams = {name: _grams(haystack, _STRIDE) for name, haystack in haystacks.items()}
    hits = []
    for needle in needles:
        forms = [(form, text, np.sort(_grams(text, 1))) for form, text in _forms(needle.value)]
        for name, haystack in haystacks.items():
            found = next((form for form, text, own in forms if _in_common(text, own, haystack, grams[name])), None)
            if found is not None:
                hits.append(Hit(needle.name, name, found))
    return hits


def _in_common(text: bytes, own: NDArray[np.uint64], haystack: bytes, theirs: NDArray[np.uint64]) -> bool:
    if len(text) < RUN:
        return len(text) >= _TELLING and text in haystack
    if not len(own):
        return False
    # Binary search in the needle's sorted grams; sorting the two together for each pair would be far slower.
    nearest = own[np.searchsorted(own, theirs).clip(max=len(own) - 1)]
    for index in np.flatnonzero((nearest == theirs) & (theirs != 0)):
        at = int(index) * _STRIDE
        for start in range(max(0, at - _STRIDE + 1), at + 1):
            run = haystack[start : start + RUN]
            if len(run) == RUN and len(set(run)) >= _TELLING and run in text:
                return True
    return False


def _grams(data: bytes, stride: int) -> NDArray[np.uint64]:
    """The eight bytes at each multiple of `stride`, as numbers."""
    if len(data) < _GRAM:
        return np.empty(0, dtype=np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(data, dtype=np.uint8), _GRAM)[::stride]
    return np.ascontiguousarray(windows).view(np.uint64).ravel()


def _forms(value: bytes) -> Iterator[tuple[str, bytes]]:
    yield "as it is", value
    yield "hexadecimal", value.hex().encode()
    yield "hexadecimal", value.hex().upper().encode()
    for shift in range(3):
        # Only whole groups of three bytes read the same whatever stands before and after them.
        whole = value[shift : shift + (len(value) - shift) // 3 * 3]
        yield "base64", base64.b64encode(whole)
        yield "base64", base64.urlsafe_b64encode(whole)
    try:
        yield "UTF-16", value.decode().encode("utf-16-le")
    except UnicodeDecodeError:
        return
