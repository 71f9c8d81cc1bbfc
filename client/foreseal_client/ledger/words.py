"""What is said of a ledger: its lines, what it tells others, and what is wrong with one that is not whole."""

from __future__ import annotations

from typing import Final

from foreseal_client.ledger.lines import Checked, Line, Switched
from foreseal_client.ledger.verifying import Fault
from foreseal_client.shown import counted

__all__ = ["IF_SEIZED", "columns", "explained_fault"]

IF_SEIZED: Final = (
    "Whoever has this device unlocked, or this profile and what opens it, can read it: how many checks a day, of what "
    "kind, which way, against which lists, and what was stopped. It outlives the messages. No content, no file name "
    "and no person is in it. foreseal profile ledger erase removes it."
)

_WORDS: Final = {
    Fault.ALTERED: "What stands there is not what was written: its hash is another, or it is no line of a ledger.",
    Fault.CUT_OUT: "Lines are missing before this one.",
    Fault.OUT_OF_ORDER: "A line stands in another place than the one it was written in, or stands there twice.",
    Fault.REPLACED: "This line was made for another ledger: it does not follow from the one before it.",
    Fault.CUT_OFF: "Lines are missing at the end: fewer are here than were noted, or than the file says.",
    Fault.ADDED: "Something stands after the end.",
    Fault.REWRITTEN: "What was noted is not in it. It was written anew, or the head is of another ledger.",
    Fault.ERASED_SINCE: "It says that it was erased, and what was noted is not in it. It may have been there before.",
}


def explained_fault(fault: Fault) -> str:
    """A fault in a sentence or two."""
    return _WORDS[fault]


def columns(line: Line) -> tuple[str, ...]:
    """A line in the columns of a terminal."""
    said, first = line.said, (str(line.number), line.day)
    if isinstance(said, Switched):
        return (*first, f"switched {'on' if said.on else 'off'}")
    if not isinstance(said, Checked):
        return (*first, "erased", f"before: {said.head}")
    way = said.direction + (" again" if said.again else "")
    lists = ", ".join(f"{one.name} {one.version} {one.digest[:16]}" for one in said.lists) or "no list"
    looks = " ".join((said.looks, *said.fingerprints))
    return (
        *first, way, " ".join(said.kinds), said.found, said.outcome, f"{said.mode} {said.on_failure}", looks, lists,
        counted(said.bytes_out, "byte") + " out",
    )  # fmt: skip
