"""Commands about the check: why, what is hidden, what was stopped, the policy, the lists."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from foreseal_client import words
from foreseal_client.chat.appeals import appeal, review, trusted
from foreseal_client.chat.card import Card, Choice, told
from foreseal_client.chat.fence import ask_at_fence, waiting_lists
from foreseal_client.chat.meant import meant
from foreseal_client.chat.policies import remember_policy
from foreseal_client.chat.sending import moment_card, send_again, show_why
from foreseal_client.chat.strangers import block
from foreseal_client.draft import Opened
from foreseal_client.new_contacts import moment_for_files
from foreseal_client.revealing import revealable
from foreseal_client.store import Message, State
from foreseal_matcher import Clear, Held, Match, Mode, OnFailure, Policy

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["appeal_last", "lists", "policy", "relay", "reveal", "review_queue", "send_held", "why"]


async def why(desk: ChatDesk, _: str) -> None:
    """Explains the last message that held something a list could hold."""
    # A text alone holds nothing that a list could hold; what people ask about is the last thing that does.
    await show_why(desk, meant(desk, lambda m: bool(m.files) or m.verdict != Clear()))


async def reveal(desk: ChatDesk, _: str) -> None:
    """Shows what arrived hidden, where the policy leaves that to the person; or the files of somebody new."""
    message = meant(desk, lambda m: m.state in (State.WITHHELD, State.COVERED))
    if message is None:
        desk.face.say("Nothing here is hidden.")
    elif message.state is State.COVERED:
        await _uncover(desk, message)
    else:
        await _hidden(desk, message)


async def _uncover(desk: ChatDesk, message: Message) -> None:
    opened = Opened(message.identity, message.eid or b"", message.text, message.files, message.at)
    moment = moment_for_files(opened, desk.device)  # none once they are new no more
    if moment is None or (await desk.face.ask(moment_card(moment, desk.device))).choice == "look":
        await _look(desk, message)


async def _look(desk: ChatDesk, message: Message) -> None:
    outcome = await desk.messenger.reveal(message)
    if isinstance(outcome, Held):
        desk.face.say(f"The policy {desk.device.policy.mode} keeps this hidden: it {words.outcome(outcome.verdict)}.")


async def _hidden(desk: ChatDesk, message: Message) -> None:
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
            await show_why(desk, message)
        case "wrong":
            await appeal(desk, message)
        case "block":
            sender = desk.device.store.people.get(message.identity)
            if sender is not None:
                await block(desk, sender)
        case "look":
            await _look(desk, message)
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
    """Names each list, and what is wrong with those that cannot be used; and asks about what waits at the fence."""
    device = desk.device
    opened = await device.newest_lists()
    rows = [
        (fact.name, f"version {fact.version}, {fact.entries:,} entries, {fact.age_days} days old")
        for fact in opened.describe(device.date)
    ]
    rows += [("Problem", f"{problem.reason.value} ({problem.path or 'no folder'})") for problem in opened.problems]
    rows = [(words.visible(name), words.visible(value)) for name, value in rows]
    await desk.face.ask(told("Hash lists", words.cannot_check(opened, device.policy) or words.CHAT, tuple(rows)))
    for one, at in waiting_lists(desk):
        await ask_at_fence(desk, one, at)


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
