"""One row of the drill, and the table that rows make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Row", "Trace", "as_table"]

_HEADING = ("who is bent", "what devices do", "what remains to be seen, and by whom", "what goes unseen")


@dataclass(frozen=True, slots=True)
class Trace:
    """Something that was found after the act. `by`: who can see it."""

    what: str
    by: str


@dataclass(frozen=True, slots=True)
class Row:
    """`bent`: who was; `refusal`: the name under which a device refused what it was offered, "" where it refused
    nothing; `stops`: whether that device stops the poster now; `devices`: both in words; `remains`: what was found;
    `unseen`: what was looked for and is nowhere."""

    bent: str
    refusal: str
    stops: bool
    devices: str
    remains: tuple[Trace, ...]
    unseen: tuple[str, ...]


def as_table(rows: Iterable[Row]) -> str:
    """The rows as a table in Markdown, each line with its newline."""
    lines = [_HEADING, ("---",) * len(_HEADING)]
    for row in rows:
        devices = f"**{row.devices}**" if row.stops else row.devices
        remains = "; ".join(f"{one.what}: by {one.by}" for one in row.remains)
        lines.append((row.bent, devices, remains or "nothing", "; ".join(row.unseen)))
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
