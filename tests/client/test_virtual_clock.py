"""A clock that is moved by hand wakes whoever waits for it, also who had only just asked."""

from __future__ import annotations

import asyncio

import pytest

from foreseal_client.virtual_clock import VirtualClock


async def test_a_pause_counts_from_when_it_was_asked_for_and_not_from_when_it_is_awaited() -> None:
    clock = VirtualClock(1000.0)
    pause = asyncio.ensure_future(clock.pause(10))
    clock.set(1010.0)  # before the loop has begun the pause
    async with asyncio.timeout(20):
        await pause


async def test_a_pause_ends_when_the_clock_has_come_there_and_not_before() -> None:
    clock = VirtualClock(1000.0)
    pause = asyncio.ensure_future(clock.pause(10))
    for now in (1003.0, 1009.0):
        await asyncio.sleep(0)
        clock.set(now)
        await asyncio.sleep(0)
        assert not pause.done()
    clock.set(1010.0)
    async with asyncio.timeout(20):
        await pause


def test_a_clock_never_goes_back() -> None:
    clock = VirtualClock(1000.0)
    with pytest.raises(ValueError, match="never back"):
        clock.set(999.0)
