"""The fingerprints of pictures by name: PDQ, which every check uses, and the family that stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from foreseal_matcher.fingerprints.fingerprint import Fingerprint, Taken
from foreseal_matcher.fingerprints.pdq import BITS, MATCH_AT, distance, pdq
from foreseal_matcher.fingerprints.perceptual import FAMILY, CropResistant

if TYPE_CHECKING:
    from foreseal_matcher.looks import Pictured

__all__ = ["FINGERPRINTS", "LISTABLE"]


@dataclass(frozen=True, slots=True)
class _Pdq:
    name: str = "pdq"
    bits: int = BITS
    limit: int = MATCH_AT
    source: str = (
        "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm, Facebook, 2019; computed by our own "
        "code"
    )

    def of(self, picture: Pictured) -> Taken:
        taken = pdq(picture.luma, picture.full)
        return Taken(taken.bits, taken.telling)

    def distance(self, one: bytes, other: bytes) -> float:
        return distance(one, other)

    def matches(self, one: bytes, other: bytes) -> bool:
        return distance(one, other) <= MATCH_AT


FINGERPRINTS: Final[Mapping[str, Fingerprint]] = MappingProxyType(
    {each.name: each for each in (_Pdq(), *FAMILY, CropResistant())}
)
"""All of them, PDQ first. Only computing one loads what it takes to compute it."""

LISTABLE: Final = tuple(each.name for each in FAMILY)
"""Those beside PDQ that a list can hold, and a policy can ask for."""
