"""What an upload is: how far it has come, and what can become of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Final

__all__ = ["GONE", "Put", "Reached", "Upload"]


class Put(Enum):
    """What became of an upload."""

    CREATED = auto()
    SAME = auto()
    KEPT = auto()
    """More is to come, by the sender's own word."""
    MISPLACED = auto()
    """It does not go on where what is here ends."""
    ALTERED = auto()
    """All of it came, and it is not what the sender says it is. Nothing is kept."""
    CONFLICT = auto()
    EMPTY = auto()
    TOO_LONG = auto()
    FULL = auto()


GONE: Final = frozenset({Put.TOO_LONG, Put.ALTERED, Put.SAME, Put.CONFLICT, Put.EMPTY})
"""Of these uploads nothing is kept."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How much of a blob is on the disk, in bytes, and whether that is all of it."""

    offset: int
    complete: bool


@dataclass(slots=True)
class Upload:
    """An upload under way, in a file of its own. `task`: which receives it, as long as it can be ended; what has all
    come is waited for."""

    path: Path
    size: int = 0
    sha256: bytes = b""
    lost: bool = False
    """A sync of it failed; see `Unsynced`."""
    task: asyncio.Task[object] | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
