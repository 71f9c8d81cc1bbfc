"""Somebody at the screen of `foreseal chat`, and somebody else at the same relay, for tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, Static

from foreseal_client.chat.desk import ChatDesk
from foreseal_client.chat.opening import Opening
from foreseal_client.demo.relay_process import RelayProcess
from foreseal_client.demo.stage import HOLD_CLOSED, Person
from foreseal_client.demo.tap import Tap
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.events import ContactChanged
from foreseal_client.store import Message, State
from foreseal_client.store.key import file_key, read_key_record
from foreseal_client.tui.chat.app import ChatApp
from foreseal_client.tui.chat.card_screen import CardScreen
from foreseal_client.tui.chat.scrollback import Scrollback
from foreseal_client.tui.composer import Composer
from foreseal_matcher import ListSet, Mode, OnFailure, Policy

__all__ = ["OBSERVE", "ChatStage", "Typist", "chat_stage", "new_device", "opening_of"]

OBSERVE = Policy(Mode.OFF, OnFailure.OPEN)
"""The loosest floor: settings that ask for nothing."""


def new_device(folder: Path, name: str, relay: str, lists: ListSet) -> Device:
    folder.mkdir(parents=True, exist_ok=True)
    key = file_key(folder / "key")
    return Device(folder, key, lists=lists, policy=HOLD_CLOSED, clock=time.time, name=name, relay=relay)


def opening_of(device: Device) -> Opening:
    record = read_key_record(device.store.profile)
    assert record is not None
    return Opening(device.store.profile, b"", record, (), OBSERVE, {})


class ChatStage:
    """A relay, Alice's device, and Bob who is connected; they know each other."""

    def __init__(self, relay: RelayProcess, device: Device, bob: Person) -> None:
        self.relay = relay
        self.device = device
        self.bob = bob

    def app(self, **changes: object) -> ChatApp:
        return ChatApp(replace(opening_of(self.device), **changes), device=self.device)  # type: ignore[arg-type]


@asynccontextmanager
async def chat_stage(folder: Path, lists: ListSet) -> AsyncIterator[ChatStage]:
    async with AsyncExitStack() as stack:
        relay = RelayProcess(folder / "relay")
        await relay.start()
        stack.push_async_callback(relay.stop)
        people = []
        for name in ("Alice", "Bob"):
            tap = await stack.enter_async_context(Tap.listening(*relay.address))
            person = Person(name, new_device(folder / name, name, relay.url, lists), tap)
            stack.callback(person.device.close)
            stack.push_async_callback(person.leave)
            await person.come()
            people.append(person)
        alice, bob = people
        contact = await alice.messenger.accept_invitation(await bob.messenger.invite())
        await alice.messenger.send(contact, Draft())
        await alice.until(ContactChanged, lambda event: event.contact.invitation is None)
        await alice.leave()
        yield ChatStage(relay, alice.device, bob)


class Typist:
    """Somebody at the keyboard of a `ChatApp`."""

    def __init__(self, app: ChatApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @classmethod
    @asynccontextmanager
    async def at(cls, app: ChatApp, size: tuple[int, int] = (100, 32)) -> AsyncIterator[Typist]:
        async with app.run_test(size=size) as pilot:
            typist = cls(app, pilot)
            await typist.until(lambda: app.desk is not None and app.desk.online)
            yield typist
            app.quit()
            await typist.until(lambda: not app.is_running)

    @property
    def desk(self) -> ChatDesk:
        assert self.app.desk is not None
        return self.app.desk

    async def until(self, so: Callable[[], object]) -> None:
        for _ in range(1500):
            if so():
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"it never came to be; on the screen: {self.seen()}")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def write(self, text: str) -> None:
        composer = self.app.query_main(Composer)
        composer.focus()
        # As Enter does, without the time that a key takes in a test; the tests of keys press them.
        composer.post_message(Composer.Submitted(composer, text))

    async def card(self, title: str) -> CardScreen:
        await self.until(lambda: isinstance(self.app.screen, CardScreen) and self.app.screen.card.title == title)
        screen = self.app.screen
        assert isinstance(screen, CardScreen)
        await self.until(lambda: isinstance(screen.focused, Button | Input))
        return screen

    async def choose(self, name: str, text: str = "") -> None:
        """Answers the card that is open."""
        screen = self.app.screen
        assert isinstance(screen, CardScreen)
        if text:
            screen.query_one("#field", Input).value = text
        number = [choice.name for choice in screen.card.choices].index(name)
        screen.query_one(f"#choice-{number}", Button).press()
        await self.until(lambda: self.app.screen is not screen)

    @property
    def messages(self) -> list[Message]:
        return self.app.query_main(Scrollback).messages

    @property
    def states(self) -> list[State]:
        return [message.state for message in self.messages]

    def seen(self) -> str:
        """All text on all screens, as a person could read it by scrolling."""
        screens = self.app.screen_stack
        texts = [str(widget.content) for screen in screens for widget in screen.query(Static)]
        tables = [f"{row}" for screen in screens if isinstance(screen, CardScreen) for row in screen.card.rows]
        said = [one.said for one in self.app.query_main(Scrollback)._entries if one.message is None]  # in rows, wrapped
        return "\n".join([*texts, *tables, *said, *self.rows()])

    def rows(self) -> list[str]:
        return [strip.text for rows in self.app.query_main(Scrollback)._rows for strip in rows]
