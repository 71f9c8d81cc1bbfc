"""A scenario on the screen: the two people and the relay as ever, and above them the presenter's script.

Space does the next step. What is done goes the way that everything a person does goes; the panes draw what the two
devices tell them, as they do when somebody types.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import DataTable, Input, Static

from foreseal_client import words
from foreseal_client.demo.acts.carrying import carry_out
from foreseal_client.demo.evidence import readable
from foreseal_client.demo.recording import Frame
from foreseal_client.demo.scenario import Scenario
from foreseal_client.demo.scene import Scene, Settled, draft_of
from foreseal_client.demo.stage import Stage
from foreseal_client.store import State
from foreseal_client.tui.bubble import Bubble
from foreseal_client.tui.cards import HeldCard, TextCard
from foreseal_client.tui.composer import Composer
from foreseal_client.tui.demo import DemoApp, run_to_its_end
from foreseal_client.tui.person_pane import PersonPane
from foreseal_client.tui.relay_view import RelayView

__all__ = ["ScenarioApp", "run_scenario"]

_HELP = """\
space   does the next step of the script, and closes a card that is open
Esc     closes a card; on a card, Don't send is the first choice
F3      why the last thing was stopped or passed, on the side that has the focus
F4      what the relay sees, larger or smaller; Tab leads to its search field
ctrl+q  ends; what was made here is removed"""


class Script(Vertical):
    """What the presenter says, where to look, and what came of it."""

    def compose(self) -> ComposeResult:
        """From the top: what is said, where to look, what held."""
        yield Static("", id="say")
        yield Static("", id="look")
        yield Static("", id="settled")

    def tell(self, position: str, say: str, look: str, settled: Settled | None) -> None:
        """Shows one step; `settled` when it was done."""
        self.border_title = position
        self.query_one("#say", Static).update(Text(say, style="bold"))
        self.query_one("#look", Static).update(Text(f"Look: {look}" if look else ""))
        line = Text()
        if settled is not None:
            line.append("✓ holds: " if settled.held_up else "✗ DOES NOT HOLD: ", style="bold")
            line.append(settled.step.claim)
            if not settled.held_up:
                line.append(f" ({readable(settled.evidence)})")
        self.query_one("#settled", Static).update(line)


class ScenarioApp(DemoApp, inherit_bindings=False):
    """`settled`: the steps that were done; `frames`: the screen as the presenter left each of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "next", "Next step", priority=True),
        Binding("f1", "help", "Help"),
        Binding("f3", "why", "Why"),
        Binding("f4", "relay", "Relay"),
        Binding("ctrl+q", "quit", "Quit", priority=True),
    ]

    def __init__(self, scenario: Scenario, theme: str = "dark") -> None:
        super().__init__(theme)
        self.scenario = scenario
        self.settled: list[Settled] = []
        self.frames: list[Frame] = []
        self._scene: Scene | None = None
        self._go = asyncio.Event()
        self._rows = 0

    def on_mount(self) -> None:
        """Nobody types here but the presenter, who has a key for it. A window that is looked at again gives the focus
        back to what had it before, and that must not be a field which is not shown."""
        self.screen.add_class("scripted")
        for composer in self.query(Composer):
            composer.disabled = True
        self.screen.mount(Script(id="script"), after="#banner")
        self.call_after_refresh(self._announce, "Setting the stage...", "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Space is a letter where somebody searches for a phrase."""
        if action == "next" and isinstance(self.focused, Input):
            return False
        return super().check_action(action, parameters)

    async def _prepare(self, stage: Stage, folder: Path) -> None:
        self.set_focus(None)
        self._scene = await Scene.on(stage, folder)

    async def _perform(self) -> None:
        scene = self._scene
        if scene is None:
            return
        self._announce(self.scenario.shows, "press space for the first step.")
        for step in self.scenario.steps:
            if not await self._gone_on():
                return
            await self._close_card()
            self._announce(step.say, step.look)
            settled = await carry_out(step, scene)
            self.settled.append(settled)
            self._announce(step.say, step.look)
            self.relay_view.watch_newcomers()
            for pane in self.screen_stack[0].query(PersonPane):
                pane.refresh_status()
            if settled.stopped is not None:
                await self._show_card(settled)
        if await self._gone_on():
            await self._close_card()
            kept = sum(one.held_up for one in self.settled)
            self._announce(f"{kept} of {len(self.settled)} claims hold.", self.scenario.limits, title="What remains")
            await self._over.wait()

    async def _gone_on(self) -> bool:
        """Waits for the presenter; false when the program is to end."""
        self._go.clear()
        waits = [asyncio.ensure_future(event.wait()) for event in (self._go, self._over)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
        self._keep_frame()
        return not self._over.is_set()

    async def _show_card(self, settled: Settled) -> None:
        if settled.stopped is None:
            return
        _, stopped = settled.stopped
        picture = getattr(settled.step, "picture", None)
        draft = draft_of(getattr(settled.step, "text", ""), picture)
        why = words.explained(stopped.message.verdict, stopped.message.cost)
        await self.push_screen(HeldCard(stopped.held, draft, why))

    async def _close_card(self) -> None:
        while len(self.screen_stack) > 1:
            await self.pop_screen()

    def _announce(self, say: str, look: str, title: str | None = None) -> None:
        done, of = len(self.settled), len(self.scenario.steps)
        position = f"{self.scenario.title} - {title or f'{done} of {of}'}"
        for script in self.screen_stack[0].query(Script):
            script.tell(position, say, look, self._just_settled(say))

    def _just_settled(self, say: str) -> Settled | None:
        last = self.settled[-1] if self.settled else None
        return last if last is not None and last.step.say == say else None

    def _keep_frame(self) -> None:
        if len(self.settled) == len(self.frames):
            return
        base = self.screen_stack[0]
        rows = base.query_one("#seen", DataTable).row_count
        sides = {pane.person_name: _last_line(pane) for pane in base.query(PersonPane)}
        sides["The relay"] = f"{rows - self._rows} more lines" if rows != self._rows else "nothing"
        self._rows = rows
        self.frames.append(Frame(self.settled[-1], sides, self.export_screenshot(title=self.scenario.title)))

    # --- what the presenter can do --------------------------------------------------------------------------------

    def action_next(self) -> None:
        """Goes on."""
        self._go.set()

    def action_help(self) -> None:
        """Shows the keys."""
        self.push_screen(TextCard("Keys", Text(_HELP)))

    @property
    def is_drawn(self) -> bool:
        """Whether both sides show everything that their devices know of this conversation."""
        return all(_is_drawn(pane) for pane in self.screen_stack[0].query(PersonPane))

    @property
    def waits(self) -> bool:
        """Whether the step is done and the presenter is waited for."""
        return self._scene is not None and not self._go.is_set()

    @property
    def relay_view(self) -> RelayView:
        """The relay's side."""
        return self.screen_stack[0].query_one(RelayView)


def _is_drawn(pane: PersonPane) -> bool:
    if pane.person is None:
        return False
    drawn = {bubble.message.id: bubble.message.state for bubble in pane.query(Bubble)}
    known = pane.person.device.store.history.with_contact(pane.person.peer.identity, 50)
    return all(drawn.get(one.id) == one.state for one in known if one.text or one.files or one.state is State.HELD)


def _last_line(pane: PersonPane) -> str:
    bubbles = list(pane.query(Bubble))
    return bubbles[-1].summary if bubbles else "nothing"


def run_scenario(scenario: Scenario, theme: str) -> ScenarioApp:
    """Runs a scenario on this terminal, and returns what was shown. Exits 1 when it could not start."""
    app = ScenarioApp(scenario, theme)
    run_to_its_end(app)
    return app
