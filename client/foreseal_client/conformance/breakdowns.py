"""Flows of what goes wrong inside: checks that hang or cannot be made, and disks that are full."""

from __future__ import annotations

from foreseal_client.conformance.flow import expect, flow
from foreseal_client.kit.calls import CallError
from foreseal_client.kit.client import Client
from foreseal_client.kit.world import World
from foreseal_client.rpc.methods.messages import Outcome

__all__ = [
    "check_fails",
    "check_hangs",
    "disk_full_at_the_recipient",
    "disk_full_at_the_relay",
    "disk_full_at_the_sender",
]

_TALK = ("invite", "acceptInvitation", "listContacts", "send", "listMessages")
_FAULT = (*_TALK, "test.setFault")
_TEXT = "more than fits " * 1000
"""Longer than any page of a store in which there may be room."""


def _talking(world: World) -> tuple[Client, Client]:
    alice, bob = world.new_client("Alice"), world.new_client("Bob")
    alice.meet(bob)
    alice.send(bob, "before")
    bob.wait_for("message", text="before", timeout=30)
    return alice, bob


def _once(alice: Client, bob: Client) -> None:
    bob.wait_for("message", text=_TEXT, timeout=60)
    alice.send(bob, "after", wait=30)
    bob.wait_for("message", text="after", timeout=60)
    shown = [message.text for message in bob.messages(alice)]
    expect((shown.count("before"), shown.count(_TEXT), shown.count("after")), (1, 1, 1), "how often each is shown")


@flow("check-hangs", *_FAULT, own_relay=True)
def check_hangs(world: World) -> None:
    """While a check hangs nothing of what it is about leaves, other calls are answered, and then it is sent."""
    alice, bob = _talking(world)
    before = len(world.relay.envelopes)
    picture = world.samples.benign(1)
    with world.faults.check_hangs(alice):
        begun = alice.begin_send(bob, "with a picture", attachment=picture)
        expect(alice.knows(bob), True, "whether another call is answered")
        expect(len(world.relay.envelopes), before, "envelopes while it hangs")
    expect(alice.answered(begun, Outcome).kind, "sent", "the outcome")
    bob.wait_for("message", text="with a picture", timeout=30)


@flow("check-fails", *_FAULT, "test.setPolicy", own_relay=True)
def check_fails(world: World) -> None:
    """What a check broke off at is unreadable and never clear: held under fail-closed, sent under fail-open."""
    alice, bob = _talking(world)
    with world.faults.check_fails(alice):
        outcome = alice.send(bob, attachment=world.samples.benign(1))
        expect((outcome.kind, outcome.verdict.kind), ("held", "unreadable"), "outcome and verdict")
        alice.set_policy("hold", "fail-open")
        outcome = alice.send(bob, attachment=world.samples.benign(1))
        expect((outcome.kind, outcome.verdict.kind), ("sent", "unreadable"), "outcome and verdict, fail-open")
        expect(alice.send(bob, attachment=world.samples.listed(3)).kind, "held", "what is found all the same")


@flow("disk-full-at-the-sender", *_FAULT, own_relay=True)
def disk_full_at_the_sender(world: World) -> None:
    """On a full disk a draft is refused with an error, sent nowhere and kept nowhere; with room it is sent once."""
    alice, bob = _talking(world)
    with world.faults.disk_full(alice):
        try:
            alice.send(bob, _TEXT)
        except CallError:
            expect([m.text for m in alice.messages(bob) if m.text == _TEXT], [], "what is kept of it")
        else:
            raise AssertionError("an error was expected, and there was none")
    alice.send(bob, _TEXT)
    _once(alice, bob)


@flow("disk-full-at-the-recipient", *_FAULT, own_relay=True)
def disk_full_at_the_recipient(world: World) -> None:
    """What arrives at a full disk waits at the relay, and is shown once when there is room."""
    alice, bob = _talking(world)
    with world.faults.disk_full(bob):
        expect(alice.send(bob, _TEXT).kind, "sent", "the outcome")
        bob.wait_for("connection", online=False, timeout=30)
        expect([m.text for m in bob.messages(alice) if m.text == _TEXT], [], "what is shown meanwhile")
    _once(alice, bob)


@flow("disk-full-at-the-relay", *_TALK, own_relay=True)
def disk_full_at_the_relay(world: World) -> None:
    """What a relay has no room for is queued, and arrives once when there is."""
    alice, bob = _talking(world)
    with world.faults.disk_full():
        expect(alice.send(bob, _TEXT, wait=1.0).kind, "queued", "the outcome")
    _once(alice, bob)
