"""From what two people agreed on to a version of the list: entries added, entries taken off, handed to the endorsers.

The desk proposes. Nothing is in force on any device before enough endorsers, who are not the desk, have signed it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec

from foreseal_client.desk.agreed import Agreed, agreed_on
from foreseal_client.desk.audit import Trouble
from foreseal_client.desk.cases import Case, Kind, State
from foreseal_client.desk.room import Desk
from foreseal_client.desk.rules import Denied, Role
from foreseal_client.errors import SpoolError
from foreseal_client.reports.said import Appeal, OwnPicture, TipOff
from foreseal_matcher.errors import ListNotWritten, Undecodable
from foreseal_matcher.lists import HashList, ListedHash, Purpose, build_list, from_file, from_links, withdraw
from foreseal_matcher.lists.revising import next_version
from foreseal_matcher.verdict import Entry

__all__ = ["Proposal", "propose"]

_SOURCE: Final = "desk"
_AT_ONCE: Final = 10_000
"""Cases that go into one version at most."""


class Proposal(msgspec.Struct, frozen=True):
    """A version that is to be endorsed. `added` and `taken_off`: ids of entries; `left_out`: cases of which nothing
    could be listed, with the reason."""

    folder: Path
    version: str
    added: tuple[int, ...]
    taken_off: tuple[int, ...]
    left_out: tuple[tuple[int, str], ...]


def propose(desk: Desk, folder: Path, *, name: str, purpose: Purpose, valid_days: int = 30) -> Proposal | Denied | str:
    """Makes the next version of the list in `folder` (the first where there is none) out of everything that is
    confirmed or to be withdrawn. A sentence where there is nothing to propose, or the audit trail does not hold.

    Raises `ListUnusable` and `ListNotWritten`; then nothing was changed. Should the machine stop between the list and
    the tables, the same entries are listed once more, which devices do not notice and `foreseal list compact` ends."""
    if desk.officer.role is not Role.LEAD:
        return Denied.NOT_A_LEAD
    agreed = agreed_on(desk.tables.trail())
    if isinstance(agreed, Trouble):
        return f"The audit trail does not hold at record {agreed.place}: {agreed.why}. Nothing was proposed."
    confirmed = [
        whole
        for case in desk.tables.queue(State.CONFIRMED, _AT_ONCE)
        if (whole := desk.tables.case(case.id)) is not None
        # By signatures, under the very category that two of them name, and of the very content that they saw.
        and agreed.get(case.id) == Agreed(State.CONFIRMED, whole.category, whole.digest)
    ]
    today, before = datetime.fromtimestamp(desk.now, UTC).date(), _before(folder)
    first = 1 + max((row.entry.id for row in before.hashes()), default=0) if before is not None else 1
    if before is not None:
        first = max([first, *(record.id + 1 for record in before.withdrawn)])
    # A list that was compacted has forgotten what was withdrawn; an appeal about it must not meet another entry.
    first = max(first, desk.tables.greatest_entry + 1)
    rows, listed, left_out = _rows([case for case in confirmed if case.kind is not Kind.APPEAL], first, today)
    off, elsewhere = _to_come_off(confirmed, desk, before)
    left_out += elsewhere
    if not listed and not off:
        why = "; ".join(f"case {case}: {reason}" for case, reason in left_out)
        return f"Nothing that two people agreed on waits to be proposed. {why}".strip()
    with desk.tables.transaction():
        version = _build(folder, before, rows, set(off), today, name, purpose, valid_days)
        for case, entry in listed.items():
            desk.tables.move(case, State.PROPOSED, proposed=desk.now, entry=entry)
        for entry, cases in off.items():
            for case in cases:
                desk.tables.move(case, State.WITHDRAWN, withdrawn=desk.now)
            brought = desk.tables.about(entry)
            if brought is not None:
                desk.tables.move(brought, State.WITHDRAWN, withdrawn=desk.now)
        desk.note_act("proposed", detail=f"version {version}: {len(listed)} added, {len(off)} taken off")
    return Proposal(folder, version, tuple(listed.values()), tuple(off), tuple(left_out))


def _before(folder: Path) -> HashList | None:
    return HashList.of_any_age(folder) if folder.exists() else None


def _rows(
    cases: Iterable[Case], first: int, today: date
) -> tuple[list[ListedHash], dict[int, int], list[tuple[int, str]]]:
    """What to list, the entry of each case, and the cases of which nothing can be listed."""
    rows: list[ListedHash] = []
    listed: dict[int, int] = {}
    left_out: list[tuple[int, str]] = []
    following = first
    for case in cases:
        try:
            made = list(_of(case, following, today))
        except (Undecodable, ListNotWritten, OSError) as fault:
            left_out.append((case.id, str(fault)))
            continue
        if not made:
            left_out.append((case.id, "it has no file and no link that could be listed"))
            continue
        rows += made
        listed[case.id] = following
        following = 1 + max(row.entry.id for row in made)
    return rows, listed, left_out


def _of(case: Case, first: int, today: date) -> Iterator[ListedHash]:
    """The rows of one case, all of one entry but for the further files of a report."""
    category = case.category.value
    match case.said:
        case OwnPicture(fingerprints=prints):
            for kind, value in prints:
                yield ListedHash(Entry(first, kind, category, _SOURCE, today), value)
        case TipOff(link=link) if link:
            yield from from_links([link], f"case {case.id}", first, category=category, source=_SOURCE)
        case _:
            for file in case.files:
                with file.open() as reader:
                    data = reader.read()
                if hashlib.sha256(data).digest() != file.sha256:
                    raise SpoolError(f"{file.name} is not the file that was voted on")
                yield from from_file(data, first, category=category, source=_SOURCE, added=today)


def _to_come_off(
    confirmed: list[Case], desk: Desk, before: HashList | None
) -> tuple[dict[int, list[int]], list[tuple[int, str]]]:
    """Entries that are to come off, and the cases because of which; and appeals that are about nothing here."""
    there = set() if before is None else {row.entry.id for row in before.hashes()}
    name = "" if before is None else before.name
    due = [(case.entry, case.id) for case in desk.tables.queue(State.WITHDRAWING, _AT_ONCE)]
    left_out: list[tuple[int, str]] = []
    for case in confirmed:
        match case.said:
            case Appeal(list_name=other) if other != name:
                left_out.append((case.id, f"it is about an entry of another list ({other})"))
            case Appeal(entry=entry):  # as it was voted on, whatever the tables say
                due.append((entry, case.id))
    off: dict[int, list[int]] = {}
    for about, id in due:
        if about is not None and about in there:
            off.setdefault(about, []).append(id)
    return off, left_out


def _build(
    folder: Path, before: HashList | None, rows: list[ListedHash], off: set[int], today: date, name: str,
    purpose: Purpose, valid_days: int,
) -> str:  # fmt: skip
    if before is None:
        return build_list(
            folder, rows, name=name, version=f"{today:%Y.%m.%d}", made=today, purpose=purpose, valid_days=valid_days
        ).version
    version = before.version
    if rows:
        version = build_list(
            folder, chain(before.hashes(), rows), name=before.name, version=next_version(before.version, today),
            made=today, purpose=before.purpose, valid_days=before.manifest.valid_days, withdrawn=before.withdrawn,
            instead_of=before.digest,
        ).version  # fmt: skip
    return withdraw(folder, off, today=today).version if off else version
