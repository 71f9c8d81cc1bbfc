"""The command about the ledger: whether checks are written down, the newest lines, and what they tell others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from foreseal_client.chat.card import Card, Choice
from foreseal_client.ledger import read_line
from foreseal_client.ledger.words import IF_SEIZED, columns
from foreseal_client.shown import counted

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["ledger"]

_SHOWN: Final = 10
"""Lines that are shown, the newest; foreseal profile ledger prints all of them."""
_HELD: Final = "A line for each check that this device makes, chained by hashes, kept on this device alone."
_OFF: Final = "What is there stays until it is erased: foreseal profile ledger erase, once this program is closed."


async def ledger(desk: ChatDesk, argument: str) -> None:
    """Shows where it stands; switching it on comes after what it means, and switching it off at once."""
    if argument not in ("", "on", "off"):
        desk.face.say("It is on or off: /ledger on, /ledger off")
    elif argument == "off":
        _switch(desk, on=False)
    elif argument == "on" or await _shown(desk):
        await _asked_on(desk)


async def _shown(desk: ChatDesk) -> bool:
    """The card; whether the person goes on to switch it on."""
    rows = desk.device.store.ledger
    on, head = rows.on, rows.head
    newest = [read_line(link.spelled) for link in rows.links(head.lines - _SHOWN)]
    told = [("State", "on" if on else "off"), ("Lines", counted(head.lines, "line")), ("Head", str(head))]
    told += [(f"{number}  {day}", ", ".join(rest)) for number, day, *rest in map(columns, filter(None, newest))]
    choices = (Choice("close", "Close"), Choice("off", "Switch it off") if on else Choice("on", "Switch it on"))
    text = f"{_HELD} {IF_SEIZED}" if head.lines else _HELD
    chosen = (await desk.face.ask(Card("Ledger", text, choices, rows=tuple(told)))).choice
    if chosen == "off":
        _switch(desk, on=False)
    return chosen == "on"


async def _asked_on(desk: ChatDesk) -> None:
    choices = (Choice("leave", "Leave it off"), Choice("on", "Write checks down"))
    if (await desk.face.ask(Card("Write checks down from now on", IF_SEIZED, choices))).choice == "on":
        _switch(desk, on=True)


def _switch(desk: ChatDesk, *, on: bool) -> None:
    store = desk.device.store
    with store.transaction():
        changed = store.ledger.switch(on, desk.device.date)
    state = "on" if on else "off"
    desk.face.say(f"The ledger is {state}{'' if changed else ' already'}. {'' if on else _OFF}".strip())
