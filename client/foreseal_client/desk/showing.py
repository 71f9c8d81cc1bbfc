"""A case in words: a line for the queue, and rows for whoever looks at it. Content is text from strangers, shown so."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from foreseal_client.desk.cases import Case, Kind
from foreseal_client.desk.rules import Voice, Vote
from foreseal_client.reports.proof import Finding
from foreseal_client.reports.said import Appeal, OwnPicture, TakenBack, TipOff
from foreseal_client.shown import visible

__all__ = ["FOUND", "as_json", "line", "rows"]

FOUND: Final = MappingProxyType(
    {
        Finding.PROVEN: "proven: its sender wrote exactly this, and the relay delivered it",
        Finding.UNCONFIRMED: "its sender wrote exactly this; the relay could not be asked whether it delivered it",
        Finding.NOT_THEIRS: "not the reporter's: it came to another mailbox",
        Finding.ALTERED: "ALTERED: this is not what its sender wrote",
        Finding.FORGED: "FORGED: the sender named did not sign it",
        Finding.UNDELIVERED: "NEVER DELIVERED: the relay did not make this stamp",
        Finding.REPEATED: "handed in before",
    }
)
_SEVERITY: Final = ("", "low", "high", "highest")


def line(case: Case, now: int) -> tuple[str, str, str, str, str, str]:
    """Id, severity, age, how it came, category, state and, in front of that, what is wrong with it."""
    wrong = "" if case.listable else "not proven, "
    return (
        str(case.id), _SEVERITY[case.severity], _age(now - case.at), case.kind.value, case.category.value,
        wrong + case.state.value,
    )  # fmt: skip


def rows(case: Case, votes: list[Vote]) -> list[tuple[str, str]]:
    """Everything but the pictures, as names and values."""
    told = [("Case", f"{case.id}, {case.kind}, as {case.category}, {case.state}"), ("Came", _when(case.at))]
    match case.said:
        case TipOff(link=link):
            told += [("Link", link)] if link else []
        case Appeal():
            said = case.said
            told += [("About", f"{said.list_name}, version {said.list_version}, entry {said.entry}"),
                     ("Because", said.ground)]  # fmt: skip
        case OwnPicture(fingerprints=prints):
            told += [("Fingerprints", f"{len(prints)}; the picture is not here, and nobody at the desk can see it")]
    for number, one in enumerate(case.evidence, start=1):
        told += [(f"Message {number}", FOUND[one.finding]), ("Signed by", one.sender.hex()[:16])]
        told += [("Written", _when(one.sent_at))] if one.sent_at else []
        told += [("Text", one.text)] if one.text else []
        told += [("Note", one.note)] if one.note else []
    words = "" if isinstance(case.said, TakenBack) else case.said.words
    told += [("Their words", words)] if words else []
    told += [(f"File {number}", f"{file.name}, {file.size:,} bytes") for number, file in enumerate(case.files, start=1)]
    told += [(f"Note of {note.officer}", note.text) for note in case.notes]
    told += [(f"{vote.officer} says", _said(vote)) for vote in votes]
    told += [("Entry", str(case.entry))] if case.entry is not None and case.kind is not Kind.APPEAL else []
    return [(visible(name), visible(value, lines=True)) for name, value in told]


def as_json(case: Case, votes: list[Vote]) -> dict[str, object]:
    """The same for other programs; files by name and digest."""
    return {
        "case": case.id,
        "kind": case.kind.value,
        "category": case.category.value,
        "severity": case.severity,
        "state": case.state.value,
        "at": case.at,
        "listable": case.listable,
        "entry": case.entry,
        "findings": [one.finding.value for one in case.evidence],
        "texts": [one.text for one in case.evidence],
        "files": [{"name": file.name, "size": file.size, "sha256": file.sha256.hex()} for file in case.files],
        "notes": [{"officer": note.officer, "at": note.at, "text": note.text} for note in case.notes],
        "votes": {vote.officer: vote.voice.value for vote in votes},
    }


def _said(vote: Vote) -> str:
    return f"agree, as {vote.category}" if vote.voice is Voice.AGREE else "dismiss"


def _age(seconds: int) -> str:
    for unit, name in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{seconds // unit} {name}"
    return "now"


def _when(at: int) -> str:
    try:
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, ValueError, OSError):
        return "at no time that a clock shows"
