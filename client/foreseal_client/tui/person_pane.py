"""One person's side: the conversation, the status line, the composer."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from foreseal_client import words
from foreseal_client.demo.stage import Person
from foreseal_client.store import Direction, Message, State
from foreseal_client.tui.composer import Composer
from foreseal_client.tui.halfblocks import picture
from foreseal_matcher import Verdict
from foreseal_matcher.content import Item

__all__ = ["Bubble", "PersonPane"]

_MARKS = {
    State.QUEUED: "queued: kept on this device until the relay has it",
    State.WAITING: "waiting: the relay wants a token that has not come yet",
    State.SENT: "sent",
    State.HELD: "NOT SENT",
    State.SHOWN: "received",
    State.WITHHELD: "HIDDEN",
}
THUMBNAIL = (30, 9)


class Bubble(Vertical):
    """One message."""

    def __init__(self, message: Message, peer: str) -> None:
        super().__init__(id=f"message-{message.id}", classes=f"{message.direction} {message.state}")
        self.message = message
        self._peer = peer
        self.revealed = False

    def compose(self) -> ComposeResult:
        """Who, what became of it, the text and the pictures."""
        yield Static(self._head(), classes="head")
        hidden = self.message.state is State.WITHHELD and not self.revealed
        if hidden:
            yield Static(Text(words.HIDDEN), classes="hidden-words")
        elif self.message.text:
            yield Static(Text(words.visible(self.message.text, lines=True)))
        for file in self.message.files:
            yield Static(picture(file, *THUMBNAIL, blurred=hidden), classes="picture")
            yield Static(Text(f"{words.visible(file.name)} ({file.size:,} bytes)"), classes="file")
        if self.message.note:
            yield Static(Text(words.visible(self.message.note)), classes="note")

    async def move_on(self, message: Message) -> None:
        """The message has another state now."""
        self.set_classes(f"{message.direction} {message.state}")
        self.message = message
        await self.recompose()

    def _head(self) -> Text:
        message = self.message
        who = "You" if message.direction is Direction.OUT else self._peer
        head = Text(f"{words.visible(who)} · {_MARKS[message.state]}", style="bold")
        if message.state in (State.HELD, State.WITHHELD) or message.files:
            head.append(f" · {words.outcome(message.verdict)}")
        return head


class PersonPane(Vertical):
    """A person's conversation. `attached` is the file that goes with the next message."""

    def __init__(self, name: str) -> None:
        super().__init__(id=f"pane-{name.lower()}", classes="person")
        self.border_title = name
        self.person_name = name
        self.person: Person | None = None
        self.attached: Item | None = None
        self.last_verdict: Verdict | None = None

    def compose(self) -> ComposeResult:
        """From the top: conversation, what is attached, composer, status line."""
        yield VerticalScroll(classes="conversation")
        yield Static("", classes="attached")
        yield Composer(self.person_name)
        yield Static("connecting...", classes="status")

    def seat(self, person: Person) -> None:
        """The person this pane belongs to is on the stage."""
        self.person = person
        self.refresh_status()

    def attach(self, item: Item | None) -> None:
        """Puts a file with the next message, or takes it away."""
        self.attached = item
        line = self.query_one(".attached", Static)
        line.update(Text("" if item is None else f"attached: {words.visible(item.name)} (esc removes it)"))
        line.display = item is not None

    async def show(self, message: Message) -> None:
        """Draws a message that is new or has moved on."""
        self.last_verdict = message.verdict
        conversation = self.query_one(".conversation", VerticalScroll)
        peer = "" if self.person is None else self.person.peer.name
        known = conversation.query(Bubble).filter(f"#message-{message.id}")
        if known:
            await known.first().move_on(message)
        else:
            await conversation.mount(Bubble(message, peer))
        conversation.scroll_end(animate=False)
        self.refresh_status()

    def say(self, text: str) -> None:
        """A line from the program, not from a person."""
        conversation = self.query_one(".conversation", VerticalScroll)
        conversation.mount(Static(Text(text), classes="said"))
        conversation.scroll_end(animate=False)

    def refresh_status(self) -> None:
        """Policy, list and last check's cost: always on the screen."""
        if self.person is None:
            return
        device = self.person.device
        facts = device.lists.describe(device.date)
        line = words.status(device.policy, facts, device.lists, device.last_check_ms)
        self.query_one(".status", Static).update(Text(line))
