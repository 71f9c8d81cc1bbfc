"""What stands on a hash list: hashes of a few kinds, each with an id, a category and a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from foreseal_matcher.verdict import Entry

__all__ = ["WIDTHS", "ListedHash", "Purpose"]

WIDTHS: Final[Mapping[str, int]] = MappingProxyType({"pdq": 32, "sha256": 32, "link": 32})
"""Bytes a hash of each kind has. A list may hold columns of kinds that this version does not know; they are skipped."""


class Purpose(StrEnum):
    """What a list is for. Any other purpose is refused: Foreseal ships and connects to no real list."""

    SYNTHETIC = "synthetic"
    RESEARCH = "research"


@dataclass(frozen=True, slots=True)
class ListedHash:
    """One line of a list with its value. `entry.algorithm` names the kind, one of `WIDTHS`; `value` has its width."""

    entry: Entry
    value: bytes
