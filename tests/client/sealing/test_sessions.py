"""Several sessions with one contact: which one is written on, which are forgotten, and what may begin."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing.ratchet import MAX_SKIPPED, SKIPPED_DAYS, RatchetState, Skipped
from foreseal_client.sealing.session import Session
from foreseal_client.sealing.sessions import MAX_LEAP, MAX_SESSIONS, Sessions
from two_devices import TODAY, Line, Party, accept, begin


def session(round_: int, name: int, *, skipped: int = 0, day: int = TODAY) -> Session:
    keys = tuple(Skipped(bytes([name]) * 32, number, bytes(32), day) for number in range(skipped))
    ratchet = RatchetState(bytes(32), bytes(32), bytes(32), bytes(32), bytes(32), 0, 0, bytes(32), 0, keys)
    return Session(bytes([name]) * 16, round_, 1, bytes(32), None, ratchet)


def test_both_sides_of_two_first_messages_that_crossed_settle_on_the_same_session() -> None:
    alice, bob = Party(), Party()
    hers, her_handshake = begin(alice, bob)
    his, his_handshake = begin(bob, alice)
    from_alice, from_bob = hers.encrypt(b"from Alice"), his.encrypt(b"from Bob")
    at_bob, letter = accept(alice, bob, her_handshake, from_alice)
    at_alice, answer = accept(bob, alice, his_handshake, from_bob)
    assert (letter, answer) == (b"from Alice", b"from Bob")
    kept_by_alice = Sessions().put(hers.session, TODAY).put(at_alice.session, TODAY)
    kept_by_bob = Sessions().put(his.session, TODAY).put(at_bob.session, TODAY)
    assert kept_by_alice.current is not None
    assert kept_by_bob.current is not None
    assert kept_by_alice.current.id == kept_by_bob.current.id
    line, answering = Line(kept_by_alice.current), Line(kept_by_bob.current)
    assert answering.decrypt(line.encrypt(b"on one session")) == b"on one session"
    assert line.decrypt(answering.encrypt(b"from now on")) == b"from now on"


@settings(deadline=None)
@given(st.permutations([(1, 3), (1, 9), (2, 1), (2, 7), (3, 2), (3, 5)]))
def test_the_order_in_which_sessions_came_changes_nothing(order: list[tuple[int, int]]) -> None:
    kept = Sessions()
    for round_, name in order:
        kept = kept.put(session(round_, name), TODAY)
    assert [(each.round, each.id[0]) for each in kept.kept] == [(3, 5), (3, 2), (2, 7), (2, 1)]
    assert len(kept.kept) == MAX_SESSIONS
    assert kept.floor == (1, bytes([9]) * 16)


def test_a_new_session_goes_past_every_round_that_is_known() -> None:
    assert Sessions().next_round() == 1
    kept = Sessions().put(session(4, 1), TODAY)
    assert (kept.next_round(), kept.next_round(2), kept.next_round(9)) == (5, 5, 10)


def test_a_claimed_round_lifts_the_next_only_so_far() -> None:
    kept = Sessions().put(session(4, 1), TODAY)
    assert kept.next_round(2**47) == 4 + MAX_LEAP + 1


def test_what_was_forgotten_does_not_begin_again() -> None:
    kept = Sessions()
    for name in range(1, MAX_SESSIONS + 2):
        kept = kept.put(session(name, name), TODAY)
    assert kept.get(bytes([1]) * 16) is None
    assert not kept.may_begin(1, bytes([1]) * 16)
    assert not kept.may_begin(1, bytes([0]) * 16)
    assert kept.may_begin(1, bytes([2]) * 16)
    assert Sessions.restore(kept.save()) == kept


def test_on_a_restored_device_nothing_begins_up_to_the_last_round_that_was_known() -> None:
    kept = Sessions.after_round(3)
    assert (kept.current, kept.next_round()) == (None, 4)
    assert not kept.may_begin(3, b"\xff" * 16)
    assert kept.may_begin(4, bytes(16))


def test_keys_of_overtaken_messages_are_bounded_for_all_sessions_together() -> None:
    kept = Sessions()
    for round_ in range(1, MAX_SESSIONS + 1):
        kept = kept.put(session(round_, round_, skipped=600), TODAY)
    assert [len(each.ratchet.skipped) for each in kept.kept] == [600, 400, 0, 0]
    assert sum(len(each.ratchet.skipped) for each in kept.kept) == MAX_SKIPPED
    assert kept.kept[1].ratchet.skipped[-1].number == 599


def test_keys_of_overtaken_messages_are_forgotten_by_age() -> None:
    kept = Sessions().put(session(1, 1, skipped=5, day=TODAY), TODAY)
    later = kept.put(session(2, 2), TODAY + SKIPPED_DAYS)
    assert len(later.kept[1].ratchet.skipped) == 5
    assert len(kept.put(session(2, 2), TODAY + SKIPPED_DAYS + 1).kept[1].ratchet.skipped) == 0


def test_a_message_that_comes_after_its_key_was_forgotten_is_refused() -> None:
    alice, bob = Party(), Party()
    line, handshake = begin(alice, bob)
    answering, _ = accept(alice, bob, handshake, line.encrypt(b"hello"))
    late = line.encrypt(b"late")
    answering.decrypt(line.encrypt(b"overtakes it"))
    kept = Sessions().put(answering.session, TODAY + SKIPPED_DAYS + 1).current
    assert kept is not None
    with pytest.raises(PeerFaultError):
        Line(kept).decrypt(late)


@settings(deadline=None)
@given(st.lists(st.integers(0, 11), max_size=40))
def test_a_first_message_begins_one_session_at_most_whatever_is_forgotten_between(names: list[int]) -> None:
    """The rule of `opening`: known ones are routed to their session, others have to be above the floor."""
    kept, begun = Sessions(), list[int]()
    for name in names:
        each = session(name % 4 + 1, name)
        if kept.get(each.id) is None and kept.may_begin(each.round, each.id):
            kept = kept.put(each, TODAY)
            begun.append(name)
    assert len(begun) == len(set(begun))
    assert len(kept.kept) <= MAX_SESSIONS
