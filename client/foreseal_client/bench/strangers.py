"""How near harmless pictures come to a list that they are not on.

The list is derived from photographs: each of one half of them is cut into parts that do not overlap, and parts that
resemble each other are listed once. What is held against it shares nothing with it: the other half of the photographs,
their parts, and pictures that look alike by their making. Everything is repeatable from a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foreseal_client.bench.looks import Half, halves
from foreseal_client.bench.ways import Way, ways_of
from foreseal_client.pictures.harmless import harmless, parts_of_all
from foreseal_matcher.decode import Look
from foreseal_matcher.fingerprints.known import FINGERPRINTS, LISTABLE

__all__ = ["Report", "Strangers", "measure_strangers"]

Words = NDArray[np.uint64]
"""Fingerprints as rows of words of 64 bits."""


@dataclass(frozen=True, slots=True)
class Strangers:
    """Pictures of one kind under one set of looks. `pictures`: those with enough in them to be compared. `stopped`: how
    many resemble an entry, of the list, or `alike`: of another picture of the kind. `nearest` in bits. `upper`: 3 /
    pictures, the bound (95 %) on the share that is stopped, where none was."""

    kind: str
    looks: str
    pictures: int
    stopped: int
    nearest: int
    alike: int
    nearest_alike: int
    upper: float


@dataclass(frozen=True, slots=True)
class Report:
    """All of it, with what is needed to repeat it. `parts`: before those that resemble each other were made one."""

    seed: int
    fingerprint: str
    limit: int
    photographs: int
    parts: int
    entries: int
    strangers: tuple[Strangers, ...]


def measure_strangers(
    files: Mapping[str, bytes],
    seed: int,
    each: int,
    fingerprint: str = "pdq",
    told: Callable[[str], None] = lambda _: None,
) -> Report:
    """`files`: photographs by name, all distinct. `each`: pictures of each kind that is drawn. `fingerprint`: "pdq" or
    one of `fingerprints.known.LISTABLE`. `told` hears of each step as it begins. Raises `ValueError` where no two
    photographs can be read or nothing can be listed, and `NotInstalled` where what computes the fingerprint is absent.
    """
    if fingerprint not in ("pdq", *LISTABLE):
        raise ValueError(f"a list holds no fingerprint {fingerprint!r}")
    listing, others = ([files[name] for name in halves(files, seed)[half]] for half in (Half.TUNING, Half.JUDGING))
    ways = ways_of(fingerprint)
    plain, limit = next(iter(ways.values())), FINGERPRINTS[fingerprint].limit
    told("the list")
    parts = [*_taken(parts_of_all(listing), plain)]
    if not parts:
        raise ValueError("measuring strangers takes two photographs or more that have something in them")
    listed = _distinct(_words(parts), limit)
    found: list[Strangers] = []
    for kind, pictures in harmless(others, each, seed).items():
        told(kind)
        # Parts of photographs are many: they are looked at as they are, which is what makes them many pairs.
        some = {"plain": plain} if kind == "parts" else ways
        found += _strangers(kind, list(pictures), some, listed, limit)
    return Report(seed, fingerprint, limit, len(files), len(parts), len(listed), tuple(found))


def _strangers(
    kind: str, pictures: Sequence[Look], ways: Mapping[str, Way], listed: Words, limit: int
) -> Iterator[Strangers]:
    plain = next(iter(ways.values()))
    own = [next(iter(_taken([picture], plain)), None) for picture in pictures]
    telling = _words([bits for bits in own if bits is not None])
    for looks, way in ways.items():
        nearest, nearest_alike = [], []
        at = 0
        for picture, bits in zip(pictures, own, strict=True):
            others = telling if bits is None else np.delete(telling, at, axis=0)
            at += bits is not None
            taken = [each.bits for _, each in way(picture) if each.telling]
            if taken:
                nearest.append(min(_nearest(word, listed) for word in _words(taken)))
                nearest_alike.append(min(_nearest(word, others) for word in _words(taken)))
        if nearest:
            yield Strangers(
                kind,
                looks,
                len(nearest),
                sum(bits <= limit for bits in nearest),
                min(nearest),
                sum(bits <= limit for bits in nearest_alike),
                min(nearest_alike),
                3 / len(nearest),
            )


def _taken(pictures: Sequence[Look] | Iterator[Look], way: Way) -> Iterator[bytes]:
    """The fingerprints of those that have enough in them."""
    for picture in pictures:
        for _, taken in way(picture):
            if taken.telling:
                yield taken.bits


def _words(bits: Sequence[bytes]) -> Words:
    width = len(bits[0]) // 8 if bits else 1
    return np.frombuffer(b"".join(bits), np.uint64).reshape(-1, width)


def _distinct(words: Words, limit: int) -> Words:
    """Those that resemble none before them."""
    kept = np.empty_like(words)
    count = 0
    for word in words:
        if _nearest(word, kept[:count]) > limit:
            kept[count] = word
            count += 1
    return kept[:count]


def _nearest(word: NDArray[np.uint64], listed: Words) -> int:
    """Bits to the nearest row; more than any fingerprint has where there is none."""
    if not len(listed):
        return 64 * len(word) + 1
    return int(np.bitwise_count(listed ^ word).sum(axis=1, dtype=np.uint16).min())
