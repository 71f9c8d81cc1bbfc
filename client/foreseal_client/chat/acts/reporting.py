"""Reporting a message from the chat: picked, told what it discloses, handed to the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foreseal_client import words
from foreseal_client.chat.card import Card, Choice
from foreseal_client.chat.meant import meant
from foreseal_client.handing_over import hand_in
from foreseal_client.reporting import DESK, SEALED_SENDER, desk_card, provable, report_of, told_of
from foreseal_client.reports.said import Category

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["report"]


async def report(desk: ChatDesk, _: str) -> None:
    """Reports the message that a person marked, or the last one that they were sent: that one and no other."""
    device = desk.device
    message = meant(desk, lambda one: provable(one, device) is not None)
    if message is None:
        desk.face.say("Nothing here can be reported: what you were sent can be, as long as it is kept here.")
        return
    card = desk_card(device)
    rows = told_of(report_of([message], Category.OTHER, "", device), device)
    shown = tuple((words.visible(name), words.visible(value, lines=True)) for name, value in rows)
    choices = (Choice("leave", "Don't report"), *(Choice(one.value, f"Report: {one.value}") for one in Category))
    text = f"{words.visible(card.name)}, at {card.relay}, will learn this and nothing else. {SEALED_SENDER}"
    reply = await desk.face.ask(
        Card("Report this message", text, choices, rows=shown, field="in your own words, if you like")
    )
    if reply.choice not in list(Category):
        return
    said = report_of([message], Category(reply.choice), reply.text.strip(), device)
    handed = await hand_in(said, device.store.preferences.get(DESK) or "", device, desk.messenger.first_contact)
    if handed.waits:
        desk.face.say(f"Not handed in yet, under {handed.number.hex()[:8]}: {handed.waits}")
        return
    number = handed.number.hex()[:8]
    desk.face.say(f"The relay has it for the desk, under {number}. Nobody else was told; blocking is /block.")
