"""A batch of envelopes in the embedded store: as if one had come after the other, and by a few statements."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_relay.store import Envelope, Outcome
from foreseal_relay.store.accepting import put_all
from foreseal_relay.store.database import open_writer
from foreseal_relay.store.deciding import Put
from foreseal_relay.store.steps import acknowledge, invite, register
from relay_peer import eid

BOXES, ABSENT, TOKEN, INVITATION, HOUR = (b"a" * 16, b"b" * 16), b"x" * 16, b"t" * 32, b"i" * 32, 480_000
DAY = HOUR // 24

PUTS = st.builds(
    lambda mailbox, number, token, hour: Put(
        Envelope(mailbox, eid(number), b"c" * 32, number.to_bytes(64, "big"), DAY, HOUR + 24), token, hour
    ),
    st.sampled_from([*BOXES, ABSENT]),
    st.integers(0, 5),
    st.sampled_from([TOKEN, INVITATION, b"w" * 32]),
    st.sampled_from([HOUR, HOUR + 1]),
)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """Two mailboxes, one eid acknowledged in the first, and in the second an invitation for two envelopes that is good
    for an hour."""
    connection = open_writer(tmp_path_factory.mktemp("accepting") / "s")
    for mailbox in BOXES:
        register(connection, mailbox, b"k" * 32, TOKEN, 0, DAY)
    assert put_all(connection, [put(0)]) == [Outcome.STORED]
    acknowledge(connection, BOXES[0], [eid(0)])
    invite(connection, BOXES[1], INVITATION, 2, HOUR + 1, HOUR)
    yield connection
    connection.close()


def put(number: int, mailbox: bytes = BOXES[0], token: bytes = TOKEN) -> Put:
    return Put(Envelope(mailbox, eid(number), b"c" * 32, bytes(64), DAY, HOUR + 24), token, HOUR)


def tables(connection: sqlite3.Connection) -> list[list[tuple[object, ...]]]:
    asked = (
        "SELECT mailbox, eid, body FROM envelopes ORDER BY id",
        "SELECT id, waiting, waiting_bytes FROM mailboxes ORDER BY id",
        "SELECT mailbox, invitation, sends_left FROM invitations",
    )
    return [connection.execute(one).fetchall() for one in asked]


@given(puts=st.lists(PUTS, max_size=12))
def test_a_batch_becomes_what_its_envelopes_would_have_become_one_by_one(
    connection: sqlite3.Connection, puts: list[Put]
) -> None:
    found = []
    for batches in ([puts], [[one] for one in puts]):
        connection.execute("BEGIN")
        outcomes = [outcome for batch in batches for outcome in put_all(connection, batch)]
        found.append((outcomes, tables(connection)))
        connection.execute("ROLLBACK")
    assert found[0] == found[1]


def test_a_mailbox_fills_up_in_the_middle_of_a_batch(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foreseal_relay.store.deciding.MAX_WAITING", 2)
    connection.execute("BEGIN")
    outcomes = put_all(connection, [put(number) for number in (1, 2, 1, 3)] + [put(1, BOXES[1])])
    connection.execute("ROLLBACK")
    assert outcomes == [Outcome.STORED, Outcome.STORED, Outcome.DUPLICATE, Outcome.FULL, Outcome.STORED]


def statements(connection: sqlite3.Connection, puts: list[Put]) -> list[str]:
    """What was asked, without the values."""
    seen: list[str] = []
    connection.execute("BEGIN")
    connection.set_trace_callback(lambda said: seen.append(re.sub(r"x'\w*'|\d+", "?", said)))
    put_all(connection, puts)
    connection.set_trace_callback(None)
    connection.execute("ROLLBACK")
    return seen


def test_a_hundred_envelopes_take_a_few_statements(connection: sqlite3.Connection) -> None:
    puts = [put(number, BOXES[number % 2]) for number in range(1, 101)]
    # A statement that fires triggers is told of once for each row.
    asked = [one.split()[0] for one in set(statements(connection, puts))]
    assert (asked.count("WITH"), asked.count("INSERT")) == (1 + 3, 3), "100 is 64 and 32 and 4"


def test_an_unknown_mailbox_and_a_bad_token_are_asked_for_by_the_same_statement(
    connection: sqlite3.Connection,
) -> None:
    unknown, bad, empty = (
        statements(connection, [put(1, mailbox, token)])
        for mailbox, token in ((ABSENT, TOKEN), (BOXES[0], b"w" * 32), (ABSENT, bytes(32)))
    )
    assert len(unknown) == 1
    assert unknown == bad == empty


def test_an_empty_batch_asks_nothing(connection: sqlite3.Connection) -> None:
    assert statements(connection, []) == []
