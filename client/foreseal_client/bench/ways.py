"""The ways in which the bench looks at a picture: by PDQ in each set of looks, by any other fingerprint as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from foreseal_matcher import Looks
from foreseal_matcher.decode import Look
from foreseal_matcher.fingerprints.fingerprint import Taken
from foreseal_matcher.fingerprints.known import FINGERPRINTS
from foreseal_matcher.looks import PLAIN, seen

__all__ = ["Way", "ways_of"]

Way = Callable[[Look], Iterator[tuple[str, Taken]]]
"""From a picture to the names of looks at it and their fingerprints, the picture as it is first."""


def ways_of(fingerprint: str) -> Mapping[str, Way]:
    """By name, from the quickest to the most thorough. Raises `KeyError` for a fingerprint that is not known."""
    if fingerprint == "pdq":
        return {looks.value: partial(_by_pdq, looks) for looks in Looks}
    return {Looks.PLAIN.value: partial(_as_it_is, fingerprint)}


def _by_pdq(looks: Looks, picture: Look) -> Iterator[tuple[str, Taken]]:
    for look, taken in seen(picture, looks):
        yield look, Taken(taken.bits, taken.telling)


def _as_it_is(fingerprint: str, picture: Look) -> Iterator[tuple[str, Taken]]:
    yield PLAIN, FINGERPRINTS[fingerprint].of(picture)
