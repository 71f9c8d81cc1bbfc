"""What comes onto the desk, and what does not: forged, altered, repeated, somebody else's, foreign, too much."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from desk_stage import LEAD, REVIEWER, agree, at, new_desk
from foreseal_client.desk.cases import Kind, State
from foreseal_client.desk.intake import Outcome, take
from foreseal_client.desk.listing import Proposal, propose
from foreseal_client.desk.room import Desk
from foreseal_client.desk.rules import Denied, Role, Voice
from foreseal_client.desk.tips import tip_file, tip_link
from foreseal_client.errors import RelayRefusedError, RelayUnreachableError, StoreError, WrongPassphraseError
from foreseal_client.reporting import own_picture
from foreseal_client.reports.handing_in import Handed, encode
from foreseal_client.reports.proof import Finding
from foreseal_client.reports.said import Appeal, Category, Disclosed, OwnPicture, Said, TakenBack, TipOff
from foreseal_client.sealing.bundles import open_bundle
from foreseal_client.sealing.letter import AttachmentRef
from foreseal_client.sealing.sealed_sender import sealed_bytes
from foreseal_matcher.lists import HashList, Purpose
from foreseal_relay.public_wire import StampQuestion
from foreseal_relay.wire import BODY_SIZES, Deliver
from reported import Sent
from sample_pictures import encoded, picture

NOW = 1_900_000_000


@dataclass
class Answering:
    """A relay that answers as it should, or not at all."""

    sent: Sent
    fault: Exception | None = None
    asked: list[StampQuestion] = field(default_factory=list)

    async def made(self, question: StampQuestion) -> bool:
        self.asked.append(question)
        if self.fault is not None:
            raise self.fault
        one = Disclosed(b"", question.mailbox, question.eid, b"", question.commitment, b"", b"", question.day,
                        question.key_id, question.stamp)  # fmt: skip
        return self.sent.delivered(one)

    async def get(self, ref: AttachmentRef, path: Path) -> None:
        raise RelayRefusedError("blob-404", detail="The relay does not have this file any more.")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    new_desk(folder, clock=lambda: NOW)
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template, tmp_path / "desk")
    return tmp_path / "desk"


@pytest.fixture
def desk(folder: Path) -> Iterator[Desk]:
    opened = at(folder, clock=lambda: NOW)
    yield opened
    opened.close()


def envelope(desk: Desk, packed: bytes) -> Deliver:
    account = desk.account
    keys = account.account.keys
    signed = account.store.account.prekeys().rotated(account.today).signed_bundle(keys, account.mailbox, account.today)
    to = open_bundle(signed, None, account.identity, account.mailbox, account.today).payload
    return Deliver(secrets.token_bytes(16), bytes(32), 1, bytes(8), sealed_bytes(packed, to), bytes(32))


def handed(desk: Desk, said: Said, sent: Sent | None = None, number: bytes | None = None) -> Deliver:
    seed = b"" if sent is None else sent.recipient.login
    return envelope(desk, encode(Handed(number or secrets.token_bytes(16), desk.account.mailbox, said), seed))


async def reported(desk: Desk, *messages: Disclosed, sent: Sent, fault: Exception | None = None) -> Outcome:
    return await take(handed(desk, sent.report(*messages), sent), desk, Answering(sent, fault))


async def test_a_proven_message_waits_for_two_people_and_its_proof_is_not_kept(desk: Desk) -> None:
    sent = Sent()
    outcome = await reported(desk, sent.message(), sent=sent)
    case = desk.tables.case(outcome.case or 0)
    assert case is not None
    assert (case.kind, case.state, case.listable, case.category) == (Kind.REPORT, State.WAITING, True, Category.THREAT)
    assert [one.finding for one in case.evidence] == [Finding.PROVEN]
    assert getattr(case.said, "messages", None) == ()


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"content": b"\x93\x01\x00\xa3bad"}, Finding.ALTERED),
        ({"signature": bytes(64)}, Finding.FORGED),
        ({"stamp": bytes(32)}, Finding.UNDELIVERED),
        ({"mailbox": bytes(16)}, Finding.NOT_THEIRS),
    ],
)
async def test_what_is_not_proven_is_shown_as_such_and_cannot_be_listed(
    desk: Desk, change: dict[str, bytes], finding: Finding
) -> None:
    sent = Sent()
    outcome = await reported(desk, msgspec.structs.replace(sent.message(), **change), sent=sent)
    case = desk.tables.case(outcome.case or 0)
    assert case is not None
    assert [one.finding for one in case.evidence] == [finding]
    assert not case.listable
    assert desk.vote(case.id, Voice.AGREE) is Denied.NOT_PROVEN
    assert desk.vote(case.id, Voice.DISMISS) is State.WAITING


async def test_the_same_message_again_begins_no_second_case(desk: Desk) -> None:
    sent = Sent()
    one = sent.message()
    assert (await reported(desk, one, sent=sent)).case is not None
    assert await reported(desk, one, sent=sent) == Outcome(refused="repeated")
    mixed = await reported(desk, one, sent.message("and this"), sent=sent)
    case = desk.tables.case(mixed.case or 0)
    assert case is not None
    assert [found.finding for found in case.evidence] == [Finding.REPEATED, Finding.PROVEN]


async def test_an_envelope_that_comes_twice_is_taken_once(desk: Desk) -> None:
    sent = Sent()
    arriving = handed(desk, sent.report(sent.message()), sent)
    assert (await take(arriving, desk, Answering(sent))).case is not None
    assert await take(arriving, desk, Answering(sent)) == Outcome(refused="repeated")


async def test_somebody_who_reports_an_unproven_message_first_does_not_spoil_the_proven_one(desk: Desk) -> None:
    sent = Sent()
    one = sent.message()
    await reported(desk, msgspec.structs.replace(one, stamp=bytes(32)), sent=sent)
    outcome = await reported(desk, one, sent=sent)
    case = desk.tables.case(outcome.case or 0)
    assert case is not None
    assert case.evidence[0].finding is Finding.PROVEN


async def test_a_relay_that_will_not_say_leaves_it_unconfirmed_and_says_so(desk: Desk) -> None:
    sent = Sent()
    outcome = await reported(desk, sent.message(), sent=sent, fault=RelayRefusedError("stamps-off"))
    case = desk.tables.case(outcome.case or 0)
    assert case is not None
    assert (case.evidence[0].finding, case.listable) == (Finding.UNCONFIRMED, True)
    assert "could not be asked" in case.evidence[0].note


@pytest.mark.parametrize("fault", [RelayUnreachableError(), RelayRefusedError("public-rate", 7)])
async def test_a_relay_that_is_away_or_busy_is_asked_again_and_nothing_is_lost(desk: Desk, fault: Exception) -> None:
    sent = Sent()
    arriving = handed(desk, sent.report(sent.message()), sent)
    with pytest.raises(RelayUnreachableError):
        await take(arriving, desk, Answering(sent, fault))
    assert desk.tables.count(State.WAITING) == 0
    assert (await take(arriving, desk, Answering(sent))).case is not None


async def test_a_file_that_is_gone_is_said_and_the_report_stands(desk: Desk) -> None:
    sent = Sent()
    ref = AttachmentRef(bytes(16), bytes(32), 10, 10 + 24 + 17, bytes(32), "gone.png")
    outcome = await reported(desk, sent.message(attachments=(ref,)), sent=sent)
    case = desk.tables.case(outcome.case or 0)
    assert case is not None
    assert case.files == ()
    assert "does not have this file" in case.evidence[0].note


@pytest.mark.parametrize("body", [bytes(BODY_SIZES[0]), b"\xff" * BODY_SIZES[0]])
async def test_what_is_not_sealed_to_the_desk_is_counted_and_dropped(desk: Desk, body: bytes) -> None:
    foreign = Deliver(bytes(16), bytes(32), 1, bytes(8), body, bytes(32))
    assert await take(foreign, desk, Answering(Sent())) == Outcome(refused="foreign")
    assert desk.tables.refused() == {"foreign": 1}


async def test_somebody_who_writes_to_the_desk_as_to_a_person_begins_no_case(desk: Desk) -> None:
    assert await take(envelope(desk, b"\x98 a letter"), desk, Answering(Sent())) == Outcome(refused="foreign")


async def test_what_is_taken_back_before_it_is_proposed_is_not_listed(desk: Desk, folder: Path) -> None:
    number = secrets.token_bytes(16)
    outcome = await take(
        handed(desk, TipOff(Category.OTHER, "", "https://x.example"), number=number), desk, Answering(Sent())
    )
    assert await take(handed(desk, TakenBack(bytes(16))), desk, Answering(Sent())) == Outcome(refused="unknown-number")
    assert await take(handed(desk, TakenBack(number)), desk, Answering(Sent())) == outcome
    assert desk.vote(outcome.case or 0, Voice.AGREE) is Denied.SETTLED


async def test_a_picture_of_oneself_is_listed_without_being_handed_over_and_comes_off_when_taken_back(
    desk: Desk, folder: Path, tmp_path: Path
) -> None:
    data, number, listed = encoded(picture(51), "PNG"), secrets.token_bytes(16), tmp_path / "listed"
    outcome = await take(handed(desk, own_picture(data, "it is me"), number=number), desk, Answering(Sent()))
    case = outcome.case or 0
    desk.close()
    agree(folder, case, clock=lambda: NOW)
    opened = at(folder, clock=lambda: NOW)
    made = propose(opened, listed, name="desk", purpose=Purpose.SYNTHETIC)
    assert isinstance(made, Proposal)
    (said,) = [value for kind, value in own_picture(data, "").fingerprints if kind == "sha256"]
    assert HashList.of_any_age(listed).find_exact(said, "sha256") is not None
    assert await take(handed(opened, TakenBack(number)), opened, Answering(Sent())) == outcome
    assert isinstance(propose(opened, listed, name="desk", purpose=Purpose.SYNTHETIC), Proposal)
    assert HashList.of_any_age(listed).find_exact(said, "sha256") is None
    found = opened.tables.case(case)
    assert found is not None
    assert found.state is State.WITHDRAWN
    opened.close()


async def test_what_two_people_agreed_on_is_not_taken_off_by_whoever_reported_it_first(
    desk: Desk, folder: Path, tmp_path: Path
) -> None:
    number = secrets.token_bytes(16)
    outcome = await take(
        handed(desk, TipOff(Category.OTHER, "", "https://x.example"), number=number), desk, Answering(Sent())
    )
    desk.close()
    agree(folder, outcome.case or 0, clock=lambda: NOW)
    opened = at(folder, clock=lambda: NOW)
    for state in (State.CONFIRMED, State.PROPOSED):
        if state is State.PROPOSED:
            assert isinstance(proposed(opened, tmp_path), Proposal)
        refused = await take(handed(opened, TakenBack(number)), opened, Answering(Sent()))
        assert refused == Outcome(refused="agreed-already")
        found = opened.tables.case(outcome.case or 0)
        assert found is not None
        assert found.state is state
    opened.close()


@pytest.mark.parametrize("swap", ["file", "content", "link"])
def test_what_was_put_in_the_place_of_what_two_people_saw_is_not_proposed(
    folder: Path, tmp_path: Path, swap: str
) -> None:
    """By somebody who writes into the tables and the folder after the votes."""
    seen, poster = tmp_path / "seen.png", tmp_path / "poster.png"
    seen.write_bytes(encoded(picture(61), "PNG"))
    poster.write_bytes(encoded(picture(62), "PNG"))
    desk = at(folder, clock=lambda: NOW)
    case = tip_link(desk, "https://x.example", Category.OTHER) if swap == "link" else tip_file(
        desk, seen, Category.OTHER)  # fmt: skip
    other = tip_file(desk, poster, Category.OTHER)
    desk.close()
    agree(folder, case, clock=lambda: NOW)
    desk = at(folder, clock=lambda: NOW)
    tables = desk.tables
    with tables.transaction():
        if swap == "link":
            said = msgspec.msgpack.encode(TipOff(Category.OTHER, "", "https://library.example"))
            tables._db.run("UPDATE cases SET said = ? WHERE id = ?", said, case)
        elif swap == "file":
            tables._db.run('DELETE FROM files WHERE "case" = ?', case)
            tables._db.run('UPDATE files SET "case" = ? WHERE "case" = ?', case, other)
        else:
            (row,) = tables._db.rows('SELECT path, key FROM files WHERE "case" = ?', other)
            tables._db.run('DELETE FROM files WHERE "case" = ?', other)
            tables._db.run('UPDATE files SET path = ?, key = ? WHERE "case" = ?', *row, case)
    made = proposed(desk, tmp_path)
    desk.close()
    assert isinstance(made, str), made
    assert not (tmp_path / "listed").exists()
    assert ("not the file that was voted on" in made) == (swap == "content")


async def test_an_appeal_about_another_list_takes_nothing_off_this_one(folder: Path, tmp_path: Path) -> None:
    desk = at(folder, clock=lambda: NOW)
    link = tip_link(desk, "https://x.example/page", Category.OTHER)
    desk.close()
    agree(folder, link, clock=lambda: NOW)
    desk = at(folder, clock=lambda: NOW)
    made = proposed(desk, tmp_path)
    assert isinstance(made, Proposal)
    (entry,) = made.added
    elsewhere = await take(handed(desk, Appeal("wrong", "", "another", "1", entry)), desk, Answering(Sent()))
    desk.close()
    agree(folder, elsewhere.case or 0, clock=lambda: NOW)
    desk = at(folder, clock=lambda: NOW)
    told = proposed(desk, tmp_path)
    assert isinstance(told, str)
    assert "another list (another)" in told
    desk.close()
    assert HashList.of_any_age(tmp_path / "listed").entries == 1


def test_an_id_that_was_withdrawn_and_forgotten_is_not_given_to_another_entry(folder: Path, tmp_path: Path) -> None:
    given: list[int] = []
    for address in ("https://one.example/a", "https://two.example/b"):
        desk = at(folder, clock=lambda: NOW)
        case = tip_link(desk, address, Category.OTHER)
        desk.close()
        agree(folder, case, clock=lambda: NOW)
        desk = at(folder, clock=lambda: NOW)
        made = proposed(desk, tmp_path)
        desk.close()
        assert isinstance(made, Proposal)
        given += made.added
        shutil.rmtree(tmp_path / "listed")  # as after a compaction that keeps no records, of a list with one entry
    assert given == [1, 2]


def proposed(desk: Desk, folder: Path) -> Proposal | Denied | str:
    return propose(desk, folder / "listed", name="desk", purpose=Purpose.SYNTHETIC)


def test_one_officer_alone_lists_nothing_even_by_writing_into_the_tables(desk: Desk, tmp_path: Path) -> None:
    case = tip_link(desk, "https://x.example", Category.OTHER)
    desk.vote(case, Voice.AGREE)
    with desk.tables.transaction():
        desk.tables.move(case, State.CONFIRMED, Category.OTHER, decided=NOW)
    made = propose(desk, tmp_path / "listed", name="desk", purpose=Purpose.SYNTHETIC)
    assert isinstance(made, str)
    assert not (tmp_path / "listed").exists()


def test_a_reviewer_proposes_nothing_and_takes_nobody_in(folder: Path, tmp_path: Path) -> None:
    desk = at(folder, REVIEWER, lambda: NOW)
    assert propose(desk, tmp_path / "listed", name="desk", purpose=Purpose.SYNTHETIC) is Denied.NOT_A_LEAD
    assert desk.add_officer("eve", Role.LEAD, "of eve at all") is Denied.NOT_A_LEAD
    assert desk.remove_officer(LEAD) is Denied.NOT_A_LEAD
    desk.close()


def test_an_officer_who_was_taken_out_opens_nothing_and_the_last_lead_stays(folder: Path) -> None:
    desk = at(folder, clock=lambda: NOW)
    desk.remove_officer(REVIEWER)
    with pytest.raises(StoreError, match="needs a lead"):
        desk.remove_officer(LEAD)
    desk.close()
    with pytest.raises(StoreError, match="Nobody called"):
        at(folder, REVIEWER)


def test_a_wrong_passphrase_opens_nothing(folder: Path) -> None:
    wrong = "of somebody"
    with pytest.raises(WrongPassphraseError):
        Desk.open(folder, officer=LEAD, passphrase=wrong, clock=lambda: NOW)


def test_a_file_of_which_nothing_can_be_listed_is_left_out_by_name(folder: Path, tmp_path: Path) -> None:
    plain = tmp_path / "notes.txt"
    plain.write_text("nothing to see")
    desk = at(folder, clock=lambda: NOW)
    case = tip_file(desk, plain, Category.OTHER)
    link = tip_link(desk, "https://x.example/page", Category.OTHER)
    desk.close()
    for one in (case, link):
        agree(folder, one, clock=lambda: NOW)
    desk = at(folder, clock=lambda: NOW)
    made = propose(desk, tmp_path / "listed", name="desk", purpose=Purpose.SYNTHETIC)
    desk.close()
    assert isinstance(made, Proposal)
    assert [left for left, _ in made.left_out] == [case]
    assert len(made.added) == 1


async def test_an_appeal_about_an_entry_that_is_gone_proposes_nothing(desk: Desk, folder: Path, tmp_path: Path) -> None:
    outcome = await take(handed(desk, Appeal("wrongly-listed", "", "desk", "1", 77)), desk, Answering(Sent()))
    desk.close()
    agree(folder, outcome.case or 0, clock=lambda: NOW)
    opened = at(folder, clock=lambda: NOW)
    assert isinstance(propose(opened, tmp_path / "listed", name="desk", purpose=Purpose.SYNTHETIC), str)
    opened.close()


def test_a_picture_without_a_telling_fingerprint_is_not_handed_in() -> None:
    from io import BytesIO

    from PIL import Image

    flat = BytesIO()
    Image.new("RGB", (200, 200), "grey").save(flat, "PNG")
    with pytest.raises(ValueError, match="no fingerprint"):
        own_picture(flat.getvalue(), "")
    assert isinstance(own_picture(encoded(picture(3), "PNG"), ""), OwnPicture)
