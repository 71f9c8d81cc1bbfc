"""Commands about safeguards: what they are, changing them, and help when somebody is pressuring this person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foreseal_client.chat.card import Card, Choice
from foreseal_client.chat.guarding import change, settings_card, the_danger
from foreseal_client.chat.guarding import help_me as help_somebody
from foreseal_client.safeguards.asked import read_asked, with_values
from foreseal_client.safeguards.settings import NAMES, looser

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["help_me", "safeguards"]


async def safeguards(desk: ChatDesk, argument: str) -> None:
    """Says what holds, or changes it: NAME=VALUE, several with spaces between."""
    wanted = argument
    if not wanted:
        reply = await desk.face.ask(settings_card(desk.device))
        if reply.choice == "danger":
            await desk.face.ask(the_danger(desk.device))
        wanted = await _asked(desk) if reply.choice == "change" else ""
    if not wanted:
        return
    pairs = [part.partition("=") for part in wanted.split()]
    if any(not equals for _, equals, _ in pairs):
        desk.face.say("Write each as NAME=VALUE, such as moment_days=14.")
        return
    asked = read_asked("given", {name: value for name, _, value in pairs})
    if await change(desk, with_values(desk.device.store.safeguards.settings(), asked.values)):
        device = desk.device
        tighter = looser(device.store.safeguards.settings(), device.safeguards)
        more = f" The settings ask for more: {', '.join(tighter)}." if tighter else ""
        desk.face.say(f"Changed: {', '.join(sorted(asked.values))}.{more}")


async def _asked(desk: ChatDesk) -> str:
    names = ", ".join(name for name in NAMES if name != "young")
    choices = (Choice("leave", "Leave it"), Choice("go-on", "Change"))
    card = Card("Change a setting", f"Write it as NAME=VALUE. There are: {names}.", choices, field="moment_days=14")
    reply = await desk.face.ask(card)
    return reply.text.strip() if reply.choice == "go-on" else ""


async def help_me(desk: ChatDesk, argument: str) -> None:
    """The way out. Never behind a passcode."""
    await help_somebody(desk, argument.upper() or None)
