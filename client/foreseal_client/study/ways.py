"""The ways in which a study looks at a picture, and what a list holds of one.

A set of looks is what a policy picks. A family is one kind of look beside the plain one, so that what each kind brings
can be told apart; it is a part of the full set and no set that a policy could pick.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from foreseal_client.bench.ways import ways_of
from foreseal_matcher import Looks
from foreseal_matcher.decode import Look
from foreseal_matcher.fingerprints.pdq import POSITIONS
from foreseal_matcher.lists.crops import crops_of
from foreseal_matcher.looks import PLAIN

__all__ = ["FAMILIES", "PARTS", "SETS", "beside_plain", "parts_of", "with_parts", "words_by_way"]

FAMILIES: Final = ("dihedral", "trimmed", "grown", "turned", "letters and contrast")
"""Kinds of looks: eight positions, bars and borders off, the frame grown, turned back, what is painted over."""
SETS: Final = tuple(looks.value for looks in Looks)
"""What a policy can pick, from the quickest to the most thorough."""
PARTS: Final = "parts listed"


def beside_plain(family: str) -> str:
    """What the plain look and those of one family are called together."""
    return f"plain and {family}"


def with_parts(looks: str) -> str:
    """What such looks are called where a list holds 18 parts of each picture too."""
    return f"{looks}, {PARTS}"


def words_by_way(fingerprint: str, picture: Look) -> Iterator[tuple[str, Sequence[bytes]]]:
    """Name of each way -> the fingerprints that it takes of a picture, those with too little in them left out. For PDQ
    the three sets of looks, and the plain look beside each of `FAMILIES`."""
    for looks, way in ways_of(fingerprint).items():
        taken = [(name, each.bits) for name, each in way(picture) if each.telling]
        yield looks, [bits for _, bits in taken]
        if looks == Looks.FULL:
            yield from _families(taken)


def parts_of(picture: Look) -> Sequence[bytes]:
    """The PDQs of parts that a list may hold beside the whole (`lists.crops`)."""
    return [each.bits for each in crops_of(picture) if each.telling]


def _families(taken: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, Sequence[bytes]]]:
    by_family: dict[str, list[bytes]] = defaultdict(list)
    for look, bits in taken:
        by_family[_family(look)].append(bits)
    for family in FAMILIES:
        yield beside_plain(family), [*by_family[PLAIN], *by_family[family]]


def _family(look: str) -> str:
    if look in POSITIONS:
        return PLAIN if look == PLAIN else "dihedral"
    if look.startswith(("grown", "turned")):
        return look.split()[0]
    return "trimmed" if look.removesuffix(", mirrored").endswith(" off") else "letters and contrast"
