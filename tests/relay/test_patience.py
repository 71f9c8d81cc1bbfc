"""How long a connection may say nothing: pings are no frames, and buy no time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp
import pytest

from foreseal_relay.patience import Deadlines, Patience
from foreseal_relay.wire import Credit, RejectCode, Rejected
from relay_peer import PATIENCE, Owner, Peer, Running, drop, inbox, send_to

IDLE = 4002


@dataclass
class Clockwork:
    """Timers that ring when somebody turns the hands."""

    now: float = 0.0
    timers: list[Ringing] = field(default_factory=list)

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[[], object], /) -> Ringing:
        self.timers.append(Ringing(when, callback))
        return self.timers[-1]

    def turn_to(self, now: float) -> None:
        self.now = now
        due = [timer for timer in self.timers if timer.when <= now]
        self.timers = [timer for timer in self.timers if timer.when > now]
        for timer in due:
            if not timer.cancelled:
                timer.callback()


@dataclass
class Ringing:
    when: float
    callback: Callable[[], object]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


def test_patience_ends_so_long_after_the_last_word_and_once() -> None:
    clock, ends = Clockwork(), list[float]()
    patience = Patience(30.0, lambda: ends.append(clock.now), clock)
    patience.waiting()
    for now in (10.0, 25.0):
        clock.turn_to(now)
        patience.heard()
        patience.waiting()
    assert len(clock.timers) == 1, "one timer, and not one for each word"
    clock.turn_to(54.0)
    assert ends == []
    clock.turn_to(55.0)
    clock.turn_to(500.0)
    assert ends == [55.0]


def test_no_patience_is_used_up_while_what_was_heard_is_dealt_with() -> None:
    clock, ends = Clockwork(), list[float]()
    patience = Patience(30.0, lambda: ends.append(clock.now), clock)
    patience.waiting()
    patience.heard()
    for now in range(0, 300, 10):
        clock.turn_to(now)
    patience.waiting()
    for now in range(290, 330, 10):
        clock.turn_to(now)
    assert ends == [320]


def test_patience_that_was_stopped_never_ends() -> None:
    clock, ends = Clockwork(), list[float]()
    patience = Patience(30.0, lambda: ends.append(clock.now), clock)
    patience.waiting()
    patience.stop()
    clock.turn_to(10.0**6)
    assert ends == []


@dataclass(eq=False)
class Guest:
    """Somebody who is waited for, and after being due so often again."""

    clock: Clockwork
    again: int = 0
    gone: list[float] = field(default_factory=list)

    def due(self) -> bool:
        self.gone.append(self.clock.now)
        return len(self.gone) <= self.again


def test_each_of_many_is_given_up_at_their_own_time_with_one_timer_for_all() -> None:
    clock, deadlines = Clockwork(), Deadlines(15.0, Guest.due)
    guests = [Guest(clock) for _ in range(4)]
    for number, guest in enumerate(guests):
        clock.turn_to(number * 5.0)
        if number < 3:
            deadlines.expect(guest, clock)
            assert len(clock.timers) == 1
    deadlines.met(guests[1])
    deadlines.met(guests[3])  # who was never expected
    clock.turn_to(24.9)
    assert [guest.gone for guest in guests] == [[15.0], [], [], []]
    assert len(clock.timers) == 1
    clock.turn_to(25.0)
    clock.turn_to(500.0)
    assert [guest.gone for guest in guests] == [[15.0], [], [25.0], []]
    assert clock.timers == []


def test_who_comes_when_all_others_are_gone_is_waited_for_anew() -> None:
    clock, deadlines = Clockwork(), Deadlines(15.0, Guest.due)
    first, second = Guest(clock), Guest(clock)
    deadlines.expect(first, clock)
    deadlines.met(first)
    clock.turn_to(20.0)
    assert clock.timers == [], "nobody is waited for, and nothing rings"
    deadlines.expect(second, clock)
    clock.turn_to(34.9)
    assert second.gone == []
    clock.turn_to(35.0)
    assert (first.gone, second.gone) == ([], [35.0])


def test_whose_time_begins_anew_is_due_again_and_again_until_they_say_otherwise() -> None:
    clock, deadlines = Clockwork(), Deadlines(20.0, Guest.due)
    often, once = Guest(clock, again=2), Guest(clock)
    deadlines.expect(often, clock)
    clock.turn_to(5.0)
    deadlines.expect(once, clock)
    for now in range(5, 200, 5):
        clock.turn_to(float(now))
        assert len(clock.timers) <= 1
    assert (often.gone, once.gone) == ([20.0, 40.0, 60.0], [25.0])
    assert clock.timers == []


def test_who_joins_while_others_are_told_brings_no_second_timer() -> None:
    clock = Clockwork()
    second = Guest(clock)

    def join(guest: Guest) -> bool:
        if guest is not second:
            deadlines.expect(second, clock)
        return guest.due()

    deadlines = Deadlines(20.0, join)
    deadlines.expect(Guest(clock, again=9), clock)
    clock.turn_to(20.0)
    assert [timer.when for timer in clock.timers] == [40.0]
    clock.turn_to(40.0)
    assert second.gone == [40.0]


async def ping_until_closed(peer: Peer) -> None:
    """Pings as fast as the relay answers. Fails when that keeps the connection."""

    async def ping() -> None:
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):
            while not peer.socket.closed:
                await peer.socket.ping()
                await asyncio.sleep(0)

    pinging = asyncio.create_task(ping())
    try:
        assert await peer.hear() is None
    finally:
        pinging.cancel()
        await asyncio.gather(pinging, return_exceptions=True)


async def test_pings_do_not_keep_an_inbox_that_never_logs_in(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running.relay.logins, "seconds", 0.3)
    async with inbox(running.url) as peer:
        await ping_until_closed(peer)
        assert peer.socket.close_code == IDLE


async def test_pings_do_not_keep_a_silent_drop(running: Running, bob: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foreseal_relay.drop.DROP_IDLE", 0.3)
    async with drop(running.url) as peer:
        await peer.ask(send_to(bob))
        await ping_until_closed(peer)
        assert peer.socket.close_code == IDLE


async def test_refused_frames_buy_no_time_to_log_in(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running.relay.logins, "seconds", 0.3)
    monkeypatch.setattr("foreseal_relay.connection.MAX_FAULTS", 10**9)
    async with inbox(running.url) as peer, asyncio.timeout(PATIENCE):
        while (answer := await peer.ask(Credit(1))) is not None:
            assert answer == Rejected(0, RejectCode.NOT_LOGGED_IN)
        assert peer.socket.close_code == IDLE


async def test_an_inbox_that_logged_in_in_time_stays(
    running: Running, bob: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.relay.logins, "seconds", 5.0)
    async with inbox(running.url, bob) as peer:
        await peer.nothing_more()
