"""A chat that nobody else takes part in, at a clock that stands still: for tests of what is drawn."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

from chat_stage import Typist, opening_of
from foreseal_client.demo.stage import HOLD_CLOSED
from foreseal_client.device import Device
from foreseal_client.store import Contact, Direction, Message, Standing, State
from foreseal_client.store.key import file_key
from foreseal_client.tui.chat.app import ChatApp
from foreseal_matcher import Clear, Match
from sample_lists import nothing_listed

__all__ = ["NOW", "acquaint", "quiet_chat", "quiet_device", "wrote"]

NOW = 1_763_900_000
"""2025-11-23, 12:13:20 in UTC."""
NOWHERE = "http://127.0.0.1:9"


def quiet_device(folder: Path, name: str = "Alice") -> Device:
    """A profile whose relay cannot be reached."""
    folder.mkdir(parents=True, exist_ok=True)
    key = file_key(folder / "key")
    return Device(
        folder, key, lists=nothing_listed(), policy=HOLD_CLOSED, clock=lambda: float(NOW), name=name, relay=NOWHERE
    )


def acquaint(device: Device, name: str, seed: int = 1) -> Contact:
    """Somebody whom this person can write to."""
    own = bytes([seed]) * 32
    contact = Contact(own, name, NOWHERE, own[:16], own, None, None, Standing.ACCEPTED, introduced=True)
    with device.store.transaction():
        device.store.people.put(contact)
    return contact


def wrote(
    device: Device, contact: Contact, text: str, state: State = State.SHOWN, found: Clear | Match | None = None
) -> Message:
    """A line of the conversation, as it was left."""
    way = Direction.OUT if state in (State.SENT, State.HELD, State.QUEUED) else Direction.IN
    with device.store.transaction():
        return device.store.history.add(
            contact.identity, way, state, at=NOW, text=text, verdict=found or Clear(), digest=bytes(32)
        )


@asynccontextmanager
async def quiet_chat(device: Device, size: tuple[int, int], theme: str = "dark") -> AsyncIterator[Typist]:
    """Somebody at the keyboard. Clocks on the screen are those of UTC."""
    app = ChatApp(replace(opening_of(device), theme=theme), device=device)
    with _in_utc():
        async with app.run_test(size=size) as pilot:
            typist = Typist(app, pilot)
            # Said once, at a moment that nobody knows: what is drawn afterwards is the same each time.
            await typist.until(lambda: app.desk is not None and "cannot be reached" in typist.seen())
            yield typist
            app.quit()
            await typist.until(lambda: not app.is_running)


@contextmanager
def _in_utc() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()
