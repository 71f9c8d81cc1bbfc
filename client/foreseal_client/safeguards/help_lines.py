"""Help lines, from a TOML file that anybody may edit. A person checks a number before relying on it."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib.resources import files
from typing import Final

import msgspec

from foreseal_client.errors import SettingError

__all__ = ["MAX_BYTES", "HelpLine", "lines_for", "read_help_lines", "regions", "shipped_lines"]

MAX_BYTES: Final = 256 * 1024
"""Longest file of help lines."""


class HelpLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One help line. `region`: ISO 3166-1 alpha-2, or `*` for everywhere; `reach`: a number or a page; `source`: where
    it was read; `checked`: the day on which somebody last compared it; None: nobody has."""

    region: str
    name: str
    reach: str
    about: str
    source: str
    checked: date | None = None


class _File(msgspec.Struct, frozen=True):
    line: tuple[HelpLine, ...]


def read_help_lines(text: str) -> tuple[HelpLine, ...]:
    """The lines of a file, in its order. Raises `SettingError`."""
    try:
        lines = msgspec.convert(tomllib.loads(text), _File).line
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as fault:
        raise SettingError(f"This file of help lines cannot be read: {fault}.") from fault
    for line in lines:
        if not (line.region == "*" or (len(line.region) == 2 and line.region.isascii() and line.region.isupper())):
            raise SettingError(f"This file of help lines names a region {line.region!r}; write two capitals, or *.")
    return lines


def shipped_lines() -> tuple[HelpLine, ...]:
    """Those that come with the program."""
    return read_help_lines(files("foreseal_client.safeguards").joinpath("help_lines.toml").read_text("utf-8"))


def regions(lines: tuple[HelpLine, ...]) -> tuple[str, ...]:
    """The regions that have lines of their own."""
    return tuple(sorted({line.region for line in lines} - {"*"}))


def lines_for(region: str | None, lines: tuple[HelpLine, ...]) -> tuple[HelpLine, ...]:
    """The lines of a region, and those for everywhere; without a region all of them."""
    return tuple(line for line in lines if region is None or line.region in (region.upper(), "*"))
