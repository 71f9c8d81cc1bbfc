"""`foreseal bench reports`: what the proof of a message costs, opening a long queue, and the way from a report to the
first device that stops what it was about, and back."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from foreseal_client.bench.timing import at_share, median, timed
from foreseal_client.desk.cases import Kind, State
from foreseal_client.desk.intake import take
from foreseal_client.desk.listing import propose
from foreseal_client.desk.room import Desk
from foreseal_client.desk.rules import Role, Voice
from foreseal_client.draft import Draft
from foreseal_client.pictures import generate
from foreseal_client.publishing.keys import LOG, ONLINE, load_signers, make_key
from foreseal_client.publishing.listed import open_to_publish
from foreseal_client.publishing.pending import Pending
from foreseal_client.publishing.publishing import complete, prepare_list, prepare_root
from foreseal_client.publishing.repository import Repository
from foreseal_client.reports.handing_in import Handed, encode
from foreseal_client.reports.proof import finding
from foreseal_client.reports.said import Appeal, Category, Disclosed, Report, Said, TipOff
from foreseal_client.sealing import franking
from foreseal_client.sealing.attachments import seal_attachment
from foreseal_client.sealing.bundles import open_bundle
from foreseal_client.sealing.keys import DeviceKeys, sign, verify
from foreseal_client.sealing.letter import VERSION, AttachmentRef, LetterContent, encode_letter
from foreseal_client.sealing.passphrases import Stretching
from foreseal_client.sealing.sealed_sender import sealed_bytes
from foreseal_client.updates.fetching import fetcher_for
from foreseal_client.updates.updating import update
from foreseal_matcher import Bytes, ListSet, Match, screen
from foreseal_matcher.lists import Purpose
from foreseal_relay.public_wire import StampQuestion
from foreseal_relay.wire import Deliver, mailbox_of

__all__ = ["bench_reports"]

_TEXT: Final = "See you at seven, at the station. " * 6
_PAGE: Final = 500
_LEAD, _SECOND = "first", "second"


def bench_reports(work: Path, messages: int, queue: int) -> dict[str, object]:
    """`work`: an empty folder. `frank_ms` and `verify_ms`: commit and sign, and the whole finding but for the relay's
    word, of a text, medians; `floor_ms`: an Ed25519 signature and its check alone; `open_ms`: the first page of a queue
    of so many cases, with its count; `report_to_stop_s` and `appeal_to_pass_s`: from the bytes of a report that reach
    the desk to a device that stops the picture, and of an appeal to one that lets it pass, with both officers and the
    endorsers agreeing at once. Raises `OSError` and `StoreError`."""
    figures: dict[str, object] = {"messages": messages, "queue": queue, **_proofs(messages)}
    desk_folder = work / "desk"
    desk = Desk.make(
        desk_folder, name="Desk", relay="http://127.0.0.1:1", lead=_LEAD, passphrase=_LEAD, clock=time.time,
        stretching=_quick(),
    )  # fmt: skip
    desk.add_officer(_SECOND, Role.REVIEWER, _SECOND, _quick())
    life = asyncio.run(_life(desk, work))
    desk = Desk.open(desk_folder, officer=_LEAD, passphrase=_LEAD, clock=time.time)
    with desk.tables.transaction():
        for number in range(queue):
            said = TipOff(list(Category)[number % 4], "", f"https://{number}.example")
            desk.tables.put_case(secrets.token_bytes(16), Kind.TIP_OFF, said.category, number, said, (), listable=True)
    opened = timed(lambda _: (desk.tables.queue(limit=_PAGE), desk.tables.count(State.WAITING)), range(5))
    desk.close()
    return {**figures, **life, "open_ms": round(median(opened) * 1000, 1)}


def _proofs(messages: int) -> dict[str, float]:
    sender, mailbox = DeviceKeys.generate(), secrets.token_bytes(16)
    content = encode_letter(LetterContent(VERSION, 0, _TEXT))
    franked = [_franked(content, sender, mailbox) for _ in range(messages)]
    spent = {
        "frank": timed(lambda _: _franked(content, sender, mailbox), range(messages), clock=time.process_time),
        "verify": timed(lambda one: finding(one, mailbox, delivered=True), franked, clock=time.process_time),
        "floor": timed(partial(_floor, sender, content), range(messages), clock=time.process_time),
    }
    told = {f"{name}_ms": round(median(found) * 1000, 3) for name, found in spent.items()}
    return told | {f"{name}_p99_ms": round(at_share(found, 0.99) * 1000, 3) for name, found in spent.items()}


def _floor(sender: DeviceKeys, content: bytes, _: int) -> bool:
    return verify(sender.identity_public, sign(sender.identity, b"", content), b"", content)


def _franked(content: bytes, sender: DeviceKeys, mailbox: bytes) -> Disclosed:
    commitment, opening = franking.commit(content)
    eid = secrets.token_bytes(16)
    signature = franking.sign_opening(sender.identity, commitment, opening, mailbox, eid)
    return Disclosed(
        sender.identity_public, mailbox, eid, content, commitment, opening, signature, 0, bytes(8), bytes(32)
    )


class _Beside:
    """A relay that confirms every stamp and has one blob."""

    def __init__(self, blob: Path) -> None:
        self._blob = blob

    async def made(self, question: StampQuestion) -> bool:
        """Yes."""
        return bool(question.stamp)

    async def get(self, _: AttachmentRef, path: Path) -> None:
        """A copy."""
        shutil.copyfile(self._blob, path)


async def _life(desk: Desk, work: Path) -> dict[str, float]:
    sent, publisher = generate("landscape", 1, (640, 480)), _Publisher(work)
    reporter, blob = DeviceKeys.generate(), work / "blob"
    ref = seal_attachment(Bytes(sent, "sent.png"), blob)
    letter = encode_letter(LetterContent(VERSION, 0, "", (ref,)))
    one = _franked(letter, DeviceKeys.generate(), mailbox_of(reporter.login_public))
    report = Report(Category.OTHER, "", reporter.login_public, (one,))
    began = time.perf_counter()
    case = (await take(_envelope(desk, report, reporter.login), desk, _Beside(blob))).case or 0
    desk = _agreed(desk, case)
    found = publisher.in_force(desk, sent)
    stopped = time.perf_counter() - began
    if not isinstance(found, Match):
        raise TypeError("what was listed was not stopped")
    began = time.perf_counter()
    appeal = Appeal("wrongly-listed", "", found.list_name, found.list_version, found.entry.id)
    case = (await take(_envelope(desk, appeal), desk, _Beside(blob))).case or 0
    desk = _agreed(desk, case)
    if isinstance(publisher.in_force(desk, sent), Match):
        raise TypeError("what was withdrawn was stopped")
    passed = time.perf_counter() - began
    desk.close()
    return {"report_to_stop_s": round(stopped, 2), "appeal_to_pass_s": round(passed, 2)}


class _Publisher:
    """Three endorsers of whom two have to agree, and a device that follows them."""

    def __init__(self, work: Path) -> None:
        self._repository = Repository(work / "repository")
        self._listed, self._installed = work / "listed", work / "installed"
        keys = [make_key(work / "keys", name) for name in ("e-1", "e-2", "e-3", ONLINE, LOG)]
        self._signers = load_signers(work / "keys")
        prepare_root(self._repository, keys[:3], 2, keys[3], keys[4], datetime.now(UTC))

    def in_force(self, desk: Desk, data: bytes) -> object:
        """What a device says of these bytes after the next version has reached it."""
        now = datetime.now(UTC)
        propose(desk, self._listed, name="desk", purpose=Purpose.SYNTHETIC)
        prepare_list(self._repository, open_to_publish(self._listed, now.date()), now)
        Pending(self._repository).sign(self._signers)
        complete(self._repository, self._signers, now)
        source = str(self._repository.folder)
        root = self._repository.first_root.read_bytes()
        update(source, fetcher_for(source), self._installed, now.date(), root=root)
        lists = ListSet.open([self._installed], now.date())
        return screen(Draft("", (Bytes(data, "again.png"),)), lists).verdict


def _agreed(desk: Desk, case: int) -> Desk:
    """Both officers, one after the other; the lead's desk again."""
    folder = desk.folder
    desk.vote(case, Voice.AGREE)
    desk.close()
    for officer in (_SECOND, _LEAD):
        desk = Desk.open(folder, officer=officer, passphrase=officer, clock=time.time)
        if officer == _SECOND:
            desk.vote(case, Voice.AGREE)
            desk.close()
    return desk


def _envelope(desk: Desk, said: Said, seed: bytes = b"") -> Deliver:
    account = desk.account
    prekeys = account.store.account.prekeys()
    bundle = prekeys.signed_bundle(account.account.keys, account.mailbox, account.today)
    to = open_bundle(bundle, None, account.identity, account.mailbox, account.today).payload
    packed = encode(Handed(secrets.token_bytes(16), account.mailbox, said), seed)
    return Deliver(secrets.token_bytes(16), bytes(32), 1, bytes(8), sealed_bytes(packed, to), bytes(32))


_quick: Callable[[], Stretching] = partial(Stretching.fresh, 1, 8192)
"""What a passphrase costs an officer is no part of these figures."""
