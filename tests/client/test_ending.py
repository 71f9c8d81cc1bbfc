"""Signals that ask a program to end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator

import pytest

from foreseal_client.ending import as_if_interrupted, when_asked_to_end

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no such signals")


@pytest.fixture(autouse=True)
def survived() -> Iterator[None]:
    """A signal that nobody took is no end of the tests."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_work_without_a_loop_is_interrupted_and_the_signal_is_given_back(name: str) -> None:
    number = signal.Signals[name]
    with pytest.raises(KeyboardInterrupt), as_if_interrupted():
        signal.raise_signal(number)
    signal.raise_signal(number)


def test_a_second_signal_does_not_break_into_the_tidying_up_after_the_first() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with as_if_interrupted():
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGHUP)
            for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
                signal.raise_signal(number)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


async def test_who_was_started_with_nohup_goes_on_when_the_terminal_is_closed() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    over = asyncio.Event()
    when_asked_to_end(over.set)
    with as_if_interrupted():
        signal.raise_signal(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(over.wait(), 20)
    asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
