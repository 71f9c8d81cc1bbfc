"""Commands about the check: why, what is hidden, what was stopped, the policy, the lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from foreseal_client import words
from foreseal_client.chat.appeals import appeal, review, trusted
from foreseal_client.chat.card import Card, Choice, told
from foreseal_client.chat.conversations import page
from foreseal_client.chat.policies import remember_policy
from foreseal_client.chat.sending import send_again, why_card
from foreseal_client.revealing import revealable
from foreseal_client.store import Message, State
from foreseal_matcher import Clear, Held, Match, Mode, OnFailure, Policy

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["appeal_last", "lists", "meant", "policy", "relay", "reveal", "review_queue", "send_held", "why"]


def meant(desk: ChatDesk, fits: Callable[[Message], bool]) -> Message | None:
    """The message that a person marked, where the command is for such; else the last one that it is for."""
    marked = desk.face.selected()
    if marked is not None and fits(marked):
        return marked
    if desk.current is None:
        return None
    return next((message for message in reversed(page(desk.current, desk.device)) if fits(message)), None)


async def why(desk: ChatDesk, _: str) -> None:
    """Explains the last message that held something a list could hold."""
    # A text alone holds nothing that a list could hold; what people ask about is the last thing that does.
    await desk.face.ask(why_card(meant(desk, lambda m: bool(m.files) or m.verdict != Clear())))


async def reveal(desk: ChatDesk, _: str) -> None:
    """Shows what arrived hidden, where the policy leaves that to the person."""
    message = meant(desk, lambda m: m.state is State.WITHHELD)
    if message is None:
        desk.face.say("Nothing here is hidden.")
        return
    may_look = revealable(message, desk.device)
    text = words.hidden(message.verdict, desk.device.policy, revealable=may_look)
    choices = [Choice("leave", "Leave it hidden"), Choice("why", "Why")]
    choices += [Choice("wrong", "This is wrong")] if isinstance(message.verdict, Match) else []
    choices += [Choice("look", "Look at it")] if may_look else []
    choices.append(Choice("block", "Block the sender"))
    item = message.files[0] if message.files else None
    reply = await desk.face.ask(Card("Hidden", text, tuple(choices), picture=item))
    match reply.choice:
        case "why":
            await desk.face.ask(why_card(message))
        case "wrong":
            await appeal(desk, message)
        case "block":
            sender = desk.device.store.people.get(message.identity)
            if sender is not None:
                await desk.messenger.block(sender)
                desk.face.say(f"{sender.name} is blocked. What they send is dropped unread.")
        case "look":
            outcome = await desk.messenger.reveal(message)
            if isinstance(outcome, Held):
                desk.face.say(f"The policy {desk.device.policy.mode} keeps this hidden.")
        case _:
            pass


async def appeal_last(desk: ChatDesk, _: str) -> None:
    """Says that the last thing stopped or hidden was so wrongly."""
    message = meant(desk, lambda m: m.state in (State.HELD, State.WITHHELD))
    if message is None:
        desk.face.say("Nothing here was stopped or hidden.")
    else:
        await appeal(desk, message)


async def review_queue(desk: ChatDesk, _: str) -> None:
    """Somebody plays the reviewer."""
    await review(desk)


async def send_held(desk: ChatDesk, _: str) -> None:
    """Tries once more to send what was stopped."""
    message = meant(desk, lambda m: m.state in (State.RELEASED, State.HELD))
    if message is None:
        desk.face.say("Nothing here was stopped.")
    else:
        await desk.cancellable(send_again(desk, message))


async def relay(desk: ChatDesk, _: str) -> None:
    """Says what the relay gets, and what it can still infer."""
    account = desk.device.account
    rows = (("Relay", account.relay), ("Your mailbox there", desk.device.mailbox.hex()))
    await desk.face.ask(told("What the relay sees", words.RELAY_SEES, rows))


async def lists(desk: ChatDesk, _: str) -> None:
    """Names each list, and what is wrong with those that cannot be used."""
    device = desk.device
    opened = await device.newest_lists()
    rows = [
        (fact.name, f"version {fact.version}, {fact.entries:,} entries, {fact.age_days} days old")
        for fact in opened.describe(device.date)
    ]
    rows += [("Problem", f"{problem.reason.value} ({problem.path or 'no folder'})") for problem in opened.problems]
    rows = [(words.visible(name), words.visible(value)) for name, value in rows]
    await desk.face.ask(told("Hash lists", words.cannot_check(opened, device.policy) or words.CHAT, tuple(rows)))


async def policy(desk: ChatDesk, argument: str) -> None:
    """Chooses the policy. A tighter one counts at once, a looser one asks for the passphrase; none looser than the
    settings want."""
    device, wanted = desk.device, argument.split()
    if not wanted:
        chosen = await _choose(desk)
    else:
        try:
            failure = OnFailure(wanted[1]) if len(wanted) > 1 else device.policy.on_failure
            chosen = replace(device.policy, mode=Mode(wanted[0]), on_failure=failure)
        except ValueError:
            desk.face.say(f"A policy is {', '.join(Mode)}, and {' or '.join(OnFailure)}: /policy hold fail-closed")
            return
    if chosen is None or chosen == device.policy:
        return
    if Policy.tightest(chosen, desk.floor) != chosen:
        desk.face.say("The settings ask for a tighter policy than this: foreseal config show says which place does.")
        return
    if Policy.tightest(chosen, device.policy) != chosen and not await trusted(desk, "To loosen the policy"):
        return
    remember_policy(device, chosen)
    desk.face.say(f"Policy {chosen.mode}, {chosen.on_failure}. {words.consequence(chosen)}")
    desk.face.status_changed()


async def _choose(desk: ChatDesk) -> Policy | None:
    now = desk.device.policy
    offered = [replace(now, mode=mode, on_failure=failure) for mode in Mode for failure in OnFailure]
    offered = [one for one in offered if one.stops or one.on_failure is now.on_failure]
    choices = [Choice("keep", f"Keep {_called(now)}")]
    choices += [Choice(_called(one), _called(one)) for one in offered if one != now]
    rows = tuple((_called(one), words.consequence(one)) for one in offered)
    reply = await desk.face.ask(Card("Policy", f"In force: {_called(now)}.", tuple(choices), rows=rows))
    return next((one for one in offered if reply.choice == _called(one)), None)


def _called(policy: Policy) -> str:
    return f"{policy.mode}, {policy.on_failure}"
