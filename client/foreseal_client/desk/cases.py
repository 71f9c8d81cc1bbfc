"""A case: one thing that was handed in, and what became of it. Values alone."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Final

import msgspec

from foreseal_client.reports.proof import Finding
from foreseal_client.reports.said import Appeal, Category, OwnPicture, Report, Said, TipOff
from foreseal_client.sealing.spool import Spool

__all__ = ["SEVERITY", "Case", "Evidence", "Kind", "Note", "State", "kind_of"]


_LABEL: Final = b"foreseal/1 desk case\x00"


class Kind(StrEnum):
    """How it came."""

    REPORT = "report"
    TIP_OFF = "tip-off"
    APPEAL = "appeal"
    OWN_PICTURE = "own-picture"


class State(StrEnum):
    """What became of it."""

    WAITING = "waiting"
    """Two people have not agreed yet."""
    CONFIRMED = "confirmed"
    """Two have: it is to be listed, or what an appeal is about is to come off."""
    DISMISSED = "dismissed"
    PROPOSED = "proposed"
    """It stands in a version that was handed to the endorsers. Whether that is published they decide."""
    WITHDRAWING = "withdrawing"
    """It stands there, and comes off with the next version."""
    WITHDRAWN = "withdrawn"
    TAKEN_BACK = "taken-back"
    """Whoever handed it in took it back before it was listed."""


SEVERITY: Final = {Category.CHILD_ABUSE: 3, Category.THREAT: 2, Category.INTIMATE: 2, Category.OTHER: 1}
"""How pressing a category is, 3 the most. Queues are sorted by it and then by age, the oldest first."""


class Evidence(msgspec.Struct, frozen=True):
    """One message of a case: what its proof shows, who wrote it (32 bytes), when by their clock, and the text."""

    finding: Finding
    sender: bytes
    sent_at: int
    text: str
    note: str


class Note(msgspec.Struct, frozen=True):
    """What an officer wrote down. `at`: seconds since 1970."""

    officer: str
    at: int
    text: str


class Case(msgspec.Struct, frozen=True):
    """`at`: when it came, in seconds since 1970; `decided`, `proposed`, `withdrawn`: the same, where it has come so
    far; `entry`: its id on the list, or the id that an appeal is about; `listable`: whether what is proven of it
    suffices for a list."""

    id: int
    kind: Kind
    category: Category
    severity: int
    at: int
    state: State
    said: Said
    listable: bool
    entry: int | None = None
    decided: int | None = None
    proposed: int | None = None
    withdrawn: int | None = None
    evidence: tuple[Evidence, ...] = ()
    files: tuple[Spool, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def digest(self) -> str:
        """What an officer votes on: what was said, and the files, as 64 hex digits."""
        seen = (self.kind, self.said, tuple(file.sha256 for file in self.files))
        return hashlib.sha256(_LABEL + msgspec.msgpack.encode(seen)).hexdigest()


def kind_of(said: Said) -> Kind | None:
    """The kind of case that this begins; None for what begins none."""
    match said:
        case Report():
            return Kind.REPORT
        case TipOff():
            return Kind.TIP_OFF
        case Appeal():
            return Kind.APPEAL
        case OwnPicture():
            return Kind.OWN_PICTURE
        case _:
            return None
