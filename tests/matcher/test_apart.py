"""Whatever a process apart does, who started it hears of it and goes on."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_matcher.apart.messages import Frame, Message, Nonsense
from foreseal_matcher.apart.running import BrokeDown, NotRun, OutOfTime, said_apart

posix = pytest.mark.skipif(sys.platform == "win32", reason="the system has no such limits")


def said(what: str, given: bytes = b"", wall: float = 60) -> list[Message]:
    return list(said_apart("apart_programs", [what], given, wall))


def test_what_is_given_arrives_whole_and_what_is_said_comes_back() -> None:
    film = os.urandom(300_000)
    assert said("echo", film)[0] == (b"!", film)


@posix
@pytest.mark.parametrize("what", ["open", "connect"])
def test_no_file_and_no_socket_can_be_opened_apart(what: str) -> None:
    assert said(what) == [(b"!", b"OSError")]


@posix
def test_memory_beyond_the_limit_is_refused_apart() -> None:
    assert said("fill memory") == [(b"!", b"MemoryError")]


def test_the_environment_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSPHRASE", "none of a decoder's business")
    (only,) = said("environment")
    assert b"PASSPHRASE" not in only.body


def test_one_that_crashes_is_told_from_one_that_cannot_be_run() -> None:
    with pytest.raises(BrokeDown, match="signal 11"):
        said("crash")
    with pytest.raises(NotRun, match="exit code 7"):
        said("exit")
    with pytest.raises(NotRun):
        list(said_apart("no_such_program", [], b"", 60))


@pytest.mark.parametrize("what", ["chatter", "stop short"])
def test_one_that_makes_no_sense_is_not_believed(what: str) -> None:
    with pytest.raises(BrokeDown, match="message"):
        said(what)


@posix
def test_one_that_works_for_too_long_is_ended() -> None:
    with pytest.raises(OutOfTime):
        said("spin")


def test_one_that_does_nothing_is_ended_by_the_deadline() -> None:
    with pytest.raises(OutOfTime):
        said("sleep", wall=0.5)


def test_one_that_is_still_at_it_is_ended_when_nobody_listens_any_more() -> None:
    listening = said_apart("apart_programs", ["sleep"], b"", 60)
    process = int(next(listening).body)
    os.kill(process, 0)
    listening.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_one_that_ends_before_it_has_read_everything_is_heard_all_the_same() -> None:
    with pytest.raises(NotRun, match="exit code"):
        list(said_apart("apart_programs", [], bytes(5_000_000), 60))


def test_a_frame_survives_being_said() -> None:
    frame = Frame(1234, 2, 3, (20, 30), b"abcdef")
    assert Frame.decode(frame.encode()) == frame


@given(st.binary(max_size=64))
def test_bytes_that_are_no_frame_are_refused_as_such(body: bytes) -> None:
    try:
        frame = Frame.decode(body)
    except Nonsense:
        return
    assert frame.encode() == body
    assert len(frame.luma) == frame.rows * frame.columns > 0


def test_a_frame_that_is_larger_than_it_was_before_it_was_reduced_is_refused() -> None:
    with pytest.raises(Nonsense):
        Frame.decode(Frame(0, 4, 4, (2, 2), bytes(16)).encode())
