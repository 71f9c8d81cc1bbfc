"""The demo on a terminal: two people side by side, the relay below, and a presenter with any file of theirs."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import ClassVar, Final

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Footer, Static

from foreseal_client import words
from foreseal_client.demo.props import Props
from foreseal_client.demo.stage import Stage
from foreseal_client.ending import when_asked_to_end
from foreseal_client.errors import ClientError
from foreseal_client.tui.attach import AttachCard
from foreseal_client.tui.cards import PolicyCard, TextCard
from foreseal_client.tui.chat.themes import THEMES
from foreseal_client.tui.composer import Composer
from foreseal_client.tui.person_pane import PersonPane
from foreseal_client.tui.program import Program
from foreseal_client.tui.relay_view import RelayView
from foreseal_matcher import MatcherError

__all__ = ["DemoApp", "run_demo", "run_to_its_end"]

_HELP: Final = """\
Enter sends, ctrl+j starts a new line, Tab moves between Alice, Bob and the relay.

F1  or /help     this page
ctrl+o /attach   attach a demo picture or any file of yours (/attach PATH)
F6  or /list     put a file on the temporary list of both devices (/list PATH)
F3  or /why      why the last thing was stopped or passed
       /withdraw take back what was listed last: it is released where it was stopped or hidden
       /send     send what was stopped and is no longer listed
F2  or /reveal   reveal what arrived hidden (a match, under policy warn)
F4  or /relay    what the relay sees, larger or smaller
F5  or /policy   choose the policy of both devices
       /block    block the other person
       /safety   the safety number to compare with the other person, as digits and to be scanned
ctrl+p           every action by name     ctrl+q or /quit  quit

To see a picture stopped: press ctrl+o, choose "an edited copy of a listed picture", Enter, Enter.
With a picture of yours: F6 and its path, then ctrl+o and its path (an edited copy will do), Enter.
Nothing you list or send leaves this machine; the copies made here are removed when you quit."""


class DemoApp(Program):
    """One program with two devices in it, which meet only through the relay."""

    CSS_PATH = "foreseal.tcss"
    TITLE = "Foreseal"
    CALLED = "The demo"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (27, "-tall")]  # noqa: RUF012 - Textual declares it, and not as of the class
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help"),
        Binding("ctrl+o", "attach", "Attach", priority=True),
        Binding("f2", "reveal", "Reveal"),
        Binding("f3", "why", "Why"),
        Binding("f4", "relay", "Relay"),
        Binding("f5", "policy", "Policy"),
        # With priority: a text area has an F6 of its own.
        Binding("f6", "list_file", "List a file", priority=True),
        Binding("escape", "safe", "Safe choice", show=False),
        Binding("ctrl+q", "quit", "Quit", priority=True),
    ]

    def __init__(self, theme: str = "dark") -> None:
        super().__init__()
        for known in THEMES.values():
            self.register_theme(known)
        self.theme = THEMES[theme].name
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
        """Sets the stage behind the first picture; a terminal that is closed takes it down like ctrl+q."""
        when_asked_to_end(self._over.set)
        self.pane("Alice").query_one(Composer).focus()
        self._play()

    @work
    async def _play(self) -> None:
        """Keeps the stage for as long as the program runs: it is taken down by the task that set it up."""
        with tempfile.TemporaryDirectory(prefix="foreseal-demo-") as name:
            folder = Path(name)
            try:
                async with Stage.set_up(folder) as stage:
                    await self._prepare(stage, folder)
                    self.stage = stage
                    self.query_one(RelayView).watch_stage(stage)
                    for person in (stage.alice, stage.bob):
                        self.pane(person.name).seat(person)
                    await self._perform()
                self.exit()
            except TimeoutError:
                self.exit(return_code=1, message="The demo stopped: the relay did not answer in a minute.")
            except (ClientError, OSError, RuntimeError) as fault:
                self.exit(return_code=1, message=f"The demo stopped: {fault}")

    async def _prepare(self, stage: Stage, folder: Path) -> None:
        self._props = await asyncio.to_thread(Props.make, folder)
        self._props.put_on(stage)

    async def _perform(self) -> None:
        await self._over.wait()

    # --- actions --------------------------------------------------------------------------------------------------

    @on(PersonPane.Command)
    def _command(self, event: PersonPane.Command) -> None:
        path = Path(event.argument).expanduser() if event.argument else None
        match event.name:
            case "attach":
                self._attach_file(event.pane, path)
            case "list":
                self._list(event.pane, path)
            case "withdraw":
                self._withdraw(event.pane)
            case "help":
                self.action_help()
            case "relay":
                self.action_relay()
            case "policy":
                self.action_policy()
            case "quit":
                self._over.set()
            case _:
                event.pane.say(f"There is no command /{event.name}. /help lists those there are.")

    def action_help(self) -> None:
        """Shows the keys."""
        self.push_screen(TextCard("Keys and commands", Text(_HELP)))

    def action_attach(self) -> None:
        """Attaches a file to the next message."""
        self._attach_file(self.current_pane, None)

    def action_list_file(self) -> None:
        """Puts a file on the temporary list."""
        self._list(self.current_pane, None)

    def action_why(self) -> None:
        """Explains the last verdict."""
        self.current_pane.explain()

    def action_relay(self) -> None:
        """Makes the relay's view larger or smaller."""
        self.query_one(RelayView).toggle_class("large")

    def action_reveal(self) -> None:
        """Shows what arrived hidden, where the policy allows it."""
        self.current_pane.reveal()

    def action_safe(self) -> None:
        """Takes the attached file away again."""
        self.current_pane.hold_ready(None)

    async def action_quit(self) -> None:
        """Takes the stage down, then ends."""
        self._over.set()

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

    @work
    async def _attach_file(self, pane: PersonPane, path: Path | None) -> None:
        props = self._props
        if props is None or len(self.screen_stack) > 1:
            return
        chosen = path or await self.push_screen_wait(AttachCard("Attach", props.offered))
        if chosen is not None:
            self._say_whose(chosen, props)
            pane.attach(chosen)

    @work
    async def _list(self, pane: PersonPane, path: Path | None) -> None:
        props, stage = self._props, self.stage
        if props is None or stage is None or len(self.screen_stack) > 1:
            return
        chosen = path or await self.push_screen_wait(AttachCard("Put on the temporary list", props.offered))
        if chosen is None:
            return
        try:
            self._props = await asyncio.to_thread(props.and_listed, chosen)
        except MatcherError as problem:
            pane.say(f"{chosen.name} was not listed: {words.unlisted(problem)}")
            return
        except (OSError, ValueError) as fault:
            pane.say(f"{chosen.name} was not listed: {getattr(fault, 'strerror', None) or fault}")
            return
        self._props.put_on(stage)
        self._say_whose(chosen, props)
        for each in self.query(PersonPane):
            each.refresh_status()
        pane.say(f"{chosen.name} is on the temporary list of both devices now.")

    @work
    async def _withdraw(self, pane: PersonPane) -> None:
        props, stage = self._props, self.stage
        if props is None or stage is None:
            return
        if not props.listed:
            pane.say("Nothing is left to withdraw.")
            return
        self._props = await asyncio.to_thread(props.with_last_withdrawn)
        self._props.put_on(stage)
        for each in self.query(PersonPane):
            each.refresh_status()
        pane.say("What was listed last is withdrawn from both lists. What it held or hid is looked at again.")

    # --- small things ---------------------------------------------------------------------------------------------

    def pane(self, name: str) -> PersonPane:
        """A person's pane."""
        return self.query_one(f"#pane-{name.lower()}", PersonPane)

    @property
    def current_pane(self) -> PersonPane:
        """The pane in which somebody is writing; Alice's where nobody is."""
        focused = self.screen_stack[0].focused
        panes = self.screen_stack[0].query(PersonPane)
        return next((pane for pane in panes if focused in pane.walk_children()), panes.first())

    def _say_whose(self, path: Path, props: Props) -> None:
        """From the first file of the presenter's on, the pictures are not all synthetic any more."""
        if path not in [offered for _, offered in props.offered]:
            self.query_one("#banner", Static).update(Text(words.OWN_PICTURES))


def run_demo(theme: str) -> None:
    """Runs the demo on this terminal. Exits 1 when it could not start."""
    run_to_its_end(DemoApp(theme))


def run_to_its_end(app: DemoApp) -> None:
    """Runs it on this terminal. Exits 1 when it could not start."""
    app.run()
    if app.return_code:
        raise SystemExit(app.return_code)
