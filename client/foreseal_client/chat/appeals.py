"""It is wrong: a person says so of what was stopped or hidden, and somebody at this device reviews it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foreseal_client import words
from foreseal_client.appealing import appealable, settle_appeal, submit_appeal
from foreseal_client.chat.card import Card, Choice
from foreseal_client.store import Appeal, Direction, Ground, Message, Outcome
from foreseal_matcher import Match

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["appeal", "appeal_card", "passcode_card", "review", "review_card", "trusted"]


async def appeal(desk: ChatDesk, message: Message) -> bool:
    """Asks why it is wrong and queues the answer; whether there was one."""
    if not appealable(message):
        desk.face.say("Only what was stopped or hidden because of a list can be reviewed.")
        return False
    reply = await desk.face.ask(appeal_card())
    if reply.choice not in list(Ground):
        return False
    submit_appeal(message, Ground(reply.choice), reply.text, desk.device)
    desk.face.say("Kept on this device, to be reviewed here: /review.")
    return True


async def review(desk: ChatDesk) -> None:
    """Goes through what waits, the oldest first, until the reviewer stops."""
    waiting = desk.device.store.appeals.waiting()
    if not waiting:
        desk.face.say("Nothing waits to be reviewed.")
        return
    if not await trusted(desk, "To review"):
        return
    for number, one in enumerate(waiting, 1):
        message = desk.device.store.history.get(one.message)
        if message is None:
            continue
        reply = await desk.face.ask(review_card(one, message, f"{number} of {len(waiting)}"))
        if reply.choice not in list(Outcome):
            return
        await _settle(desk, message, Outcome(reply.choice))


async def _settle(desk: ChatDesk, message: Message, outcome: Outcome) -> None:
    await settle_appeal(message, outcome, desk.messenger)
    if outcome is Outcome.UPHELD:
        desk.face.say(words.UPHELD)
        return
    desk.face.say(words.OVERTURNED)
    if message.direction is Direction.OUT:
        desk.face.say("It can be sent now, once: mark it, or leave it the last one, and /send.")


async def trusted(desk: ChatDesk, what: str) -> bool:
    """Whether whoever sits here may do what loosens the check: they know the profile's passphrase, where it has one."""
    if not desk.passcode.asked:
        return True
    reply = await desk.face.ask(passcode_card(what))
    if reply.choice != "go-on":
        return False
    if await desk.passcode.fits(reply.text):
        return True
    desk.face.say("That is not the passphrase of this profile. Nothing was changed.")
    return False


def passcode_card(what: str) -> Card:
    """Asks for the passphrase of the profile."""
    text = f"{what}, the passphrase of this profile is needed: whoever set it decides how strict this device is."
    return Card(
        "Passphrase", text, (Choice("leave", "Leave it"), Choice("go-on", "Go on")), field="passphrase", secret=True
    )


def appeal_card() -> Card:
    """Three reasons and a free text."""
    grounds = [Choice(ground.value, label) for ground, label in words.GROUNDS.items()]
    return Card(
        "It is wrong", words.APPEAL, (Choice("leave", "Leave it"), *grounds), field="in your own words, if you like"
    )


def review_card(one: Appeal, message: Message, position: str) -> Card:
    """What the reviewer sees: the file as it is, and what was said of it."""
    said = [("Because", words.GROUNDS[one.ground])]
    if one.text:
        said.append(("In their words", words.visible(one.text, lines=True)))
    files, at = message.files, message.verdict.item if isinstance(message.verdict, Match) else 0
    if message.text:
        said.append(("Text", words.visible(message.text, lines=True)))
    return Card(
        f"Review {position}", words.REVIEW,
        (Choice("later", "Not now"), Choice(Outcome.UPHELD.value, "It stays stopped"),
         Choice(Outcome.OVERTURNED.value, "It was stopped wrongly")),
        rows=tuple(said), picture=files[at] if at < len(files) else None, sharp=True,
    )  # fmt: skip
