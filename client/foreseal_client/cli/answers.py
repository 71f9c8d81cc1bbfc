"""How the matcher's commands answer: one line a file, or one JSON object a line; and what a file name may do to a
terminal (nothing)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from foreseal_client.shown import visible

if TYPE_CHECKING:
    from foreseal_matcher import Undecodable

__all__ = ["Exit", "named_lists", "plain", "reason_of", "say", "say_json", "today"]

LIST_VARIABLE: Final = "FORESEAL_LIST"
"""Folders of lists, separated as in PATH, for a command that is given none."""


class Exit(IntEnum):
    """Exit codes of the reading commands."""

    CLEAR = 0
    USAGE = 2
    UNREADABLE = 3
    LISTED = 10
    NO_LIST = 11
    REFUSED = 12
    """An update was refused, or could not be fetched; the list that was installed stays in force."""
    WAITING = 13
    """Too few endorsers have signed yet."""


def plain(text: str) -> str:
    """`text` on one line, with everything shown that a terminal would obey, by the rule of the screens."""
    return visible(text)


def say(*parts: str) -> None:
    """One line on stdout, parted by tabs. A terminal that lacks a sign gets it escaped."""
    click.echo("\t".join(plain(part) for part in parts))


def say_json(fields: Mapping[str, object]) -> None:
    """One JSON object on a line of stdout, in ASCII."""
    click.echo(json.dumps(fields))


def reason_of(error: OSError | Undecodable) -> str:
    """Why a file could not be read or looked at, in words that are true whatever its name says."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "it is not a picture" if error.reason.name == "NOT_A_PICTURE" else str(error)


def named_lists(given: tuple[Path, ...]) -> tuple[Path, ...]:
    """The folders given, or those in the environment."""
    return given or tuple(Path(part) for part in os.environ.get(LIST_VARIABLE, "").split(os.pathsep) if part)


def today() -> date:
    """The day it is, in UTC as the dates of lists are."""
    return datetime.now(UTC).date()
