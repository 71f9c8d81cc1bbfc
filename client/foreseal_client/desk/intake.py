"""How something comes onto the desk: opened, read, its proof examined, its files fetched, kept. In one transaction, so
that it can be acknowledged: what the relay forgets is safe here."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final, Protocol

import msgspec

from foreseal_client.desk.cases import Evidence, Kind, State, kind_of
from foreseal_client.desk.room import Desk
from foreseal_client.errors import PeerFaultError, RelayRefusedError, RelayUnreachableError
from foreseal_client.reports.handing_in import Handed, Refusal, decode
from foreseal_client.reports.proof import LISTABLE, Finding, finding
from foreseal_client.reports.said import Appeal, Category, Disclosed, OwnPicture, Report, Said, TakenBack, TipOff
from foreseal_client.sealing.attachments import open_attachment
from foreseal_client.sealing.letter import AttachmentRef, decode_letter
from foreseal_client.sealing.sealed_sender import open_bytes
from foreseal_client.sealing.spool import Spool
from foreseal_relay.public_wire import StampQuestion
from foreseal_relay.wire import Deliver, mailbox_of

__all__ = ["MAX_WAITING_CASES", "Outcome", "Sources", "take"]

MAX_WAITING_CASES: Final = 20_000
"""Cases that may wait for two people. Beyond it the desk takes nothing in; what comes waits at the relay, which soon
refuses: whoever reports is told so, and nothing that was taken is dropped."""
_UNSURE: Final = "The relay could not be asked whether it delivered this."


class Sources(Protocol):
    """What the desk asks its relay for."""

    async def made(self, question: StampQuestion) -> bool:
        """Whether the relay made this stamp."""

    async def get(self, ref: AttachmentRef, path: Path) -> None:
        """Downloads a sealed blob to `path`."""


class Outcome(msgspec.Struct, frozen=True):
    """What came of a submission. `case`: the one it began or changed; `refused`: why nothing came of it, in a word."""

    case: int | None = None
    refused: str = ""


async def take(envelope: Deliver, desk: Desk, sources: Sources) -> Outcome:
    """Takes one envelope in. Whatever this returns, the relay may forget it afterwards. Raises `RelayUnreachableError`
    where proof or files have to be asked for again later."""
    try:
        keys = desk.account.store.account.prekeys().seal_keys
        handed = decode(open_bytes(envelope.body, keys, desk.account.mailbox), desk.account.mailbox)
    except PeerFaultError:
        handed = Refusal.FOREIGN
    if isinstance(handed, Refusal):
        return _refused(handed.value, desk)
    if desk.tables.case_numbered(handed.number) is not None:
        return _refused("repeated", desk)
    if isinstance(handed.said, TakenBack):
        return _taken_back(handed.said.number, desk)
    if isinstance(handed.said, Report):
        return await _report(handed, handed.said, desk, sources)
    return Outcome(_kept(handed, desk, _category(handed.said), (), listable=True))


async def _report(handed: Handed, report: Report, desk: Desk, sources: Sources) -> Outcome:
    mailbox, evidence, files = mailbox_of(report.login_key), [], []
    seen: set[bytes] = set()
    try:
        for one in report.messages:
            known = one.eid in seen or desk.tables.reported(mailbox, one.eid)
            found = finding(one, mailbox, delivered=await _delivered(one, sources), known=known)
            seen.add(one.eid)
            letter_files, note = await _files(one, found, desk, sources)
            files += letter_files
            evidence.append(_evidence(one, found, note))
        if all(one.finding is Finding.REPEATED for one in evidence):
            return _refused("repeated", desk)
        listable = any(one.finding in LISTABLE for one in evidence)
        with desk.tables.transaction():
            case = _kept(handed, desk, report.category, tuple(evidence), listable=listable)
            for one, shown in zip(report.messages, evidence, strict=True):
                if shown.finding in LISTABLE:
                    desk.tables.mark_reported(mailbox, one.eid)
            for spool in files:
                desk.tables.put_file(case, spool)
    except BaseException:
        for spool in files:
            spool.path.unlink(missing_ok=True)
        raise
    return Outcome(case)


async def _delivered(one: Disclosed, sources: Sources) -> bool | None:
    question = StampQuestion(one.commitment, one.mailbox, one.eid, one.day, one.key_id, one.stamp)
    try:
        return await sources.made(question)
    except RelayRefusedError as fault:
        if fault.retry_after:  # it will say; until then this envelope waits at the relay
            raise RelayUnreachableError(str(fault)) from fault
        return None


async def _files(one: Disclosed, found: Finding, desk: Desk, sources: Sources) -> tuple[list[Spool], str]:
    """The files of a message that its proof holds for. What cannot be had is said, and the report stands without."""
    if found not in LISTABLE:
        return [], ""
    files: list[Spool] = []
    notes = [_UNSURE] if found is Finding.UNCONFIRMED else []
    for position, ref in enumerate(decode_letter(one.content).attachments):
        sealed = desk.tables.new_file(f"{one.eid.hex()}-{position}.sealed")
        target = desk.tables.new_file(f"{one.eid.hex()}-{position}")
        target.unlink(missing_ok=True)  # what a crash left, under a name that no row has
        try:
            await sources.get(ref, sealed)
            files.append(await asyncio.to_thread(open_attachment, sealed, ref, target))
        except (PeerFaultError, RelayRefusedError) as fault:
            notes.append(str(fault))
        finally:
            sealed.unlink(missing_ok=True)
    return files, " ".join(notes)


def _evidence(one: Disclosed, found: Finding, note: str) -> Evidence:
    try:
        letter = decode_letter(one.content)
    except PeerFaultError as fault:
        return Evidence(found, one.sender, 0, "", str(fault))
    # The address for answers that a letter may hold is not kept: the desk answers nobody.
    return Evidence(found, one.sender, letter.sent_at, letter.text, note)


def _kept(handed: Handed, desk: Desk, category: Category, evidence: tuple[Evidence, ...], *, listable: bool) -> int:
    kind = kind_of(handed.said)
    if kind is None:
        raise TypeError("this begins no case")
    said, entry = handed.said, None
    if isinstance(said, Report):
        # Its messages are told by the evidence; their proofs, which hold a return address, are not needed any more.
        said = msgspec.structs.replace(said, messages=())
    if isinstance(said, Appeal):
        entry = said.entry
    with desk.tables.transaction():
        return desk.tables.put_case(
            handed.number, kind, category, desk.now, said, evidence, listable=listable, entry=entry
        )


def _taken_back(number: bytes, desk: Desk) -> Outcome:
    """Who asked for something takes it back. A picture of oneself goes at once, or comes off with the next version,
    without anybody's leave. What two people agreed on otherwise is not the reporter's alone any more: whoever reports a
    thing first could take it off every list."""
    case = desk.tables.case_numbered(number)
    found = None if case is None else desk.tables.case(case)
    if found is None:
        return _refused("unknown-number", desk)
    own = found.kind is Kind.OWN_PICTURE
    if not own and found.state in (State.CONFIRMED, State.PROPOSED):
        return _refused("agreed-already", desk)
    after = {
        State.WAITING: State.TAKEN_BACK, State.CONFIRMED: State.TAKEN_BACK, State.PROPOSED: State.WITHDRAWING,
    }.get(found.state)  # fmt: skip
    if after is not None:
        with desk.tables.transaction():
            desk.tables.move(found.id, after)
    return Outcome(found.id)


def _category(said: Said) -> Category:
    match said:
        case TipOff(category=category):
            return category
        case OwnPicture():
            return Category.INTIMATE
        case _:
            return Category.OTHER


def _refused(reason: str, desk: Desk) -> Outcome:
    with desk.tables.transaction():
        desk.tables.note_refused(reason)
    return Outcome(refused=reason)
