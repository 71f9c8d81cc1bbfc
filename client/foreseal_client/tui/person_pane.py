"""One person's side: the conversation, what is attached, the composer, the status line."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.message import Message as Posted
from textual.widgets import Static

from foreseal_client import contacts, words
from foreseal_client.chat.links import listed_link, without
from foreseal_client.demo.stage import Person
from foreseal_client.draft import Draft
from foreseal_client.errors import ClientError
from foreseal_client.events import (
    Connection,
    ContactChanged,
    Event,
    KeyChanged,
    MessageChanged,
    Refused,
    Transferred,
    Trouble,
)
from foreseal_client.outbound import NotSent, Paused
from foreseal_client.safeguards import words as safe_words
from foreseal_client.store import Message, Standing, State
from foreseal_client.tui.bubble import Bubble
from foreseal_client.tui.cards import Choice, HeldCard, WhyCard
from foreseal_client.tui.composer import Composer
from foreseal_client.tui.trust import Decision, KeyCard, Mark, SafetyCard
from foreseal_matcher import Clear, Held
from foreseal_matcher.content import Item

__all__ = ["PersonPane"]


class PersonPane(Vertical):
    """A person's conversation. `attached` is the file that goes with the next message."""

    class Command(Posted):
        """A slash command that concerns more than this person."""

        def __init__(self, pane: PersonPane, name: str, argument: str) -> None:
            super().__init__()
            self.pane = pane
            self.name = name
            self.argument = argument

    def __init__(self, name: str) -> None:
        super().__init__(id=f"pane-{name.lower()}", classes="person")
        self.border_title = name
        self.person_name = name
        self.person: Person | None = None
        self.attached: Item | None = None

    def compose(self) -> ComposeResult:
        """From the top: conversation, what is attached, composer, status line."""
        yield VerticalScroll(classes="conversation")
        yield Static("", classes="transfer")
        yield Static("", classes="attached")
        name = self.person_name
        yield Composer(f"composer-{name.lower()}", f"{name} writes...  (/help lists the commands)")
        yield Static("connecting...", classes="status")

    def seat(self, person: Person) -> None:
        """The person this pane belongs to is on the stage."""
        self.person = person
        self.refresh_status()
        self._follow(person)

    # --- what is drawn ----------------------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """A line from the program, not from a person."""
        conversation = self.query_one(".conversation", VerticalScroll)
        conversation.mount(Static(Text(words.visible(text, lines=True)), classes="said"))
        conversation.scroll_end(animate=False)

    def refresh_status(self) -> None:
        """Policy, list and last check's cost: always on the screen."""
        if self.person is None:
            return
        device = self.person.device
        line = words.status(device.policy, device.lists.describe(device.date), device.lists, device.last_check_ms)
        peer = self.person.peer
        mark = "✓ verified" if contacts.verified(peer, device) else "not verified: /safety"
        self.border_title = words.visible(f"{self.person_name} - with {peer.name} ({mark})")
        self.query_one(".status", Static).update(Text(line))

    def hold_ready(self, item: Item | None) -> None:
        """Puts a file with the next message, or takes it away."""
        if item is None and self.attached is not None and self.person is not None:
            self.person.device.discard(Draft("", (self.attached,)))
        self._show_attached(item)

    def _show_attached(self, item: Item | None) -> None:
        self.attached = item
        line = self.query_one(".attached", Static)
        line.update(Text("" if item is None else f"attached: {words.visible(item.name)} (esc removes it)"))
        line.display = item is not None

    @work
    async def _follow(self, person: Person) -> None:
        if not person.here:
            return  # whoever quits at once has left before this begins
        with person.messenger.events() as queue:
            while True:
                await self._show(await queue.get())

    async def _show(self, event: Event) -> None:
        match event:
            case MessageChanged(message) if message.text or message.files or message.state is State.HELD:
                await self._draw(message)
            case MessageChanged(message) if message.state is State.NOTICE:
                if self.person is not None and message.identity == self.person.peer.identity:
                    await self._draw(message)
            case Transferred():
                self._show_transfer(event)
            case KeyChanged():
                self._warn(event)
            case ContactChanged(contact) if contact.standing is Standing.REQUESTED:
                self.say(safe_words.asks(contact.name))
            case Connection(online, reason):
                self.say("Connected to the relay." if online else f"{reason} Mail is kept on this device.")
            case Refused(reason) | Trouble(reason):
                self.say(reason)
            case _:
                pass

    def _show_transfer(self, event: Transferred) -> None:
        """A bar for as long as attachments are on their way; the message itself says when they are there."""
        line = self.query_one(".transfer", Static)
        line.update(Text(words.transferred(event.direction, event.done, event.total)))
        line.display = event.done < event.total

    @work
    async def _warn(self, event: KeyChanged) -> None:
        """A new key: a card, whatever else the person is doing; and again whenever somebody writes under it."""
        if self.person is None or any(isinstance(screen, KeyCard) for screen in self.app.screen_stack):
            return
        store = self.person.device.store
        was_verified = store.trust.verified_on(event.change.earlier) is not None
        decided = await self.app.push_screen_wait(KeyCard(event.change, event.contact.name, was_verified=was_verified))
        if decided is Decision.ACCEPT:
            await self.person.messenger.accept_key(event.change)
        elif decided is Decision.BLOCK:
            await self.person.messenger.block(event.contact)
        self.refresh_status()

    async def _draw(self, message: Message) -> None:
        conversation = self.query_one(".conversation", VerticalScroll)
        known = conversation.query(Bubble).filter(f"#message-{message.id}")
        if known:
            await known.first().move_on(message)
        else:
            await conversation.mount(Bubble(message, self._name_of(message)))
        conversation.scroll_end(animate=False)
        self.refresh_status()

    def _name_of(self, message: Message) -> str:
        """Who wrote it, as this device knows them; of a message to a group the group as well."""
        if self.person is None:
            return ""
        store = self.person.device.store
        contact = store.people.get(message.identity)
        name = "" if contact is None else contact.name
        group = None if message.group is None else store.groups.get(message.group)
        return name if group is None else f"{name} in {group.name}"

    # --- what this person does --------------------------------------------------------------------------------------

    @on(Composer.Submitted)
    def _submitted(self, event: Composer.Submitted) -> None:
        event.stop()
        name, _, argument = event.text.removeprefix("/").strip().partition(" ")
        is_command = event.text.startswith("/")
        if self.person is None and not (is_command and name in ("help", "quit")):
            event.composer.text = event.text
            self.say("Still setting up; press Enter again in a moment.")
        elif is_command:
            self._command(name, argument.strip())
        elif self.person is not None and (event.text.strip() or self.attached):
            attached = self.attached
            self._show_attached(None)
            self._send(self.person, event.text, attached)

    @work
    async def _send(self, person: Person, text: str, attached: Item | None) -> None:
        try:
            draft = Draft(text, () if attached is None else (attached,))
            outcome = await person.messenger.send(person.peer, draft)
            self.refresh_status()
            if isinstance(outcome, Paused):
                self._warn(KeyChanged(outcome.change, person.peer))
            if isinstance(outcome, NotSent):
                why = words.explained(outcome.message.verdict, outcome.message.cost)
                span = listed_link(outcome.held)
                match await self.app.push_screen_wait(HeldCard(outcome.held, draft, why)):
                    case Choice.ANYWAY:
                        await person.messenger.send_held(outcome.message, acknowledged=True)
                    case Choice.WITHOUT_LINK if span is not None:
                        # Not sealed as it is: what is left is a draft like any other, and is checked as one.
                        self._send(person, without(text, span), attached)
                    case _:
                        person.device.discard(draft)
                        # What was written is the person's own: they may want to send it without the rest.
                        self.query_one(Composer).give_back(text, span)
        except (ClientError, ValueError, OSError) as fault:
            self.say(str(fault))
            self.query_one(Composer).give_back(text)
            self._show_attached(attached)

    def _command(self, name: str, argument: str) -> None:
        own = {
            "why": self.explain,
            "reveal": self.reveal,
            "send": self.send_released,
            "block": self.block,
            "safety": self.compare,
        }
        if name in own:
            own[name]()
        else:
            self.post_message(self.Command(self, name, argument))

    @work
    async def attach(self, path: Path) -> None:
        """Attaches a file to the next message. It is read in a thread: a large one takes a second."""
        if self.person is None:
            return
        try:
            self.hold_ready(await asyncio.to_thread(self.person.device.attach, path))
        except (OSError, ValueError) as fault:
            self.say(f"{path} cannot be attached: {getattr(fault, 'strerror', None) or fault}")
        self.query_one(Composer).focus()

    def explain(self) -> None:
        """Why the last thing that could be on a list was stopped, or passed."""
        recent: list[Message] = []
        if self.person is not None:
            recent = self.person.device.store.history.with_contact(self.person.peer.identity, 50)
        # A text alone holds nothing that a list could hold; what people ask about is the last thing that does.
        checked = next((m for m in reversed(recent) if m.files or m.verdict != Clear()), None)
        nothing = [("Outcome", "nothing that a list could hold was checked yet")]
        self.app.push_screen(WhyCard(nothing if checked is None else words.explained(checked.verdict, checked.cost)))

    @work
    async def reveal(self) -> None:
        """Shows what arrived hidden, where the policy leaves that to the person."""
        concealed = (State.WITHHELD, State.COVERED)
        hidden = [bubble.message for bubble in self.query(Bubble) if bubble.message.state in concealed]
        if self.person is None or not hidden:
            self.say("Nothing here is hidden.")
        elif isinstance(await self.person.messenger.reveal(hidden[-1]), Held):
            self.say(
                f"The policy {self.person.device.policy.mode} keeps this hidden. Under warn a match can be revealed."
            )

    @work
    async def send_released(self) -> None:
        """Sends what was stopped once and is no longer listed."""
        released = [bubble.message for bubble in self.query(Bubble) if bubble.message.state is State.RELEASED]
        if self.person is None or not released:
            self.say("Nothing here was stopped and released since.")
            return
        try:
            outcome = await self.person.messenger.send_held(released[-1])
        except (ClientError, ValueError, OSError) as fault:
            self.say(str(fault))
            return
        if isinstance(outcome, NotSent):
            self.say("It was stopped again: /why says what it resembles now.")

    @work
    async def block(self) -> None:
        """Blocks the other person."""
        if self.person is not None:
            await self.person.messenger.block(self.person.peer)
            self.say(f"{self.person.peer.name} is blocked. What they send is dropped unread.")

    @work
    async def compare(self) -> None:
        """Shows the safety number, as digits and to be scanned, and asks what came of comparing it."""
        if self.person is None:
            return
        device, peer = self.person.device, self.person.peer
        digits, code = device.safety_number(peer), contacts.code_to_show(peer, device)
        answer = await self.app.push_screen_wait(
            SafetyCard(peer.name, digits, code, verified=contacts.verified(peer, device))
        )
        match answer:
            case Mark.SAME:
                contacts.mark_verified(peer, device)
            case Mark.NOT_SAME:
                contacts.unmark(peer, device)
            case str(scanned):
                self.say(words.compared(contacts.scan(scanned, peer, device), peer.name))
            case None:
                pass
        self.refresh_status()
