"""The demo on a terminal: two people side by side, the relay below, and a presenter with any file of theirs."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Footer, Static

from foreseal_client import words
from foreseal_client.demo.props import Props
from foreseal_client.demo.stage import Person, Stage
from foreseal_client.draft import Draft
from foreseal_client.errors import ClientError
from foreseal_client.events import Connection, Event, MessageChanged, Refused, Trouble
from foreseal_client.outbound import NotSent
from foreseal_client.store import State
from foreseal_client.tui.attach import AttachCard
from foreseal_client.tui.cards import HeldCard, PolicyCard, TextCard, WhyCard
from foreseal_client.tui.composer import Composer
from foreseal_client.tui.person_pane import Bubble, PersonPane
from foreseal_client.tui.relay_view import RelayView
from foreseal_matcher import Clear, MatcherError

__all__ = ["DemoApp", "run_demo"]

_HELP = """\
Enter sends, ctrl+j starts a new line, Tab moves between Alice, Bob and the relay.

F1  or /help     this page
ctrl+o /attach   attach a demo picture or any file of yours (/attach PATH)
F6  or /list     put a file on the temporary list of both devices (/list PATH)
F3  or /why      why the last thing was stopped or passed
F2  or /reveal   reveal or hide what arrived hidden (policy warn only)
F4  or /relay    what the relay sees, larger or smaller
F5  or /policy   choose the policy of both devices
       /block    block the other person
       /safety   the safety number to compare with the other person
ctrl+p           every action by name     ctrl+q  quit

To see a picture stopped: press ctrl+o, choose "edited copy of a listed picture", Enter, Enter.
With a picture of yours: F6 and its path, then ctrl+o and its path (an edited copy will do), Enter.
Nothing you list or send leaves this machine; everything is removed when you quit."""


_SAFETY = "Compare it with the other person, not over this chat. The same on both sides: nobody stands between you."


class DemoApp(App[None]):
    """One program with two devices in it, which meet only through the relay."""

    CSS_PATH = "foreseal.tcss"
    TITLE = "Foreseal"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help"),
        Binding("ctrl+o", "attach", "Attach", priority=True),
        Binding("f2", "reveal", "Reveal"),
        Binding("f3", "why", "Why"),
        Binding("f4", "relay", "Relay"),
        Binding("f5", "policy", "Policy"),
        Binding("f6", "list_file", "List a file", priority=True),
        Binding("escape", "safe", "Safe choice", show=False),
        Binding("ctrl+q", "quit", "Quit", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.stage: Stage | None = None
        self._props: Props | None = None
        self._over = asyncio.Event()

    def compose(self) -> ComposeResult:
        """The true sentence for this mode, the two people, the relay, the keys."""
        yield Static(Text(words.DEMO), id="banner")
        with Horizontal(id="people"):
            yield PersonPane("Alice")
            yield PersonPane("Bob")
        yield RelayView()
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Sets the stage behind the first picture."""
        self.pane("Alice").query_one(Composer).focus()
        self._play()

    @work
    async def _play(self) -> None:
        """Keeps the stage for as long as the program runs: it is taken down by the task that set it up."""
        with tempfile.TemporaryDirectory(prefix="foreseal-demo-") as name:
            folder = Path(name)
            try:
                async with Stage.set_up(folder) as stage:
                    self._props = await asyncio.to_thread(Props.make, folder)
                    self._props.put_on(stage)
                    self.stage = stage
                    self.query_one(RelayView).watch_stage(stage)
                    for person in (stage.alice, stage.bob):
                        self.pane(person.name).seat(person)
                        self._follow(person)
                    await self._over.wait()
            except (ClientError, OSError, RuntimeError) as fault:
                self.exit(return_code=1, message=f"The demo could not start: {fault}")

    @work
    async def _follow(self, person: Person) -> None:
        pane = self.pane(person.name)
        with person.messenger.events() as queue:
            while True:
                await self._show(pane, await queue.get())

    async def _show(self, pane: PersonPane, event: Event) -> None:
        match event:
            case MessageChanged(message) if message.text or message.files or message.state is State.HELD:
                await pane.show(message)
            case Connection(online):
                pane.say("Connected to the relay." if online else "The relay cannot be reached; trying again.")
            case Refused(reason) | Trouble(reason):
                pane.say(reason)
            case _:
                pass

    # --- sending --------------------------------------------------------------------------------------------------

    @on(Composer.Submitted)
    def _submitted(self, event: Composer.Submitted) -> None:
        pane = next(pane for pane in self.query(PersonPane) if event.composer in pane.query(Composer))
        if event.text.startswith("/"):
            self._command(pane, event.text)
        elif pane.person is None:
            event.composer.text = event.text
            pane.say("Still setting up; press Enter again in a moment.")
        elif event.text.strip() or pane.attached:
            items = () if pane.attached is None else (pane.attached,)
            pane.attach(None)
            self._send(pane, pane.person, event.text, Draft(event.text, items))

    @work
    async def _send(self, pane: PersonPane, person: Person, text: str, draft: Draft) -> None:
        try:
            outcome = await person.messenger.send(person.peer, draft)
            pane.refresh_status()
            if isinstance(outcome, NotSent):
                card = HeldCard(outcome.held, draft.attachments, self._reasons(pane))
                if await self.push_screen_wait(card):
                    await person.messenger.send(person.peer, draft, acknowledged=True)
        except (ClientError, ValueError) as fault:
            pane.say(str(fault))
            pane.query_one(Composer).text = text

    def _command(self, pane: PersonPane, text: str) -> None:
        name, _, argument = text[1:].strip().partition(" ")
        path = Path(argument.strip()).expanduser() if argument.strip() else None
        actions = {
            "help": self.action_help, "why": self.action_why, "reveal": self.action_reveal,
            "relay": self.action_relay, "policy": self.action_policy, "quit": self.action_quit_soon,
        }  # fmt: skip
        if name == "attach":
            self._attach_file(pane, path)
        elif name == "list":
            self._list(path)
        elif name == "block" and pane.person is not None:
            self._block(pane, pane.person)
        elif name == "safety" and pane.person is not None:
            digits = pane.person.device.safety_number(pane.person.peer)
            self.push_screen(TextCard("Safety number", Text(f"{_SAFETY}\n\n{digits}")))
        elif name in actions:
            actions[name]()
        else:
            pane.say(f"There is no command /{words.visible(name)}. /help lists those there are.")

    # --- actions --------------------------------------------------------------------------------------------------

    def action_help(self) -> None:
        """Shows the keys."""
        self.push_screen(TextCard("Keys and commands", Text(_HELP)))

    def action_attach(self) -> None:
        """Attaches a file to the next message."""
        self._attach_file(self.current_pane, None)

    def action_list_file(self) -> None:
        """Puts a file on the temporary list."""
        self._list(None)

    def action_why(self) -> None:
        """Explains the last verdict."""
        self.push_screen(WhyCard(self._reasons(self.current_pane)))

    def action_relay(self) -> None:
        """Makes the relay's view larger or smaller."""
        self.query_one(RelayView).toggle_class("large")

    def action_reveal(self) -> None:
        """Shows or hides what arrived hidden, where the policy allows it."""
        pane = self.current_pane
        hidden = [bubble for bubble in pane.query(Bubble) if bubble.message.state == "withheld"]
        if not hidden:
            pane.say("Nothing here is hidden.")
        elif pane.person is not None and pane.person.device.policy.mode == "hold":
            pane.say("The policy hold keeps this hidden. Under warn it could be revealed.")
        else:
            hidden[-1].revealed = not hidden[-1].revealed
            hidden[-1].refresh(recompose=True)

    @work
    async def action_policy(self) -> None:
        """Chooses the policy of both devices."""
        if self.stage is None:
            return
        chosen = await self.push_screen_wait(PolicyCard(self.stage.alice.device.policy))
        if chosen is None:
            return
        for person in (self.stage.alice, self.stage.bob):
            person.device.policy = chosen
            self.pane(person.name).refresh_status()
            self.pane(person.name).say(f"Policy {chosen.mode}, {chosen.on_failure}. {words.consequence(chosen)}")

    def action_safe(self) -> None:
        """Takes the attached file away again."""
        self.current_pane.attach(None)

    async def action_quit(self) -> None:
        """Takes the stage down, then ends."""
        self.action_quit_soon()

    def action_quit_soon(self) -> None:
        """Takes the stage down, then ends."""
        self._over.set()
        self._leave()

    @work
    async def _leave(self) -> None:
        await self.workers.wait_for_complete([w for w in self.workers if w.name == "_play"])
        self.exit()

    @work
    async def _attach_file(self, pane: PersonPane, path: Path | None) -> None:
        if self._props is None or pane.person is None:
            return
        chosen = path or await self.push_screen_wait(AttachCard("Attach", self._props.offered))
        if chosen is None:
            return
        self._say_whose(chosen, self._props)
        try:
            pane.attach(pane.person.device.attach(chosen))
        except OSError as fault:
            pane.say(f"{words.visible(str(chosen))} cannot be read: {fault.strerror}.")
        pane.query_one(Composer).focus()

    @work
    async def _list(self, path: Path | None) -> None:
        if self._props is None or self.stage is None:
            return
        chosen = path or await self.push_screen_wait(AttachCard("Put on the temporary list", self._props.offered))
        if chosen is None:
            return
        pane = self.current_pane
        try:
            self._props = await asyncio.to_thread(self._props.and_listed, chosen)
            self._props.put_on(self.stage)
        except (OSError, MatcherError) as fault:
            pane.say(f"{words.visible(chosen.name)} was not listed: {fault}")
            return
        for each in self.query(PersonPane):
            each.refresh_status()
        self._say_whose(chosen, self._props)
        pane.say(f"{words.visible(chosen.name)} is on the temporary list of both devices now.")

    @work
    async def _block(self, pane: PersonPane, person: Person) -> None:
        await person.messenger.block(person.peer)
        pane.say(f"{person.peer.name} is blocked. What they send is dropped unread.")

    def _say_whose(self, path: Path, props: Props) -> None:
        """From the first file of the presenter's on, the pictures are not all synthetic any more."""
        if path not in [offered for _, offered in props.offered]:
            self.query_one("#banner", Static).update(Text(words.OWN_PICTURES))

    # --- small things ---------------------------------------------------------------------------------------------

    def pane(self, name: str) -> PersonPane:
        """A person's pane."""
        return self.query_one(f"#pane-{name.lower()}", PersonPane)

    @property
    def current_pane(self) -> PersonPane:
        """The pane in which somebody is writing; Alice's where nobody is."""
        focused = self.screen_stack[0].focused
        return next((p for p in self.query(PersonPane) if focused in p.walk_children()), self.pane("Alice"))

    def _reasons(self, pane: PersonPane) -> list[tuple[str, str]]:
        person = pane.person
        if person is None:
            return [("Outcome", "nothing was checked yet")]
        device = person.device
        recent = reversed(device.store.history.with_contact(person.peer.identity, 50))
        # A text alone holds nothing that a list could hold; what people ask about is the last thing that does.
        checked = next((message for message in recent if message.files or message.verdict != Clear()), None)
        if checked is None:
            return [("Outcome", "nothing was checked yet")]
        return words.explained(checked.verdict, device.lists.describe(device.date), device.last_check_ms)


def run_demo() -> None:
    """Runs the demo on this terminal. Exits 1 when it could not start."""
    app = DemoApp()
    app.run()
    if app.return_code:
        raise SystemExit(app.return_code)
