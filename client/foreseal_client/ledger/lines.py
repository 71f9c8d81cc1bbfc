"""What a line of the ledger says, and its bytes. A line names no person, no file and no entry of a list."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from foreseal_matcher import Looks, Mode, OnFailure

__all__ = [
    "MAX_LINE",
    "OUT_FOR_A_CHECK",
    "Checked",
    "Course",
    "Erased",
    "Found",
    "Kind",
    "Line",
    "ListUsed",
    "Outcome",
    "Said",
    "Switched",
    "canonical",
    "read_line",
]

MAX_LINE: Final = 256 * 1024
"""Longest line, in bytes, that is read from a file. One check against one list takes about 500."""
OUT_FOR_A_CHECK: Final = 0
"""Bytes that a check sends, to anyone. It is no measurement: the matcher can open no connection, which import-linter
holds, and tests count what passes when something is held. A check that asked somebody would write another number."""


class Kind(StrEnum):
    """What was looked at, by its bytes and never by its name."""

    TEXT = "text"
    """Words without a link: there is nothing in them that a list could hold."""
    LINK = "link"
    PICTURE = "picture"
    FILM = "film"
    FILE = "file"
    """Any other: only exact copies are found."""


class Course(StrEnum):
    """Which way it was to go."""

    OUT = "out"
    IN = "in"
    ASKED = "asked"
    """Neither: a program asked what would follow."""


class Found(StrEnum):
    """What the check found."""

    CLEAR = "clear"
    MATCH = "match"
    UNREADABLE = "unreadable"
    NOT_KEPT = "not-kept"
    """The policy was `off`: it was checked, and nothing is kept of what was found."""


class Outcome(StrEnum):
    """What followed."""

    PASSED = "passed"
    HELD = "held"
    """Not sent."""
    WITHHELD = "withheld"
    """Arrived, and not shown."""
    SENT_ANYWAY = "sent-anyway"
    """It resembles an entry, and the person, or a review on this device, let it go."""
    SHOWN_ANYWAY = "shown-anyway"
    NOTED = "noted"
    """Found when the history was looked at again; it had been sent, or seen, before."""


class ListUsed(msgspec.Struct, frozen=True):
    """A list that was compared with. `digest`: 64 hex digits."""

    name: str
    version: str
    digest: str


class Checked(msgspec.Struct, frozen=True, tag="check", tag_field="what"):
    """One check. `lists`: those that could be used, in their order; `kinds`: sorted, each once; `again`: whether it was
    looked at again because lists had changed."""

    lists: tuple[ListUsed, ...]
    mode: Mode
    on_failure: OnFailure
    looks: Looks
    fingerprints: tuple[str, ...]
    kinds: tuple[Kind, ...]
    direction: Course
    again: bool
    found: Found
    outcome: Outcome
    bytes_out: int = OUT_FOR_A_CHECK


class Switched(msgspec.Struct, frozen=True, tag="switched", tag_field="what"):
    """The ledger was switched on or off: between the two no check is in it."""

    on: bool


class Erased(msgspec.Struct, frozen=True, tag="erased", tag_field="what"):
    """What was before is gone. `head`: the hash of its last line, 64 hex digits; how many there were is not said."""

    head: str


Said = Checked | Switched | Erased


class Line(msgspec.Struct, frozen=True):
    """`number`: from 1 on; `day`: date in UTC, as 2026-11-22; `before`: the hash of the line before, 64 hex digits,
    zeros for the first."""

    number: int
    day: str
    before: str
    said: Said


_decoder = msgspec.json.Decoder(Line)


def canonical(line: Line) -> bytes:
    """The one spelling of a line: JSON in UTF-8, members in the order of their fields, no blanks."""
    return msgspec.json.encode(line)


def read_line(spelled: bytes) -> Line | None:
    """The line with exactly this spelling; `None` for what is no line, or is spelled otherwise."""
    try:
        line = _decoder.decode(spelled)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return line if canonical(line) == spelled else None
