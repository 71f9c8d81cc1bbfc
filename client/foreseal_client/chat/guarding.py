"""The profile's safeguards in the chat: what they are, changing them, and the way out that nobody sees."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

from foreseal_client.chat.card import CLOSE, Card, Choice, told
from foreseal_client.keeping import export, keep
from foreseal_client.request_desk import block_quietly
from foreseal_client.safeguard_settings import Changed, PasscodeWanted, change_settings, loosen_settings
from foreseal_client.safeguards import words
from foreseal_client.safeguards.help_lines import HelpLine, lines_for, regions, shipped_lines
from foreseal_client.safeguards.settings import Safeguards
from foreseal_client.safeguards.young import explained, if_the_holder_is_the_danger
from foreseal_client.shown import visible
from foreseal_client.store import Contact

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk
    from foreseal_client.device import Device

__all__ = ["change", "help_card", "help_me", "passcode_card", "settings_card", "the_danger"]

SHORTEST_PASSPHRASE: Final = 8
"""Fewest characters of the passphrase of a file of evidence."""


def settings_card(device: Device) -> Card:
    """What holds, in sentences; on a young person's profile in simple words, and who has the passcode."""
    settings, lock = device.safeguards, device.store.safeguards.lock()
    lines = words.settings_lines(settings) if lock is None else explained(settings, lock.holder)
    choices = [CLOSE, Choice("change", "Change a setting")]
    choices += [] if lock is None else [Choice("danger", f"If {visible(lock.holder)} is the danger")]
    return Card("Safeguards", "\n".join(lines), tuple(choices))


def the_danger(device: Device) -> Card:
    """When the one with the passcode is the one to be afraid of."""
    lock = device.store.safeguards.lock()
    return told("Getting help", "\n".join(if_the_holder_is_the_danger("" if lock is None else lock.holder)))


async def change(desk: ChatDesk, wanted: Safeguards) -> bool:
    """Keeps other settings; whether they are kept. Asks for the passcode where one is needed."""
    device = desk.device
    outcome = change_settings(device, wanted)
    if isinstance(outcome, PasscodeWanted):
        if outcome.wait:
            desk.face.say(words.not_opened(outcome.wait))
            return False
        reply = await desk.face.ask(passcode_card(outcome))
        if reply.choice != "go-on":
            return False
        outcome = await loosen_settings(device, wanted, reply.text)
    if not isinstance(outcome, Changed):
        desk.face.say(words.not_opened(outcome.wait))
        return False
    await desk.messenger.first_contact.keep_in_step()
    desk.face.status_changed()
    return True


def passcode_card(wanted: PasscodeWanted) -> Card:
    """Asks for the passcode, and says whose it is."""
    choices = (Choice("leave", "Leave it"), Choice("go-on", "Go on"))
    text = words.passcode_wanted(wanted.holder, wanted.loosened)
    return Card("Passcode", text, choices, field="passcode", secret=True)


async def help_me(desk: ChatDesk, region: str | None) -> None:
    """Somebody is pressuring this person. Nothing of it leaves the device, and nothing asks for a passcode."""
    while True:
        contact = None
        if desk.current is not None and isinstance(desk.current.of, Contact):
            contact = desk.device.store.people.get(desk.current.id)
        reply = await desk.face.ask(help_card(region, contact, shipped_lines()))
        match reply.choice:
            case "region":
                region = reply.text.strip().upper() or None
            case "block" if contact is not None:
                block_quietly(contact, desk.device, lambda _: None)
                desk.changed()
                desk.face.say(words.blocked(contact.name))
            case "keep" if contact is not None:
                desk.face.say(f"{keep(contact, desk.device)} letters. {words.EVIDENCE_KEPT}")
            case "export":
                await _export(desk)
            case _:
                return


def help_card(region: str | None, contact: Contact | None, lines: tuple[HelpLine, ...]) -> Card:
    """What one can do, and whom one can call."""
    choices = [CLOSE]
    if contact is not None:
        choices.append(Choice("keep", f"Keep what {visible(contact.name)} wrote"))
        choices.append(Choice("block", f"Block {visible(contact.name)} on this device"))
    choices += [Choice("export", "Write what was kept to a file"), Choice("region", "Help lines of one region")]
    rows = tuple((f"{one.region} {one.name}", _line(one)) for one in lines_for(region, lines))
    known = ", ".join(regions(lines))
    unknown = region is not None and region not in regions(lines)
    title, *sentences = words.PRESSURED
    said = [*sentences, *([f"No line is known here for {visible(region or '')}."] if unknown else [])]
    said.append(f"{words.CHECK_THE_NUMBER} Regions: {known}.")
    return Card(title, "\n".join(said), tuple(choices), rows=rows, field="region, such as DE")


def _line(one: HelpLine) -> str:
    checked = "nobody has checked this" if one.checked is None else f"checked {one.checked}"
    return f"{one.reach}. {one.about} ({checked})"


async def _export(desk: ChatDesk) -> None:
    go_on = (Choice("leave", "Leave it"), Choice("go-on", "Go on"))
    where = await desk.face.ask(
        Card(
            "A file of evidence", "Where to write it. It is sealed under a passphrase of its own.", go_on, field="file"
        )
    )
    if where.choice != "go-on" or not where.text.strip():
        return
    asked = (
        f"A passphrase for it, of at least {SHORTEST_PASSPHRASE} characters. Whoever has file and passphrase reads it."
    )
    first = await desk.face.ask(Card("A passphrase", asked, go_on, field="passphrase", secret=True))
    if first.choice != "go-on":
        return
    again = await desk.face.ask(Card("The same again", asked, go_on, field="passphrase", secret=True))
    if len(first.text) < SHORTEST_PASSPHRASE or again.text != first.text:
        desk.face.say("The two are not the same, or too short. Nothing was written.")
        return
    await asyncio.sleep(0)  # the card goes before Argon2id takes its second
    letters = export(desk.device, Path(where.text.strip()).expanduser(), first.text)
    desk.face.say(f"{letters} letters are in {where.text.strip()}. foreseal pressured open reads it.")
