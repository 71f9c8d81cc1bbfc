"""From a cleared draft to an envelope and back: what goes in comes out; what does not belong together stays apart."""

from __future__ import annotations

import secrets
from pathlib import Path

import msgspec
import pytest

from foreseal_client.draft import Draft, Opened
from foreseal_client.errors import ChangedSinceCheckError, PeerFaultError
from foreseal_client.sealing import franking
from foreseal_client.sealing.attachments import cleared_draft, seal_attachments
from foreseal_client.sealing.keys import DEVICE, DeviceKeys
from foreseal_client.sealing.letter import Letter, LetterContent, encode_letter
from foreseal_client.sealing.notes import Notes, Timer
from foreseal_client.sealing.opening import OpenedLetter, open_inner, unwrap
from foreseal_client.sealing.seal import Recipient, Sealed, Sender, seal
from foreseal_client.sealing.sealed_sender import Inner, open_body, seal_body
from foreseal_client.sealing.sessions import Sessions
from foreseal_matcher import Bytes, Cleared, Mode, OnFailure, Policy, decide, screen
from sample_lists import nothing_listed
from two_devices import TODAY, Party

ALICE, BOB = Party(), Party()
NO_SESSION = Sessions()
NOW = TODAY * 86_400 + 12_345


def cleared(*attachments: Bytes, text: str = "hello") -> Cleared[Draft]:
    decided = decide(screen(Draft(text, attachments), nothing_listed()), Policy(Mode.HOLD, OnFailure.CLOSED))
    assert isinstance(decided, Cleared)
    return decided


def no_file() -> Path:
    raise AssertionError("there is no attachment to write")


def sealed(notes: Notes | None = None, eid: bytes | None = None, *, one_time: bool = True) -> Sealed:
    sender, draft = Sender(ALICE.keys, ALICE.mailbox, None), cleared()
    recipient = Recipient(BOB.bundle(one_time=one_time), None)
    return seal(draft, sender, recipient, seal_attachments(draft, no_file), now=NOW, notes=notes, eid=eid)


def opened(made: Sealed, sessions: Sessions = NO_SESSION) -> OpenedLetter:
    envelope = made.envelope
    return open_inner(
        unwrap(envelope.body, BOB.prekeys, BOB.mailbox), envelope.commitment, envelope.eid, keys=BOB.keys,
        prekeys=BOB.prekeys, mailbox=BOB.mailbox, sessions=sessions, today=TODAY,
    )  # fmt: skip


def test_a_letter_tells_its_minute_and_no_second() -> None:
    content = opened(sealed()).content
    assert (content.text, content.sent_at) == ("hello", NOW - 45)


@pytest.mark.parametrize("notes", [Notes(), None])
def test_notes_that_say_nothing_take_no_room(notes: Notes | None) -> None:
    assert opened(sealed(notes)).content.notes is None


def test_notes_that_say_something_arrive() -> None:
    notes = Notes(60, Timer(1, 60))
    assert opened(sealed(notes)).content.notes == notes


def test_an_envelope_that_takes_anothers_place_has_its_id_and_any_other_a_new_one() -> None:
    assert sealed(eid=b"e" * 16).envelope.eid == b"e" * 16
    assert sealed().envelope.eid != sealed().envelope.eid


def test_a_first_letter_uses_up_its_one_time_prekey_and_a_later_one_none() -> None:
    first = opened(sealed())
    assert (first.is_new, first.spent) == (True, BOB.prekeys.one_time[-1].public)
    last_resort = opened(sealed(one_time=False))
    assert (last_resort.is_new, last_resort.spent) == (True, None)


def test_what_follows_on_the_same_session_spends_nothing_though_the_handshake_still_travels_along() -> None:
    first = sealed()
    begun, draft = opened(first), cleared(text="again")
    recipient = Recipient(BOB.bundle(), first.session)
    following = seal(
        draft, Sender(ALICE.keys, ALICE.mailbox, None), recipient, seal_attachments(draft, no_file), now=NOW
    )
    assert following.session.pending is not None
    second = opened(following, Sessions().put(begun.session, TODAY))
    assert (second.content.text, second.is_new, second.spent) == ("again", False, None)


def test_the_attachments_of_another_draft_are_not_sealed_with_this_one(tmp_path: Path) -> None:
    others = seal_attachments(cleared(Bytes(b"another", "a")), lambda: tmp_path / "blob")
    with pytest.raises(ChangedSinceCheckError):
        seal(cleared(), Sender(ALICE.keys, ALICE.mailbox, None), Recipient(BOB.bundle(), None), others, now=NOW)


def test_when_one_attachment_cannot_be_sealed_nothing_stays_of_those_before_it(tmp_path: Path) -> None:
    places = iter([tmp_path / "first", tmp_path / "not" / "there"])
    with pytest.raises(FileNotFoundError):
        seal_attachments(cleared(Bytes(b"one", "a"), Bytes(b"two", "b")), lambda: next(places))
    assert list(tmp_path.iterdir()) == []


def test_what_failed_is_told_although_a_file_of_it_is_gone_already(tmp_path: Path) -> None:
    made = seal_attachments(cleared(Bytes(b"one", "a")), lambda: tmp_path / "blob")
    (tmp_path / "blob").unlink()
    with pytest.raises(ZeroDivisionError), made.removed_on_failure():
        raise ZeroDivisionError


def test_a_draft_that_changed_after_its_check_is_not_sealed() -> None:
    attachment = Bytes(b"one", "a")
    checked = cleared(attachment)
    object.__setattr__(attachment, "sha256", bytes(32))
    with pytest.raises(ChangedSinceCheckError):
        cleared_draft(checked)


def received() -> Cleared[Opened]:
    arrived = Opened(ALICE.keys.identity_public, bytes(16), "hello", (), NOW)
    decided = decide(screen(arrived, nothing_listed()), Policy(Mode.HOLD, OnFailure.CLOSED))
    assert isinstance(decided, Cleared)
    return decided


@pytest.mark.parametrize("impostor", [Draft("hello"), cleared, received(), None, "hello"])
def test_nothing_but_what_was_checked_and_let_through_counts_as_cleared(impostor: object) -> None:
    with pytest.raises(TypeError, match="screen the draft"):
        cleared_draft(impostor)


@pytest.mark.parametrize(
    ("part", "said"),
    [("content", "does not fit the commitment"), ("opening", "does not fit the commitment"), ("by", "not signed by")],
)
def test_a_letter_that_its_own_sender_made_wrongly_is_refused(part: str, said: str) -> None:
    """Somebody with a modified client, who holds all the session's keys: nothing that could not be proven is shown."""
    made, eid = sealed(), secrets.token_bytes(16)
    content = encode_letter(LetterContent(1, 0, "never provable"))
    commitment, opening = franking.commit(b"something else" if part == "content" else content)
    opening = bytes(32) if part == "opening" else opening
    by = DeviceKeys.generate() if part == "by" else ALICE.keys
    letter = Letter(content, opening, franking.sign_opening(by.identity, commitment, opening, BOB.mailbox, eid))
    inner = open_body(made.envelope.body, BOB.prekeys.seal_keys, BOB.mailbox)
    session, message = made.session.encrypt(msgspec.msgpack.encode(letter), commitment, eid)
    forged = Inner(1, inner.sender, inner.mailbox, DEVICE, session.id, session.round, session.pending, message)
    with pytest.raises(PeerFaultError, match=said):
        open_inner(
            open_body(seal_body(forged, BOB.bundle().payload), BOB.prekeys.seal_keys, BOB.mailbox), commitment, eid,
            keys=BOB.keys, prekeys=BOB.prekeys, mailbox=BOB.mailbox, sessions=Sessions(), today=TODAY,
        )  # fmt: skip
