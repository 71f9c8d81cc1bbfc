"""Flows of what stands beside the words: receipts, typing, messages that disappear, and deleting."""

from __future__ import annotations

from foreseal_client.conformance.flow import expect, flow
from foreseal_client.kit.calls import CallError
from foreseal_client.kit.client import Client
from foreseal_client.kit.world import World
from foreseal_client.rpc.conversation_view import ConversationView
from foreseal_client.rpc.methods.accounts import Done
from foreseal_client.rpc.views import MessageView

__all__ = [
    "deleted",
    "deleted_by_another",
    "deleted_here",
    "disappearing",
    "receipts",
    "receipts_of_one_side",
    "typing",
]

_TALK = ("invite", "acceptInvitation", "listContacts", "send", "listMessages")
_SLOT = 20.0
"""Seconds within which there is always a slot."""


def _pair(world: World) -> tuple[Client, Client]:
    alice, bob = world.new_client("Alice"), world.new_client("Bob")
    alice.meet(bob)
    return alice, bob


def _settle(one: Client, other: Client, **wanted: object) -> ConversationView:
    return one.call("updateContact", ConversationView, recipient=other.identity, **wanted)


def _arrived(client: Client, text: str) -> MessageView:
    found: MessageView = client.wait_for("message", text=text, timeout=30)
    return found


def _texts(client: Client, other: Client) -> list[str]:
    return [message.text for message in client.messages(other) if message.text]


@flow("receipts", *_TALK, "updateContact", "sendReceipt")
def receipts(world: World) -> None:
    """Where both want it, the writer is told that a message was read, with the reader's next letter."""
    alice, bob = _pair(world)
    _settle(alice, bob, receipts=True)
    bob.wait_for("conversation", their_receipts=True, timeout=30)
    _settle(bob, alice, receipts=True)
    alice.wait_for("conversation", their_receipts=True, timeout=30)
    sent = alice.send(bob, "did you see?").message
    bob.call("sendReceipt", Done, ids=[_arrived(bob, "did you see?").id])
    bob.send(alice, "I did")
    _arrived(alice, "I did")
    (after,) = (message for message in alice.messages(bob) if message.id == sent.id)
    expect(after.received, "read", "what the writer knows")


@flow("receipts-of-one-side", *_TALK, "updateContact", "sendReceipt")
def receipts_of_one_side(world: World) -> None:
    """Where only one of the two wants it, nobody is told what was read."""
    alice, bob = _pair(world)
    _settle(alice, bob, receipts=True)
    sent = alice.send(bob, "did you see?").message
    bob.call("sendReceipt", Done, ids=[_arrived(bob, "did you see?").id])
    bob.send(alice, "an answer")
    _arrived(alice, "an answer")
    (after,) = (message for message in alice.messages(bob) if message.id == sent.id)
    expect(after.received, "unknown", "what the writer knows")


@flow("typing", *_TALK, "updateContact", "sendTyping", own_relay=True)
def typing(world: World) -> None:
    """Where both want it, the other is told in the next slot of the clock that something is being typed."""
    alice, bob = _pair(world)
    _settle(alice, bob, typing=True)
    bob.wait_for("conversation", their_typing=True, timeout=30)
    _settle(bob, alice, typing=True)
    alice.wait_for("conversation", their_typing=True, timeout=30)
    alice.call("sendTyping", Done, recipient=bob.identity)
    world.clock.advance(_SLOT)
    bob.wait_for("typing", identity=alice.identity, timeout=30)


@flow("disappearing", *_TALK, "updateContact", "sendReceipt", own_relay=True)
def disappearing(world: World) -> None:
    """What disappears after a minute is gone on both sides a minute after it was sent and read."""
    alice, bob = _pair(world)
    settled = _settle(alice, bob, expiration=60)
    expect(settled.expiration, 60, "the time that is settled")
    alice.send(bob, "for a minute")
    message = _arrived(bob, "for a minute")
    expect(message.expires_in, 60, "the time that came with it")
    bob.call("sendReceipt", Done, ids=[message.id])
    for _ in range(2):  # its time begins when the client sees that it has left
        world.clock.advance(61)
    bob.wait_for("gone", id=message.id, timeout=30)
    alice.wait_for("gone", timeout=30)
    for one, other in ((alice, bob), (bob, alice)):
        expect("for a minute" in _texts(one, other), False, f"whether {one.name} is shown it")


@flow("deleted-for-both", *_TALK, "remoteDelete")
def deleted(world: World) -> None:
    """What its writer deletes for both sides is gone on both."""
    alice, bob = _pair(world)
    sent = alice.send(bob, "a slip").message
    message = _arrived(bob, "a slip")
    alice.call("remoteDelete", Done, id=sent.id)
    bob.wait_for("change", id=message.id, state="deleted", timeout=30)
    for one, other in ((alice, bob), (bob, alice)):
        expect("a slip" in _texts(one, other), False, f"whether {one.name} is shown it")


@flow("deleted-by-another", *_TALK, "remoteDelete")
def deleted_by_another(world: World) -> None:
    """What somebody else wrote cannot be deleted for both sides."""
    alice, bob = _pair(world)
    alice.send(bob, "mine")
    message = _arrived(bob, "mine")
    try:
        bob.call("remoteDelete", Done, id=message.id)
    except CallError:
        expect("mine" in _texts(alice, bob), True, "whether its writer still has it")
        return
    raise AssertionError("an error was expected, and there was none")


@flow("deleted-here", *_TALK, "deleteMessage")
def deleted_here(world: World) -> None:
    """What is deleted on one device alone stays on the other."""
    alice, bob = _pair(world)
    alice.send(bob, "keep it")
    message = _arrived(bob, "keep it")
    bob.call("deleteMessage", Done, id=message.id)
    bob.wait_for("gone", id=message.id, timeout=30)
    expect(("keep it" in _texts(bob, alice), "keep it" in _texts(alice, bob)), (False, True), "who has it")
