"""Flows of delivery: what is sent arrives, whole, once and in order, whatever happens on its way."""

from __future__ import annotations

from foreseal_client.conformance.flow import expect, flow
from foreseal_client.kit.client import Client
from foreseal_client.kit.world import World
from foreseal_client.rpc.views import MessageView

__all__ = [
    "a_day_later",
    "acknowledgement_cut",
    "altered",
    "answer",
    "answer_lost",
    "both_at_once",
    "delivered_twice",
    "file",
    "longest_text",
    "lost_on_the_way",
    "order",
    "recipient_away",
    "relay_down",
    "relay_sees_nothing",
    "reordered",
    "sender_away",
    "slow",
    "storm",
    "text",
    "three_sizes",
    "two_files",
    "unicode_text",
]

_TALK = ("invite", "acceptInvitation", "listContacts", "send")
_TEXT = "see you at seven, at the station"


def _pair(world: World) -> tuple[Client, Client]:
    alice, bob = world.new_client("Alice"), world.new_client("Bob")
    alice.meet(bob)
    return alice, bob


def _arrived(client: Client, *texts: str) -> list[MessageView]:
    return [client.wait_for("message", text=text, timeout=30) for text in texts]


@flow("text", *_TALK)
def text(world: World) -> None:
    """A text arrives as it was written."""
    alice, bob = _pair(world)
    expect(alice.send(bob, _TEXT).kind, "sent", "the outcome")
    _arrived(bob, _TEXT)


@flow("answer", *_TALK)
def answer(world: World) -> None:
    """Who was written to can answer without an invitation."""
    alice, bob = _pair(world)
    alice.send(bob, _TEXT)
    _arrived(bob, _TEXT)
    expect(bob.send(alice, "I will be there").kind, "sent", "the outcome")
    _arrived(alice, "I will be there")


@flow("unicode", *_TALK)
def unicode_text(world: World) -> None:
    """Signs of every kind arrive unchanged: what a screen may not obey is the screen's to hold back."""
    alice, bob = _pair(world)
    signs = "grüße \u202e \u200d \x1b[31m 你好 🙂 \x00 ."
    alice.send(bob, signs)
    _arrived(bob, signs)


@flow("longest-text", *_TALK)
def longest_text(world: World) -> None:
    """A text of 30,000 bytes arrives, and one of a byte more is refused with an error and sent nowhere."""
    alice, bob = _pair(world)
    alice.send(bob, "x" * 30_000)
    _arrived(bob, "x" * 30_000)
    _refused(alice, bob, "x" * 30_001)


@flow("order", *_TALK)
def order(world: World) -> None:
    """Texts asked for without waiting arrive in the order in which they were asked for."""
    alice, bob = _pair(world)
    texts = [f"part {n}" for n in range(12)]
    calls = alice.calls
    begun = [calls.begin("send", {"recipient": bob.identity, "message": text}) for text in texts]
    for id in begun:
        calls.answer_to(id)
    expect([bob.wait_for("message", timeout=30).text for _ in texts], texts, "the order of arrival")


@flow("both-at-once", *_TALK)
def both_at_once(world: World) -> None:
    """Two people who write at the same moment both arrive."""
    alice, bob = _pair(world)
    alice.send(bob, "first")
    _arrived(bob, "first")
    begun = [(one, one.calls.begin("send", {"recipient": other.identity, "message": f"{one.name} writes"}))
             for one, other in ((alice, bob), (bob, alice)) for _ in range(3)]  # fmt: skip
    for one, id in begun:
        one.calls.answer_to(id)
    _arrived(bob, *["Alice writes"] * 3)
    _arrived(alice, *["Bob writes"] * 3)


@flow("file", *_TALK, "getAttachment")
def file(world: World) -> None:
    """A file arrives byte for byte, with its name."""
    alice, bob = _pair(world)
    picture = world.samples.benign(1)
    alice.send(bob, "look", attachment=picture)
    (message,) = _arrived(bob, "look")
    expect(bob.file(message), picture.data, "the file")
    expect(message.attachments[0].name, picture.name, "its name")


@flow("two-files", *_TALK, "getAttachment")
def two_files(world: World) -> None:
    """Two files of one message arrive in their order."""
    alice, bob = _pair(world)
    pictures = [world.samples.benign(1), world.samples.benign(2)]
    alice.send(bob, "both", attachments=pictures)
    (message,) = _arrived(bob, "both")
    expect([bob.file(message, at) for at in range(2)], [one.data for one in pictures], "the files")


@flow("recipient-away", *_TALK, "connect", "disconnect")
def recipient_away(world: World) -> None:
    """What is sent to somebody who is away is there when they come."""
    alice, bob = _pair(world)
    bob.go_offline()
    expect(alice.send(bob, _TEXT).kind, "sent", "the outcome")
    bob.go_online()
    _arrived(bob, _TEXT)


@flow("sender-away", *_TALK, "connect", "disconnect")
def sender_away(world: World) -> None:
    """A call of a client that is disconnected is an error, and later ones work."""
    alice, bob = _pair(world)
    alice.go_offline()
    _refused(alice, bob, "lost?")
    alice.go_online()
    alice.send(bob, _TEXT)
    _arrived(bob, _TEXT)


@flow("relay-down", *_TALK, own_relay=True)
def relay_down(world: World) -> None:
    """While the relay is down a text is queued, and it arrives once when the relay is back."""
    alice, bob = _pair(world)
    alice.send(bob, "before")
    _arrived(bob, "before")
    with world.faults.relay_down():
        expect(alice.send(bob, _TEXT, wait=1.0).kind, "queued", "the outcome")
    _arrived(bob, _TEXT)
    _once(alice, bob, _TEXT)


@flow("lost-on-the-way", *_TALK, own_relay=True)
def lost_on_the_way(world: World) -> None:
    """An envelope that is lost is sent again."""
    alice, bob = _pair(world)
    world.faults.drop("send")
    alice.send(bob, _TEXT)
    _arrived(bob, _TEXT)
    _came_about(world)


@flow("answer-lost", *_TALK, own_relay=True)
def answer_lost(world: World) -> None:
    """An envelope whose acceptance was lost is sent again, and shown once."""
    alice, bob = _pair(world)
    world.faults.drop("accepted")
    alice.send(bob, _TEXT)
    _arrived(bob, _TEXT)
    _came_about(world)
    _once(alice, bob, _TEXT)


@flow("delivered-twice", *_TALK, own_relay=True)
def delivered_twice(world: World) -> None:
    """An envelope that is delivered twice is shown once."""
    alice, bob = _pair(world)
    world.faults.duplicate("deliver")
    alice.send(bob, _TEXT)
    _arrived(bob, _TEXT)
    _came_about(world)
    _once(alice, bob, _TEXT)


@flow("acknowledgement-cut", *_TALK, own_relay=True)
def acknowledgement_cut(world: World) -> None:
    """A connection that breaks between a delivery and its acknowledgement loses nothing and repeats nothing."""
    alice, bob = _pair(world)
    world.faults.drop("ack", of=bob)
    alice.send(bob, _TEXT)
    _arrived(bob, _TEXT)
    _came_about(world)
    _once(alice, bob, _TEXT)


@flow("reordered", *_TALK, own_relay=True)
def reordered(world: World) -> None:
    """Envelopes that come in another order are all opened."""
    alice, bob = _pair(world)
    alice.send(bob, "first")
    _arrived(bob, "first")
    world.faults.reorder("deliver", times=3, of=bob)
    texts = [f"part {n}" for n in range(3)]
    for text in texts:
        alice.send(bob, text)
    _arrived(bob, *texts)
    _came_about(world)


@flow("slow", *_TALK, "getAttachment", own_relay=True)
def slow(world: World) -> None:
    """Over a slow line a file arrives whole."""
    alice, bob = _pair(world)
    world.faults.slow(400_000)
    alice.send(bob, "slowly", attachment=world.samples.benign(1))
    (message,) = _arrived(bob, "slowly")
    expect(bob.file(message), world.samples.benign(1).data, "the file")


@flow("altered", *_TALK, own_relay=True)
def altered(world: World) -> None:
    """An envelope that was altered on its way is not shown as if nothing had been, and later ones arrive."""
    alice, bob = _pair(world)
    alice.send(bob, "first")
    _arrived(bob, "first")
    world.faults.corrupt("deliver", of=bob)
    alice.send(bob, "this one is altered")
    bob.wait_for("refused", timeout=30)
    alice.send(bob, _TEXT)
    _arrived(bob, _TEXT)
    expect([m.text for m in bob.messages(alice) if m.text == "this one is altered"], [], "what is shown of it")


@flow("storm", *_TALK, own_relay=True)
def storm(world: World) -> None:
    """On a line that loses, repeats and breaks by chance, everything arrives once."""
    alice, bob = _pair(world)
    world.faults.storm(rate=0.3, times=3)
    texts = [f"part {n}" for n in range(8)]
    for text in texts:
        alice.send(bob, text, wait=1.0)
    for text in texts:
        bob.wait_for("message", text=text, timeout=60)
    shown = [m.text for m in bob.messages(alice) if m.direction == "in" and m.text]
    expect(sorted(shown), sorted(texts), "what is shown")


@flow("relay-sees-nothing", *_TALK, own_relay=True)
def relay_sees_nothing(world: World) -> None:
    """Nothing of a text, a file or a name passes by the relay in the clear."""
    alice, bob = _pair(world)
    picture = world.samples.benign(3)
    alice.send(bob, _TEXT, attachment=picture)
    _arrived(bob, _TEXT)
    world.relay.assert_blind(_TEXT.encode(), picture.data, picture.name.encode())


@flow("three-sizes", *_TALK, own_relay=True)
def three_sizes(world: World) -> None:
    """Envelopes have one of three sizes, whatever is in them."""
    alice, bob = _pair(world)
    for length in (1, 5_000, 20_000):
        alice.send(bob, "x" * length)
    sizes = {len(envelope.body) for envelope in world.relay.envelopes}
    expect(sizes <= {4096, 16384, 65536}, True, f"sizes {sorted(sizes)}")


@flow("a-day-later", *_TALK, own_relay=True)
def a_day_later(world: World) -> None:
    """What waits for a day is delivered, and people go on writing after it."""
    alice, bob = _pair(world)
    bob.go_offline()
    alice.send(bob, _TEXT)
    world.clock.advance(days=1)
    bob.go_online()
    _arrived(bob, _TEXT)
    bob.send(alice, "a day later")
    _arrived(alice, "a day later")


def _refused(sender: Client, to: Client, text: str) -> None:
    from foreseal_client.kit.calls import CallError

    try:
        sender.send(to, text)
    except CallError:
        return
    raise AssertionError("an error was expected, and there was none")


def _once(sender: Client, receiver: Client, text: str) -> None:
    """Later mail is through, so that a repetition would have come."""
    sender.send(receiver, "and then this")
    _arrived(receiver, "and then this")
    expect([m.text for m in receiver.messages(sender)].count(text), 1, f"how often {text!r} is shown")


def _came_about(world: World) -> None:
    if not world.faults.happened:
        raise AssertionError("the fault that this flow is about did not come about")
