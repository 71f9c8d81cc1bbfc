"""What a long conversation costs beside a short one, and what a start costs beside the libraries it stands on.

CPU of this process alone, the best of several: a screen that others keep waiting is not what is asked about. Drawing is
that of the rows, as the screen's widget does it for each page; Textual's own share does not depend on the length.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from foreseal_client.chat.conversations import Conversation, page, readable
from foreseal_client.device import Device
from foreseal_client.store import Contact, Direction, Message, Standing, State
from foreseal_client.tui.chat.entries import Colours, Entry, rows_of
from foreseal_matcher import Clear, ListSet, Mode, OnFailure, Policy

__all__ = ["SHORT", "Cost", "Report", "measure_chats"]

SHORT: Final = 300
"""Messages of the conversation that the long one is held against: three pages."""
_ROUNDS: Final = 7
_WIDTH: Final = 94
_COLOURS: Final = Colours("#73daca", "#7aa2f7", "#ff9e64", "#8a8a8a")
_START: Final = "import time, {module}; print(time.process_time())"


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of CPU with few messages and with many. `ratio`: of the second to the first."""

    what: str
    short: float
    long: float

    @property
    def ratio(self) -> float:
        """How many times as much the long conversation takes."""
        return self.long / self.short


@dataclass(frozen=True, slots=True)
class Report:
    """`messages`: of the long conversation. `start`: seconds of CPU until the chat's screen is loaded; `floor`: of the
    same for Textual alone."""

    messages: int
    costs: tuple[Cost, ...]
    start: float
    floor: float


def measure_chats(
    folder: Path,
    messages: int,
    clock: Callable[[], float] = time.process_time,
    started: Callable[[str], float] | None = None,
) -> Report:
    """`folder`: an empty one, for a profile that is thrown away. `clock`: seconds of CPU. `started`: what it takes to
    load modules, if not in processes of their own."""
    started = started or _started
    device = Device(
        folder / "profile", bytes(32), lists=ListSet.empty(), policy=Policy(Mode.HOLD, OnFailure.CLOSED),
        clock=time.time, name="bench", relay="http://127.0.0.1:9",
    )  # fmt: skip
    try:
        short, long = (_filled(device, number, count) for number, count in ((1, SHORT), (2, messages)))
        costs = tuple(
            Cost(what, *(_best(lambda one=one, act=act: act(device, one), clock) * 1000 for one in (short, long)))  # type: ignore[misc]
            for what, act in _ACTS.items()
        )
    finally:
        device.close()
    return Report(messages, costs, started("foreseal_client.tui.chat.app"), started("textual.app, textual.widgets"))


def _filled(device: Device, number: int, count: int) -> Conversation:
    identity, store = bytes([number]) * 32, device.store
    contact = Contact(identity, f"Friend {number}", "", bytes(16), b"", None, None, Standing.ACCEPTED, introduced=True)
    with store.transaction():
        store.people.put(contact)
        for at in range(count):
            _add(device, identity, f"message {at} of {count}, with some words in it: {'word ' * (at % 30)}", at)
    return Conversation(contact)


def _add(device: Device, identity: bytes, text: str, at: int) -> Message:
    direction = Direction.IN if at % 2 else Direction.OUT
    state = State.SHOWN if at % 2 else State.SENT
    return device.store.history.add(
        identity, direction, state, at=device.now, text=text, verdict=Clear(), digest=bytes(32)
    )


def _drawn(device: Device, found: list[Message]) -> int:
    console = Console(width=_WIDTH)
    return sum(len(rows_of(Entry(one, "You", readable(one, device)), _WIDTH, console, _COLOURS)) for one in found)


def _open(device: Device, one: Conversation) -> None:
    _drawn(device, page(one, device))


def _scroll(device: Device, one: Conversation) -> None:
    _drawn(device, page(one, device, page(one, device)[len(page(one, device)) // 2].id))


def _receive(device: Device, one: Conversation) -> None:
    with device.store.transaction():
        _drawn(device, [_add(device, one.id, "a message that comes", 1)])
    device.store.reading.unread(one.id)


def _search(device: Device, one: Conversation) -> None:
    device.store.reading.find("what nobody wrote", one.id)


_ACTS: Final[dict[str, Callable[[Device, Conversation], None]]] = {
    "opening": _open, "scrolling a page back": _scroll, "receiving": _receive,
    "searching for what is not there": _search,
}  # fmt: skip


def _best(act: Callable[[], None], clock: Callable[[], float]) -> float:
    spent = []
    for _ in range(_ROUNDS):
        began = clock()
        act()
        spent.append(clock() - began)
    return max(min(spent), 1e-6)


def _started(module: str) -> float:
    """The least of three: seconds of CPU of a fresh process that loads this."""
    call = [sys.executable, "-c", _START.format(module=module)]
    runs = [subprocess.run(call, capture_output=True, check=True, text=True) for _ in range(3)]
    return min(float(run.stdout) for run in runs)
