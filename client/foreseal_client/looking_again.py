"""After a list has changed: what was stopped or hidden is looked at again, and so is the history.

An entry that was withdrawn releases what it held. A picture that was shown before it was listed is hidden, as the
policy says. What was sent cannot be called back: it is only said that it is listed now. All of it goes through `screen`
and `decide`, one message at a time and with pauses, so that a person who is writing notices nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

import msgspec

from foreseal_client import words
from foreseal_client.checks import against
from foreseal_client.device import DAY, HELD_DAYS, Device
from foreseal_client.draft import Draft, Opened
from foreseal_client.errors import StoreError
from foreseal_client.events import MessageChanged, Trouble
from foreseal_client.ledger.lines import Course, Outcome
from foreseal_client.showing import state_of
from foreseal_client.store import Direction, Message, State
from foreseal_matcher import Clear, Cleared, Held, Match, Mode, decide, screen

__all__ = ["keep_looking", "look_again"]

_LISTS_EVERY: Final = 60.0
"""Seconds after which a client in which nothing is checked looks whether an update has replaced a list."""

_SEEN: Final = (State.SHOWN, State.COVERED)
_STOPPED: Final = (State.HELD, State.WITHHELD)
_SENT: Final = frozenset({State.QUEUED, State.WAITING, State.SENT})


async def keep_looking(device: Device, every: float = _LISTS_EVERY) -> AsyncIterator[MessageChanged | Trouble]:
    """Looks again each time the device has other lists, the first ones included, and lets go each day of what was held
    too long ago; never ends. `every`: seconds after which it looks for itself whether there is something to do."""
    forgotten_on = None
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(every):
                await device.lists_changed.wait()
        try:
            if device.today != forgotten_on:
                _forget_old(device)
                forgotten_on = device.today
            await device.newest_lists()
            if not device.lists_changed.is_set():
                continue
            device.lists_changed.clear()
            async for message in look_again(device):
                yield MessageChanged(message)
        except StoreError as fault:
            yield Trouble(str(fault))


async def look_again(device: Device) -> AsyncIterator[Message]:
    """Every message that became another one, as it is now. Ends early when the device gets other lists meanwhile, and
    does nothing under the policy `off` or while a list cannot be used: then nobody knows what is listed.

    What a crash left undone is done at the next start. Raises `StoreError`."""
    lists = device.lists
    if lists.problems:
        return
    for number in device.store.history.checked_otherwise(against(lists, device.policy)):
        if device.lists is not lists or device.policy.mode is Mode.OFF:
            return
        message = device.store.history.get(number)
        if message is None:
            continue
        after = await _looked_at(message, device)
        if after is not None:
            yield after


async def _looked_at(message: Message, device: Device) -> Message | None:
    """The message, if it became another one."""
    content: Draft | Opened
    if message.direction is Direction.OUT:
        content = Draft(message.text, message.files)
    else:
        content = Opened(message.identity, message.eid or b"", message.text, message.files, message.at)
    if content.digest != message.digest:
        return None  # its files were let go of: what is left says nothing of them
    policy = device.policy
    screened, check = await device.measured(screen, content, policy)
    decided, cost = decide(screened, policy), check.cost
    after = _after(message, decided)
    if after.state is State.SHOWN is not message.state and isinstance(content, Opened):
        after = msgspec.structs.replace(after, state=state_of(content, device))
    with device.store.transaction():
        # A person may have revealed, sent or removed it while it was looked at.
        current = device.store.history.get(message.id)
        if current is None or current.state is not message.state:
            return None
        device.store.history.note_checked(msgspec.structs.replace(after, cost=cost))
        course = Course.OUT if message.direction is Direction.OUT else Course.IN
        noted = isinstance(decided, Held) and after.state not in _STOPPED
        device.note_check(check, decided, course, again=True, outcome=Outcome.NOTED if noted else None)
    if cost is not None:
        await asyncio.sleep(cost.ms / 1000)
    return None if after == message else msgspec.structs.replace(after, cost=cost)


def _after(message: Message, decided: Cleared[Draft | Opened] | Held) -> Message:
    """The message with the state, the verdict and the note that follow."""
    found = decided.verdict
    change = msgspec.structs.replace
    if isinstance(found, Clear):
        why = words.WITHDRAWN if isinstance(message.verdict, Match) else words.CHECKED_NOW
        if message.state is State.WITHHELD:
            return change(message, state=State.SHOWN, verdict=found, note=_noted(message, why))
        if message.state is State.HELD:
            return change(message, state=State.RELEASED, verdict=found, note=f"{why} {words.SENDABLE}")
    elif isinstance(found, Match) and not _same(message, found):
        if message.state is State.RELEASED and isinstance(decided, Held):
            return change(message, state=State.HELD, verdict=found, note="")
        if message.state in _SEEN and isinstance(decided, Held):
            return change(message, state=State.WITHHELD, verdict=found, note=_noted(message, words.LISTED_SINCE))
        if message.state in _SENT or message.state in _SEEN:
            return change(message, verdict=found, note=_noted(message, words.LISTED_SINCE))
    return message


def _same(message: Message, found: Match) -> bool:
    """Whether this is the match that was there before: what a person revealed is not hidden from them again."""
    before = message.verdict
    if not isinstance(before, Match):
        return False
    return (before.list_name, before.entry.id) == (found.list_name, found.entry.id)


def _noted(message: Message, sentence: str) -> str:
    earlier = message.note
    for own in (words.WITHDRAWN, words.CHECKED_NOW, words.LISTED_SINCE):
        earlier = earlier.replace(own, "")
    return f"{earlier.strip()} {sentence}".strip()


def _forget_old(device: Device) -> None:
    with device.store.transaction():
        paths = device.store.history.forget_held_files(device.now - HELD_DAYS * DAY)
    for path in paths:
        path.unlink(missing_ok=True)
