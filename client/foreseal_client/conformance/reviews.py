"""Flows of what follows a check that was wrong: appeals, their review, and reports."""

from __future__ import annotations

from foreseal_client.conformance.flow import expect, flow
from foreseal_client.kit.calls import CallError
from foreseal_client.kit.client import Client
from foreseal_client.kit.world import World
from foreseal_client.rpc.methods.accounts import Done
from foreseal_client.rpc.methods.appeals import AppealView, Reported
from foreseal_client.rpc.methods.messages import Outcome
from foreseal_client.rpc.views import AccountView, MessageView

__all__ = ["appeal_of_a_text", "appeal_overturned", "appeal_shown", "appeal_upheld", "report"]

_TALK = ("invite", "acceptInvitation", "listContacts", "send")
_APPEAL = (*_TALK, "submitAppeal", "listAppeals", "resolveAppeal")


def _pair(world: World) -> tuple[Client, Client]:
    alice, bob = world.new_client("Alice"), world.new_client("Bob")
    alice.meet(bob)
    return alice, bob


def _appealed(client: Client, id: int) -> AppealView:
    made = client.call("submitAppeal", AppealView, id=id, ground="other-picture", text="it is our cat")
    expect([one.id for one in client.call("listAppeals", list[AppealView])], [id], "what waits")
    return made


@flow("appeal-overturned", *_APPEAL, "resolveHold")
def appeal_overturned(world: World) -> None:
    """What a review finds stopped wrongly can be sent, once; the appeal itself makes no traffic."""
    alice, bob = _pair(world)
    held = alice.send(bob, "our cat", attachment=world.samples.false_match())
    expect(held.kind, "held", "the outcome")
    _appealed(alice, held.message.id)
    alice.call("resolveAppeal", MessageView, id=held.message.id, outcome="overturned")
    expect(alice.call("resolveHold", Outcome, id=held.message.id).kind, "sent", "sending it again")
    again = alice.send(bob, "once more", attachment=world.samples.false_match())
    expect(again.kind, "held", "sending the same picture in another message")


@flow("appeal-upheld", *_APPEAL, "resolveHold")
def appeal_upheld(world: World) -> None:
    """What a review finds stopped rightly stays stopped."""
    alice, bob = _pair(world)
    held = alice.send(bob, attachment=world.samples.listed(4))
    _appealed(alice, held.message.id)
    alice.call("resolveAppeal", MessageView, id=held.message.id, outcome="upheld")
    expect(alice.call("listAppeals", list[AppealView]), [], "what waits after the review")
    expect(alice.call("resolveHold", Outcome, id=held.message.id).kind, "held", "sending it again")


@flow("appeal-shown", *_APPEAL, "test.setPolicy")
def appeal_shown(world: World) -> None:
    """What a review finds hidden wrongly is shown."""
    alice, bob = _pair(world)
    alice.set_policy("off")
    alice.send(bob, "our cat", attachment=world.samples.false_match())
    message = bob.wait_for("message", state="withheld", timeout=30)
    _appealed(bob, message.id)
    shown = bob.call("resolveAppeal", MessageView, id=message.id, outcome="overturned")
    expect((shown.state, shown.text), ("shown", "our cat"), "what bob is shown")


@flow("appeal-of-a-text", *_APPEAL)
def appeal_of_a_text(world: World) -> None:
    """Of what no list stopped nobody can say that it was stopped wrongly."""
    alice, bob = _pair(world)
    sent = alice.send(bob, "hello").message
    try:
        alice.call("submitAppeal", AppealView, id=sent.id, ground="something-else")
    except CallError:
        return
    raise AssertionError("an error was expected, and there was none")


@flow("report", *_TALK, "listAccounts", "takeRequests", "setDesk", "reportMessage", own_relay=True)
def report(world: World) -> None:
    """A report goes to the desk and to nobody else, tells what it disclosed, and the relay learns nothing of it."""
    alice, bob = _pair(world)
    desk = world.new_client("Desk")
    desk.call("takeRequests", Done, taken=True)
    alice.send(bob, "words that were said")
    message = bob.wait_for("message", text="words that were said", timeout=30)
    (account,) = desk.call("listAccounts", list[AccountView])
    bob.call("setDesk", dict[str, str], card=account.card)
    before = len(world.relay.envelopes)
    told = bob.call("reportMessage", Reported, id=message.id, category="threat", text="look at this")
    expect("words that were said" in " ".join(one.value for one in told.disclosed), True, "what it disclosed")
    expect({one.mailbox for one in world.relay.envelopes[before:]}, {desk.mailbox}, "whom envelopes went to")
    world.relay.assert_blind(b"words that were said", b"look at this")
