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
_TABLE_BITS: Final = 24
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
"""Multiplying by it spreads numbers over their upper bits (D. Knuth, The Art of Computer Programming 3, 6.4)."""


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
    searched = _Haystacks(haystacks)
    hits = []
    for needle in needles:
        found: dict[str, str] = {}
        for form, text in _forms(needle.value):
            for name in searched.holding(text):
                found.setdefault(name, form)
        hits += [Hit(needle.name, name, found[name]) for name in haystacks if name in found]
    return hits


class _Haystacks:
    """The grams of all haystacks together, sorted, and a table that says which there can be at all: nearly all grams
    of a needle are in none, and are done with after one look."""

    def __init__(self, haystacks: Mapping[str, bytes]) -> None:
        self._haystacks = haystacks
        self._names = list(haystacks)
        grams = [_grams(haystack, _STRIDE) for haystack in haystacks.values()]
        self._starts = np.cumsum([0, *(len(each) for each in grams)])
        whole = np.concatenate([np.empty(0, dtype=np.uint64), *grams])
        self._order = np.argsort(whole, kind="stable")
        self._sorted = whole[self._order]
        self._there = np.zeros(1 << _TABLE_BITS, dtype=bool)
        self._there[_places(whole)] = True

    def holding(self, text: bytes) -> Iterator[str]:
        """The names of the haystacks that have a run in common with `text`."""
        if len(text) < RUN:
            yield from (name for name, hay in self._haystacks.items() if len(text) >= _TELLING and text in hay)
            return
        own = _grams(text, 1)
        own = np.unique(own[self._there[_places(own)] & (own != 0)])
        first, last = np.searchsorted(self._sorted, own, "left"), np.searchsorted(self._sorted, own, "right")
        told = set()
        for start, stop in zip(first.tolist(), last.tolist(), strict=True):
            for gram in self._order[start:stop].tolist():
                at = int(np.searchsorted(self._starts, gram, "right")) - 1
                name = self._names[at]
                if name not in told and self._run_around(name, (gram - int(self._starts[at])) * _STRIDE, text):
                    told.add(name)
                    yield name

    def _run_around(self, name: str, at: int, text: bytes) -> bool:
        haystack = self._haystacks[name]
        runs = (haystack[start : start + RUN] for start in range(max(0, at - _STRIDE + 1), at + 1))
        return any(len(run) == RUN and len(set(run)) >= _TELLING and run in text for run in runs)


def _places(grams: NDArray[np.uint64]) -> NDArray[np.intp]:
    return (grams * _SPREAD >> np.uint64(64 - _TABLE_BITS)).astype(np.intp)


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
