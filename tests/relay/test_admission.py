"""Who may make a mailbox, and who may go on with a login."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client.admission import work
from foreseal_relay import wire
from foreseal_relay.admission import NONCE_BYTES, Registration, code_bytes, new_code
from foreseal_relay.limits import REGISTRATION_CODE_DAYS, TICKET_SECONDS
from foreseal_relay.store import SqliteStore
from foreseal_relay.tickets import Tickets
from foreseal_relay.wire import Done, RejectCode, Rejected, Resume, Ticket, Welcome
from relay_peer import NOON, ORIGIN, Owner, Running, inbox, mailboxes_of
from turned import last_bit_turned

ALICE, BOB = Owner("alice"), Owner("bob")
DAY = 86400
NOT_ADMITTED = Rejected(1, RejectCode.ADMISSION)
TICKETS = Tickets(b"\x0b" * 32)


def login(owner: Owner) -> wire.Login:
    return owner.login(ORIGIN, bytes(32))


def register(owner: Owner) -> wire.Register:
    return wire.Register(1, wire.token_digest(owner.token))


def code(now: float = NOON) -> bytes:
    read = code_bytes(new_code(bytes(32), secrets.token_bytes(NONCE_BYTES), now))
    assert read is not None
    return read


async def test_a_code_makes_one_mailbox(store: SqliteStore) -> None:
    relay, given_ = mailboxes_of(store, Registration.INVITATION), code()
    assert await relay.change(login(ALICE), register(ALICE), NOON) == NOT_ADMITTED
    assert await relay.change(login(ALICE), register(ALICE), NOON, given_) == Done(1)
    assert await relay.change(login(ALICE), register(ALICE), NOON, given_) == Done(1)  # the answer was lost
    assert await relay.change(login(BOB), register(BOB), NOON, given_) == NOT_ADMITTED
    assert await relay.change(login(ALICE), register(ALICE), NOON) == Done(1)  # who is here needs none


async def test_a_code_that_is_old_foreign_or_altered_makes_none(store: SqliteStore) -> None:
    relay, given_ = mailboxes_of(store, Registration.INVITATION), code()
    foreign = code_bytes(new_code(b"\x01" * 32, bytes(NONCE_BYTES), NOON))
    for bad in (b"", given_[:-1], last_bit_turned(given_), given_ + b"\x00", foreign or b""):
        assert await relay.change(login(BOB), register(BOB), NOON, bad) == NOT_ADMITTED
    late = NOON + (REGISTRATION_CODE_DAYS + 1) * DAY
    assert await relay.change(login(BOB), register(BOB), late, given_) == NOT_ADMITTED


async def test_work_makes_a_mailbox_here_and_serves_nobody_else(store: SqliteStore) -> None:
    relay = mailboxes_of(store, Registration.WORK)
    assert relay.admission.terms == ("work", 8)
    done = work(ORIGIN, ALICE.mailbox, 8)
    elsewhere = next(  # work for another relay that is not, by chance, work for this one as well
        proof
        for n in range(1000)
        if not relay.admission.admits(ALICE.mailbox, proof := work(f"https://other{n}.example", ALICE.mailbox, 8), NOON)
    )
    assert await relay.change(login(ALICE), register(ALICE), NOON, elsewhere) == NOT_ADMITTED
    assert await relay.change(login(ALICE), register(ALICE), NOON) == NOT_ADMITTED
    assert await relay.change(login(ALICE), register(ALICE), NOON, done) == Done(1)


@given(st.text(max_size=80))
def test_no_text_is_a_fault_and_only_a_code_is_one(text: str) -> None:
    assert code_bytes(text) is None


def test_a_code_with_a_slip_in_it_is_none_and_white_space_and_case_are_forgiven() -> None:
    text = new_code(bytes(32), bytes(NONCE_BYTES), NOON)
    assert code_bytes(f" {text.upper().replace('FORESEAL-CODE-', 'foreseal-code-')} \n") is not None
    assert code_bytes(text[:20] + ("a" if text[20] != "a" else "b") + text[21:]) is None
    assert code_bytes(text[:-1]) is None


def resume(ticket: Ticket, *, nonce: bytes = b"s" * 32, generation: int = 3, origin: str = ORIGIN) -> Resume:
    message = wire.login_message(origin, ALICE.mailbox, nonce, bytes(32), generation)
    return Resume(1, ALICE.mailbox, ticket.ticket, bytes(32), wire.resume_proof(ticket.secret, message), generation)


def held(frame: Resume, *, nonce: bytes = b"s" * 32, now: float = NOON) -> bytes | None:
    return TICKETS.resumed(frame, nonce, (ORIGIN,), now)


def test_a_ticket_resumes_for_ten_minutes_and_names_the_login_key() -> None:
    ticket = TICKETS.issue(1, ALICE.mailbox, ALICE.public, 3, NOON)
    assert held(resume(ticket)) == ALICE.public
    assert held(resume(ticket, generation=9), now=NOON + TICKET_SECONDS - 1) == ALICE.public
    assert held(resume(ticket), now=NOON + TICKET_SECONDS) is None
    assert held(resume(ticket), now=NOON - DAY) is None


def test_a_ticket_is_bound_to_relay_nonce_mailbox_generation_and_secret() -> None:
    ticket = TICKETS.issue(1, ALICE.mailbox, ALICE.public, 3, NOON)
    assert held(resume(ticket), nonce=b"x" * 32) is None  # replayed on another connection
    assert held(resume(ticket, origin="https://other.example")) is None
    assert held(resume(ticket, generation=2)) is None  # by a copy of an older state
    assert held(resume(Ticket(1, ticket.ticket, bytes(32)))) is None  # seen on its way, without its secret
    stolen = resume(ticket)
    assert held(Resume(1, BOB.mailbox, stolen.ticket, bytes(32), stolen.proof, 3)) is None
    assert Tickets(b"\x0c" * 32).resumed(resume(ticket), b"s" * 32, (ORIGIN,), NOON) is None
    for place in (0, 20, 50, 60, 79):
        forged = bytearray(ticket.ticket)
        forged[place] ^= 1
        assert held(resume(Ticket(1, bytes(forged), ticket.secret))) is None


async def test_a_login_is_resumed_without_a_signature_and_a_ticket_makes_no_ticket(
    running: Running, bob: Owner
) -> None:
    async with inbox(running.url, bob) as first:
        ticket = await first.ask(wire.AskTicket(1))
        assert isinstance(ticket, Ticket)
    async with inbox(running.url) as second:
        message = wire.login_message(running.url, bob.mailbox, second.nonce, bytes(32), 0)
        bad = Resume(1, bob.mailbox, ticket.ticket, bytes(32), bytes(32), 0)
        assert await second.ask(bad) == Rejected(0, RejectCode.BAD_TICKET)
        proof = wire.resume_proof(ticket.secret, message)
        assert isinstance(await second.ask(Resume(1, bob.mailbox, ticket.ticket, bytes(32), proof, 0)), Welcome)
        assert await second.ask(wire.AskTicket(2)) == Rejected(2, RejectCode.BAD_TICKET)


async def test_after_a_bad_ticket_a_login_on_the_same_connection_holds(running: Running, bob: Owner) -> None:
    async with inbox(running.url) as peer:
        bad = Resume(1, bob.mailbox, bytes(80), bytes(32), bytes(32), 0)
        assert await peer.ask(bad) == Rejected(0, RejectCode.BAD_TICKET)
        assert isinstance(await peer.ask(bob.login(running.url, peer.nonce)), Welcome)


@pytest.mark.parametrize("frame", [wire.AskTerms(4), wire.Admit(4, b""), wire.AskTicket(4), wire.Requests(4, True)])
async def test_nothing_of_this_is_for_somebody_who_has_not_logged_in(running: Running, frame: wire.InboxFrame) -> None:
    async with inbox(running.url) as peer:
        assert await peer.ask(frame) == Rejected(4, RejectCode.NOT_LOGGED_IN)
