"""`foreseal chat` on a terminal: people, the open conversation, where to write, and what the check is doing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, Static

from foreseal_client import words
from foreseal_client.chat import commands
from foreseal_client.chat.banner import banner
from foreseal_client.chat.card import Card, Reply, told
from foreseal_client.chat.conversations import PAGE, author, conversations, page, readable
from foreseal_client.chat.opening import Opening
from foreseal_client.ending import when_asked_to_end
from foreseal_client.errors import ClientError
from foreseal_client.events import Transferred
from foreseal_client.store import Message
from foreseal_client.tui.chat.card_screen import SHORT, CardScreen
from foreseal_client.tui.chat.entries import Entry
from foreseal_client.tui.chat.files import FilePicker
from foreseal_client.tui.chat.people_list import PeopleList
from foreseal_client.tui.chat.scrollback import Scrollback
from foreseal_client.tui.chat.themes import THEMES
from foreseal_client.tui.composer import Composer
from foreseal_client.tui.program import Program

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk
    from foreseal_client.device import Device
    from foreseal_client.messenger import Links

__all__ = ["ChatApp", "run_chat"]

_UNDER_CARDS: Final = frozenset({"quit"})
"""Commands whose keys work while a card is open: a card is answered first."""
_NARROW, _TINY = 100, 56
"""Columns under which less is shown."""

W = TypeVar("W", bound=Widget)


class ChatApp(Program):
    """The face of a `ChatDesk` on a screen. `links`: makes a link for a relay's URL."""

    CSS_PATH = "chat.tcss"
    TITLE = "Foreseal"
    CALLED = "The chat"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "safe", "Safe choice", show=False),
        *(
            # With priority: a text area has keys of its own. What has no key waits for one to be set.
            Binding(
                command.key or f"unset-{command.name}", f"run('{command.name}')", command.title or command.help,
                show=bool(command.title), priority=True, id=command.name,
            )
            for command in commands.COMMANDS.values()
        ),
    ]  # fmt: skip

    def __init__(self, opening: Opening, *, links: Links | None = None, device: Device | None = None) -> None:
        super().__init__()
        self.desk: ChatDesk | None = None
        self._opening = opening
        self._links = links
        self._device = device
        self._over = asyncio.Event()
        self._exhausted = False
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = THEMES[opening.theme].name
        self.set_keymap({name: key for name, key in opening.keys.items() if name in commands.COMMANDS})

    def compose(self) -> ComposeResult:
        """From the top: whom it is with, people and conversation, where to write, the check, the keys."""
        yield Static("", id="title")
        with Horizontal(id="main"):
            yield PeopleList()
            with Vertical(id="desk"):
                yield Scrollback()
                yield Static("", id="transfer")
                yield Static("", id="attached")
                yield Static(Text("checking on this device... Esc cancels"), id="busy")
                yield Composer("composer", "Write here. /help lists the commands.")
        yield Static("", id="status")
        yield Static("", id="banner")
        yield Static(Text(words.CHAT), id="sentence", classes="usual")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Connects behind the first picture."""
        when_asked_to_end(self._over.set)
        self.query_one(Composer).focus()
        self.call_after_refresh(self._live)  # not before: what it loads would compete with the drawing

    def on_resize(self, event: events.Resize) -> None:
        """Shows less where there is less room."""
        for screen in self.screen_stack:  # also those beneath a card, which nobody resizes when it goes
            screen.set_class(event.size.height < SHORT, "short")
        people = self.screen_stack[0].query_one(PeopleList)
        people.set_class(event.size.width < _NARROW, "narrow")
        people.set_class(event.size.width < _TINY, "hidden")

    @work
    async def _live(self) -> None:
        """Keeps the desk for as long as the program runs: it is closed by the task that opened it."""
        try:
            # The network's libraries take a third of a start: they are loaded behind the first screen.
            running = await asyncio.to_thread(_running)
            async with running(self._opening, lambda: self, links=self._links, device=self._device) as desk:
                self.desk = desk
                self.people_changed()
                self.status_changed()
                found = conversations(desk.device)
                if found:
                    desk.open(found[0])
                else:
                    self.say("Welcome. /invite makes an invitation to hand over; /accept takes one that you got.")
                if desk.waiting:
                    desk.say_who_waits()
                await self._over.wait()
            self.exit()
        except (ClientError, OSError) as fault:
            self.exit(return_code=1, message=str(fault))

    # --- what a person does -------------------------------------------------------------------------------------

    @on(Composer.Submitted)
    def _submitted(self, event: Composer.Submitted) -> None:
        if self.desk is None:
            event.composer.text = event.text
        else:
            self.run_worker(self.desk.line(event.text))

    def action_run(self, name: str) -> None:
        """A command by its key, or from the palette. A card is answered first."""
        if self.desk is not None and (len(self.screen_stack) == 1 or name in _UNDER_CARDS):
            self.run_worker(self.desk.line(f"/{name}"))
        elif name == "quit":
            self.quit()

    def action_safe(self) -> None:
        """Cancels what is being checked, else takes away what is attached or marked."""
        if self.desk is not None and not self.desk.cancel() and not self.query_one(Scrollback).unmark():
            self.query_one(Composer).focus()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette holds every command."""
        for command in commands.COMMANDS.values():
            yield SystemCommand(f"/{command.name}", command.help, lambda name=command.name: self.action_run(name))

    @on(PeopleList.Chosen)
    def _chosen(self, event: PeopleList.Chosen) -> None:
        if self.desk is not None:
            self.desk.open(event.conversation)
            self.query_one(Composer).focus()

    @on(PeopleList.Requests)
    def _requests(self) -> None:
        self.action_run("requests")

    @on(Composer.Typed)
    def _typed(self) -> None:
        if self.desk is not None:
            self.desk.typed()

    @on(Scrollback.Older)
    def _top(self) -> None:
        self.older()

    @on(Scrollback.Opened)
    def _whole(self, event: Scrollback.Opened) -> None:
        if self.desk is not None and self.desk.may_be_read(event.message):
            text = words.visible(readable(event.message, self.desk.device), lines=True)
            self.push_screen(CardScreen(told(words.visible(author(event.message, self.desk.device)), text)))
        elif self.desk is not None:
            self.action_run("reveal")

    def query_main(self, kind: type[W], selector: str = "") -> W:
        """A widget of the chat itself, also while a card lies above it."""
        below = self.screen_stack[0]
        return below.query_one(selector, kind) if selector else below.query_one(kind)

    # --- the face -----------------------------------------------------------------------------------------------

    @property
    def opens_cards(self) -> bool:
        """A card lies above what is being written."""
        return True

    def say(self, text: str) -> None:
        """A line between the messages."""
        self.query_main(Scrollback).put(Entry(None, said=text))

    def opened(self) -> None:
        """The newest messages of the open conversation."""
        desk = self.desk
        if desk is not None:
            found = [] if desk.current is None else page(desk.current, desk.device)
            self._exhausted = len(found) < PAGE
            self.query_main(Scrollback).fill([self._entry(message) for message in found])
            desk.seen(found)
            self.status_changed()

    def message(self, message: Message) -> None:
        """Draws it, or draws it anew."""
        self.query_main(Scrollback).put(self._entry(message))

    def _entry(self, message: Message) -> Entry:
        device = None if self.desk is None else self.desk.device
        return Entry(message) if device is None else Entry(message, author(message, device), readable(message, device))

    def gone(self, message: int) -> None:
        """Takes it off the screen."""
        self.query_main(Scrollback).drop(message)

    def people_changed(self) -> None:
        """Names and counts."""
        if self.desk is not None:
            current = None if self.desk.current is None else self.desk.current.id
            self.query_main(PeopleList).show(conversations(self.desk.device), current, self.desk.waiting)

    def status_changed(self) -> None:
        """Whom it is with, what is attached, and what the check is doing."""
        desk = self.desk
        if desk is None:
            return
        device, current = desk.device, desk.current
        title = words.visible(f"{device.account.name} with {current.name}" if current else device.account.name)
        about = "" if current is None else "group" if current.state == "group" else current.state
        if current is not None and not about:
            about = "✓ safety number compared" if desk.verified else "safety number not compared: /safety"
        online = "connected" if desk.online else "NOT CONNECTED: mail is kept here"
        typing = f"{words.visible(current.name)} is typing" if current is not None and desk.is_typed_to else ""
        # What a narrow terminal cuts off stands last; of a lost connection nobody may be left in the dark.
        rest = [typing, about, online] if desk.online else [online, typing, about]
        parts = " · ".join(part for part in (f"Foreseal · {title}", *rest) if part)
        line = self.query_main(Static, "#title")
        line.update(Text(parts, no_wrap=True, overflow="ellipsis"))
        line.set_class(not desk.online, "offline")
        facts = device.lists.describe(device.date)
        status = words.status(device.policy, facts, device.lists, device.last_check_ms)
        self.query_main(Static, "#status").update(Text(status))
        young, fault = banner(device), words.cannot_check(device.lists, device.policy)
        self.query_main(Static, "#banner").update(Text(young))
        self.query_main(Static, "#banner").display = bool(young)
        sentence = self.query_main(Static, "#sentence")
        sentence.update(Text(fault or words.CHAT))
        sentence.set_class(not fault, "usual")
        attached = self.query_main(Static, "#attached")
        names = ", ".join(words.visible(item.name) for item in desk.attached)
        attached.update(Text(f"attached: {names} (Esc removes)", no_wrap=True, overflow="ellipsis"))
        attached.display = bool(desk.attached)
        self.query_main(Static, "#busy").display = desk.busy

    def transferred(self, event: Transferred) -> None:
        """A bar for as long as attachments are on their way."""
        line = self.query_main(Static, "#transfer")
        line.update(Text(words.transferred(event.direction, event.done, event.total)))
        line.display = event.done < event.total

    async def ask(self, card: Card) -> Reply:
        """Shows the card on top of whatever is there."""
        answered: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

        def answer(reply: Reply | None) -> None:
            if not answered.done():
                answered.set_result(reply or card.safe)

        await self.push_screen(CardScreen(card), answer)
        return await answered

    async def choose_file(self) -> Path | None:
        """The files of this folder, and any other."""
        chosen: asyncio.Future[Path | None] = asyncio.get_running_loop().create_future()
        await self.push_screen(FilePicker(Path.cwd()), chosen.set_result)
        self.screen.set_class(self.size.height < SHORT, "short")
        return await chosen

    def selected(self) -> Message | None:
        """The message that is marked."""
        return self.query_main(Scrollback).marked

    def give_back(self, text: str, span: tuple[int, int] | None = None) -> None:
        """Back to where it was written."""
        self.query_main(Composer).give_back(text, span)

    def older(self) -> None:
        """A page more at the top."""
        desk, scrollback = self.desk, self.query_main(Scrollback)
        if desk is None or desk.current is None or self._exhausted or not scrollback.messages:
            return
        found = page(desk.current, desk.device, scrollback.messages[0].id)
        self._exhausted = len(found) < PAGE
        scrollback.put_before([self._entry(message) for message in found])
        desk.seen(found)

    def show(self, message: Message) -> None:
        """Loads as far back as the message lies, and marks it."""
        scrollback = self.query_main(Scrollback)
        while not scrollback.mark(message.id) and not self._exhausted:
            self.older()
        scrollback.focus()

    async def help(self) -> None:
        """Every command and its key as it is set."""
        await self.ask(told("Keys and commands", commands.HELP, commands.help_rows(self._opening.keys)))

    def toggle_theme(self) -> None:
        """Dark or light."""
        dark = self.theme == THEMES["dark"].name
        self.theme = THEMES["light" if dark else "dark"].name
        self.call_after_refresh(self.query_main(Scrollback).recolour)

    def quit(self) -> None:
        """Closes the desk, then ends."""
        self._over.set()

    async def action_quit(self) -> None:
        """The same."""
        self.quit()


def _running() -> Callable[..., AbstractAsyncContextManager[ChatDesk]]:
    from foreseal_client.chat.running import running

    return running


def run_chat(opening: Opening) -> None:
    """Runs the chat on this terminal. Raises what opening a profile raises; exits 1 when it stopped otherwise."""
    # Opened before the screen is there: what is wrong is then said in the terminal, in words.
    app = ChatApp(opening, device=opening.device())
    app.run()
    if app.return_code:
        raise SystemExit(app.return_code)
