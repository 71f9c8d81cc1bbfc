"""Pictures from a seed, and the synthetic list that stands beside them: for every distance a check can tell there is a
picture whose listed fingerprint lies exactly that far away. The entry is made from the picture, by turning bits of its
fingerprint; nothing is searched for."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec

from foreseal_client import pictures
from foreseal_matcher import Entry
from foreseal_matcher.decode import first_looks
from foreseal_matcher.fingerprints.pdq import MATCH_AT, pdq
from foreseal_matcher.lists import ListedHash, Purpose, build_list, from_links

__all__ = ["LISTED_LINK", "Picture", "Samples"]

LISTED_LINK: Final = "https://listed.example/page"
"""Stands on the list of every kit."""
_NEAR_MISS: Final = MATCH_AT + 2
_FALSE_MATCH: Final = 27
_SIZE: Final = (128, 96)
_FAMILY: Final = "poster"


class Picture(msgspec.Struct, frozen=True):
    """A picture file. `distance`: bits from its fingerprint to that of the entry made for it; None where there is
    none. `harmless`: a match on it would be a mistake."""

    name: str
    data: bytes
    distance: int | None = None
    harmless: bool = True


class Samples:
    """The same seed gives the same pictures and the same list, with the same Pillow and numpy. `folder`: where the
    list is put when it is first asked for; `made`: its date."""

    def __init__(self, seed: int, folder: Path, made: date) -> None:
        self._seed = seed
        self._folder = folder
        self._made = made

    def listed(self, distance: int = 0) -> Picture:
        """A picture that resembles an entry: `distance` bits away, 0 to 31. Raises `ValueError` for others."""
        if not 0 <= distance <= MATCH_AT:
            raise ValueError(f"a match lies 0 to {MATCH_AT} bits away, not {distance}")
        return Picture(f"listed-{distance}.jpg", self._painted(distance), distance, harmless=False)

    def near_miss(self) -> Picture:
        """A picture that lies two bits too far from an entry to match it."""
        return Picture("near-miss.jpg", self._painted(_NEAR_MISS), _NEAR_MISS)

    def false_match(self) -> Picture:
        """A harmless picture that resembles, by chance, an entry made for something else."""
        return Picture("mistaken.jpg", self._painted(100 + _FALSE_MATCH), _FALSE_MATCH)

    def benign(self, n: int = 0) -> Picture:
        """The n-th of pictures that resemble nothing listed."""
        return Picture(f"benign-{n}.jpg", self._painted(1000 + n))

    @cached_property
    def list_folder(self) -> Path:
        """The list, in a folder. Raises `ListNotWritten`."""
        out = self._folder / "kit-list"
        self.write_list(out, self._entries())
        return out

    @cached_property
    def digest(self) -> str:
        """The list's digest, 64 hex digits."""
        return str(msgspec.json.decode((self.list_folder / "list.json").read_bytes())["digest"])

    def write_list(self, out: Path, entries: Iterator[ListedHash], made: date | None = None) -> None:
        """A synthetic list in the place of one that stands there. Raises `ListNotWritten`."""
        day = made or self._made
        build_list(out, entries, name="kit", version=f"seed-{self._seed}", made=day, purpose=Purpose.SYNTHETIC)

    def entries_of(self, *some: Picture) -> Iterator[ListedHash]:
        """Entries that list exactly these pictures."""
        for id, one in enumerate(some, start=5000):
            yield ListedHash(Entry(id, "pdq", "listed later", "foreseal kit"), _fingerprint(one.data))

    def _entries(self) -> Iterator[ListedHash]:
        for distance in (*range(MATCH_AT + 1), _NEAR_MISS):
            yield self._entry(distance + 1, distance, distance, "kit")
        yield self._entry(200, 100 + _FALSE_MATCH, _FALSE_MATCH, "something else")
        yield from from_links([LISTED_LINK], "kit", 300, category="kit", source="foreseal kit")

    def _entry(self, id: int, number: int, distance: int, category: str) -> ListedHash:
        bits = bytearray(_fingerprint(self._painted(number)))
        for bit in random.Random(f"{self._seed}/{number}").sample(range(256), distance):  # noqa: S311 - no secret
            bits[bit // 8] ^= 1 << bit % 8
        return ListedHash(Entry(id, "pdq", category, "foreseal kit"), bytes(bits))

    def _painted(self, number: int) -> bytes:
        return pictures.generate(_FAMILY, self._seed * 10_000 + number, _SIZE)


def _fingerprint(data: bytes) -> bytes:
    (look,) = first_looks(data)
    return pdq(look.luma, look.full).bits
