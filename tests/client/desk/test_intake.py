"""What comes onto the desk, and what does not: forged, altered, repeated, somebody else's, foreign, too much."""

from __future__ import annotations

import msgspec
import pytest

from desk_letters import Answering, envelope, handed
from foreseal_client.desk.cases import Kind, State
from foreseal_client.desk.intake import Outcome, take
from foreseal_client.desk.room import Desk
from foreseal_client.desk.rules import Denied, Voice
from foreseal_client.errors import RelayRefusedError, RelayUnreachableError
from foreseal_client.reporting import own_picture
from foreseal_client.reports.proof import Finding
from foreseal_client.reports.said import Category, Disclosed, OwnPicture
from foreseal_client.sealing.letter import AttachmentRef
from foreseal_relay.wire import BODY_SIZES, Deliver
from reported import Sent
from sample_pictures import encoded, picture


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


def test_a_picture_without_a_telling_fingerprint_is_not_handed_in() -> None:
    from io import BytesIO

    from PIL import Image

    flat = BytesIO()
    Image.new("RGB", (200, 200), "grey").save(flat, "PNG")
    with pytest.raises(ValueError, match="no fingerprint"):
        own_picture(flat.getvalue(), "")
    assert isinstance(own_picture(encoded(picture(3), "PNG"), ""), OwnPicture)
