"""Flows between people: invitations, blocking, safety numbers."""

from __future__ import annotations

from foreseal_client.conformance.flow import expect, flow
from foreseal_client.kit.calls import CallError
from foreseal_client.kit.client import Client
from foreseal_client.kit.world import World
from foreseal_client.rpc.methods.people import Text
from foreseal_client.rpc.views import ContactView, IdentityView

__all__ = [
    "blocked",
    "expired",
    "invitation",
    "own_invitation",
    "safety_numbers",
    "same_name",
    "slip",
    "unblocked",
    "unknown",
]

_TALK = ("invite", "acceptInvitation", "listContacts", "send")


def _talking(world: World) -> tuple[Client, Client]:
    alice, bob = world.new_client("Alice"), world.new_client("Bob")
    alice.send(bob, "first")
    bob.wait_for("message", text="first", timeout=30)
    return alice, bob


def _error(client: Client, method: str, **params: object) -> int:
    try:
        client.call(method, object, **params)
    except CallError as error:
        return error.code
    raise AssertionError(f"an error was expected of {method}, and there was none")


@flow("invitation", *_TALK)
def invitation(world: World) -> None:
    """Who accepts an invitation is a contact of the inviter with their first message."""
    _, bob = _talking(world)
    expect([one.standing for one in bob.call("listContacts", list[ContactView])], ["accepted"], "bob's contacts")


@flow("own-invitation", *_TALK)
def own_invitation(world: World) -> None:
    """One's own invitation is refused."""
    alice = world.new_client("Alice")
    _error(alice, "acceptInvitation", invitation=alice.call("invite", Text).text)


@flow("slip-in-invitation", *_TALK)
def slip(world: World) -> None:
    """An invitation with a slip in it is refused, and makes nobody a contact."""
    alice, bob = world.new_client("Alice"), world.new_client("Bob")
    text = bob.call("invite", Text).text
    slipped = text[:40] + ("A" if text[40] != "A" else "B") + text[41:]
    _error(alice, "acceptInvitation", invitation=slipped)
    expect(alice.call("listContacts", list[ContactView]), [], "alice's contacts")


@flow("expired-invitation", *_TALK, own_relay=True)
def expired(world: World) -> None:
    """An invitation of eight days ago opens nothing."""
    alice, bob = world.new_client("Alice"), world.new_client("Bob")
    text = bob.call("invite", Text).text
    world.clock.advance(days=8)
    _error(alice, "acceptInvitation", invitation=text)


@flow("unknown-recipient", *_TALK)
def unknown(world: World) -> None:
    """To write to nobody is an error."""
    alice = world.new_client("Alice")
    expect(_error(alice, "send", recipient="nobody", message="hello"), 23, "the error's code")


@flow("blocked", *_TALK, "block")
def blocked(world: World) -> None:
    """What somebody blocked writes is not shown."""
    alice, bob = _talking(world)
    bob.call("block", ContactView, recipient=alice.identity)
    alice.send(bob, "are you there", wait=1.0)
    alice.send(bob, "hello?", wait=1.0)
    shown = [message.text for message in bob.messages(alice)]
    expect([text for text in shown if text in ("are you there", "hello?")], [], "what bob is shown")


@flow("unblocked", *_TALK, "block", "unblock")
def unblocked(world: World) -> None:
    """Who is let in again is heard again."""
    alice, bob = _talking(world)
    bob.send(alice, "an answer")
    alice.wait_for("message", text="an answer", timeout=30)
    bob.call("block", ContactView, recipient=alice.identity)
    bob.call("unblock", ContactView, recipient=alice.identity)
    bob.send(alice, "I was wrong")
    alice.wait_for("message", text="I was wrong", timeout=30)
    alice.send(bob, "never mind")
    bob.wait_for("message", text="never mind", timeout=30)


@flow("safety-numbers", *_TALK, "listIdentities", "trust")
def safety_numbers(world: World) -> None:
    """Both sides have the same safety number; the right one marks somebody verified, another one does not."""
    alice, bob = _talking(world)
    (hers,), (his,) = (one.call("listIdentities", list[IdentityView]) for one in (alice, bob))
    expect(hers.safety_number, his.safety_number, "the numbers")
    wrong = "0" * 5 + hers.safety_number[5:]
    _error(alice, "trust", recipient=bob.identity, verifiedSafetyNumber=wrong)
    after = alice.call("trust", IdentityView, recipient=bob.identity, verifiedSafetyNumber=his.safety_number)
    expect(after.verified, True, "whether bob is verified")


@flow("same-name", *_TALK, "listIdentities", "trust")
def same_name(world: World) -> None:
    """Somebody new with the name of a contact is a change of key: nothing leaves before a person has looked."""
    alice, _ = _talking(world)
    again = world.new_client("Bob")
    alice.accept(again)
    alice.wait_for("keyChange", timeout=30)
    expect(alice.send(again, "is it you?").message.state, "paused", "what becomes of a message")
    alice.call("trust", IdentityView, recipient=again.identity, trustAllKnownKeys=True)
    again.wait_for("message", text="is it you?", timeout=30)
