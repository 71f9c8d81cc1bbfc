"""Flows of the check: what is held, what passes, what is withheld, and what happens when it cannot be made."""

from __future__ import annotations

from foreseal_client.conformance.flow import expect, flow
from foreseal_client.kit.calls import CallError
from foreseal_client.kit.client import Client
from foreseal_client.kit.samples import LISTED_LINK
from foreseal_client.kit.world import World
from foreseal_client.rpc.methods.messages import Outcome
from foreseal_client.rpc.views import MessageView, PolicyView

__all__ = [
    "check_alone",
    "false_match",
    "held",
    "held_at_the_limit",
    "held_makes_no_traffic",
    "held_then_text",
    "list_mended",
    "listed_later",
    "listed_link",
    "near_miss",
    "no_list_closed",
    "no_list_open",
    "no_override",
    "observe",
    "off",
    "one_of_two",
    "only_tightens",
    "stale_list",
    "stays_withheld",
    "tampered_list",
    "unreadable",
    "warn_then_anyway",
    "withheld",
]

_TALK = ("invite", "acceptInvitation", "listContacts", "send")
_POLICY = (*_TALK, "test.setPolicy")
_LISTS = (*_TALK, "test.setLists")


def _pair(world: World) -> tuple[Client, Client]:
    alice, bob = world.new_client("Alice"), world.new_client("Bob")
    alice.meet(bob)
    alice.send(bob, "first")
    bob.wait_for("message", text="first", timeout=30)
    return alice, bob


def _held(outcome: Outcome, kind: str = "match") -> Outcome:
    expect((outcome.kind, outcome.verdict.kind), ("held", kind), "outcome and verdict")
    return outcome


@flow("held", *_TALK)
def held(world: World) -> None:
    """Under hold a listed picture is not sent: that is a normal result with its verdict."""
    alice, bob = _pair(world)
    _held(alice.send(bob, attachment=world.samples.listed(0)))


@flow("held-at-the-limit", *_TALK)
def held_at_the_limit(world: World) -> None:
    """A picture exactly at the limit of a match is held."""
    alice, bob = _pair(world)
    _held(alice.send(bob, attachment=world.samples.listed(31)))


@flow("near-miss", *_TALK)
def near_miss(world: World) -> None:
    """A picture just beyond the limit passes."""
    alice, bob = _pair(world)
    expect(alice.send(bob, "near", attachment=world.samples.near_miss()).kind, "sent", "the outcome")
    bob.wait_for("message", text="near", timeout=30)


@flow("false-match", *_TALK, "listHolds", "explainMatch")
def false_match(world: World) -> None:
    """A harmless picture that resembles an entry is held too, is kept, and why is said without blame."""
    alice, bob = _pair(world)
    outcome = _held(alice.send(bob, attachment=world.samples.false_match()))
    kept = alice.call("listHolds", list[MessageView])
    expect([one.id for one in kept], [outcome.message.id], "what is kept of it")
    said = alice.call("explainMatch", dict[str, object], id=outcome.message.id)
    expect("can be wrong" in str(said["text"]), True, "that it can be wrong")


@flow("held-makes-no-traffic", *_TALK, own_relay=True)
def held_makes_no_traffic(world: World) -> None:
    """Whether something was held cannot be told from outside: no envelope leaves."""
    alice, bob = _pair(world)
    before = len(world.relay.envelopes)
    _held(alice.send(bob, attachment=world.samples.listed(3)))
    expect(len(world.relay.envelopes), before, "envelopes")


@flow("held-then-text", *_TALK)
def held_then_text(world: World) -> None:
    """After a held picture a text goes out as ever."""
    alice, bob = _pair(world)
    _held(alice.send(bob, attachment=world.samples.listed(3)))
    alice.send(bob, "and a text")
    bob.wait_for("message", text="and a text", timeout=30)


@flow("one-of-two-listed", *_TALK)
def one_of_two(world: World) -> None:
    """A message of which one file is listed is held whole."""
    alice, bob = _pair(world)
    _held(alice.send(bob, "both", attachments=[world.samples.benign(1), world.samples.listed(3)]))


@flow("hold-has-no-override", *_TALK)
def no_override(world: World) -> None:
    """Under hold a person cannot send a match anyway."""
    alice, bob = _pair(world)
    outcome = _held(alice.send(bob, attachment=world.samples.listed(3), acknowledged=True))
    expect(outcome.may_override, False, "whether it may be overridden")


@flow("warn-then-anyway", *_POLICY, "resolveHold")
def warn_then_anyway(world: World) -> None:
    """Under warn a person may send a match anyway."""
    alice, bob = _pair(world)
    world.set_policy("warn")
    outcome = _held(alice.send(bob, "anyway", attachment=world.samples.listed(3)))
    expect(outcome.may_override, True, "whether it may be overridden")
    after = alice.call("resolveHold", Outcome, id=outcome.message.id, action="anyway")
    expect(after.kind, "sent", "the outcome of sending it anyway")
    bob.wait_for("message", timeout=30)


@flow("observe", *_POLICY)
def observe(world: World) -> None:
    """Under observe a match passes, with its verdict kept."""
    alice, bob = _pair(world)
    world.set_policy("observe")
    outcome = alice.send(bob, "seen", attachment=world.samples.listed(3))
    expect((outcome.kind, outcome.verdict.kind), ("sent", "match"), "outcome and verdict")
    bob.wait_for("message", text="seen", timeout=30)


@flow("off", *_POLICY)
def off(world: World) -> None:
    """Under off a match passes, and nothing is kept of the check."""
    alice, bob = _pair(world)
    world.set_policy("off")
    outcome = alice.send(bob, "unseen", attachment=world.samples.listed(3))
    expect((outcome.kind, outcome.verdict.kind), ("sent", "clear"), "outcome and verdict")
    bob.wait_for("message", text="unseen", timeout=30)


@flow("policy-only-tightens", *_TALK, "getPolicy", "setPolicy")
def only_tightens(world: World) -> None:
    """Without the methods for tests a policy cannot be loosened."""
    alice = world.new_client("Alice")
    try:
        alice.call("setPolicy", PolicyView, mode="off")
    except CallError:
        expect(alice.call("getPolicy", PolicyView).mode, "hold", "the policy")
        return
    raise AssertionError("an error was expected, and there was none")


@flow("listed-link", *_TALK)
def listed_link(world: World) -> None:
    """A text with a listed link is held, and the text without it passes."""
    alice, bob = _pair(world)
    _held(alice.send(bob, f"look at {LISTED_LINK} now"))
    alice.send(bob, "look at https://other.example/page now")
    bob.wait_for("message", text="look at https://other.example/page now", timeout=30)


@flow("check-alone", "checkAttachment", "checkLink")
def check_alone(world: World) -> None:
    """A check can be asked for without sending."""
    alice = world.new_client("Alice")
    found = alice.call("checkLink", dict[str, object], link=LISTED_LINK)
    expect(found["held"], True, "the listed link")
    found = alice.call("checkLink", dict[str, object], link="https://other.example/")
    expect(found["held"], False, "another link")


@flow("withheld", *_POLICY, "getAttachment")
def withheld(world: World) -> None:
    """A listed picture that arrives is withheld: neither its text nor its file is given out."""
    alice, bob = _pair(world)
    alice.set_policy("off")
    alice.send(bob, "hm", attachment=world.samples.listed(4))
    message = bob.wait_for("message", timeout=30)
    expect((message.state, message.text, message.attachments), ("withheld", None, ()), "what is given out")


@flow("withheld-stays-under-hold", *_POLICY, "reveal")
def stays_withheld(world: World) -> None:
    """Under hold a withheld message cannot be revealed; under warn it can."""
    alice, bob = _pair(world)
    alice.set_policy("off")
    alice.send(bob, "hm", attachment=world.samples.listed(4))
    message = bob.wait_for("message", timeout=30)
    expect(bob.call("reveal", Outcome, id=message.id).kind, "held", "revealing under hold")
    bob.set_policy("warn")
    expect(bob.call("reveal", Outcome, id=message.id).message.text, "hm", "the text, revealed under warn")


@flow("no-list-closed", *_LISTS, own_relay=True)
def no_list_closed(world: World) -> None:
    """Without a list nothing that needs one is sent under fail-closed, and texts are."""
    alice, bob = _pair(world)
    world.faults.list_missing(alice)
    _held(alice.send(bob, attachment=world.samples.benign(1)), "unreadable")
    expect(alice.send(bob, "a text needs no list").kind, "sent", "a text")


@flow("no-list-open", *_LISTS, "test.setPolicy", own_relay=True)
def no_list_open(world: World) -> None:
    """Without a list everything is sent under fail-open, and said to be unchecked."""
    alice, bob = _pair(world)
    world.faults.list_missing(alice)
    alice.set_policy("hold", "fail-open")
    outcome = alice.send(bob, attachment=world.samples.benign(1))
    expect((outcome.kind, outcome.verdict.kind), ("sent", "unreadable"), "outcome and verdict")


@flow("stale-list", *_LISTS, own_relay=True)
def stale_list(world: World) -> None:
    """A list that is too old is none, and the reason is said."""
    alice, bob = _pair(world)
    world.faults.list_stale(alice)
    outcome = _held(alice.send(bob, attachment=world.samples.benign(1)), "unreadable")
    expect(outcome.verdict.reasons, ("list_stale",), "the reason")


@flow("tampered-list", *_LISTS, own_relay=True)
def tampered_list(world: World) -> None:
    """A list in which a byte was changed is none, and the reason is said."""
    alice, bob = _pair(world)
    world.faults.list_tampered(alice)
    outcome = _held(alice.send(bob, attachment=world.samples.benign(1)), "unreadable")
    expect(outcome.verdict.reasons, ("list_damaged",), "the reason")


@flow("list-mended", *_LISTS, "resolveHold", own_relay=True)
def list_mended(world: World) -> None:
    """What was held because there was no list can be sent once there is one."""
    alice, bob = _pair(world)
    world.faults.list_missing(alice)
    outcome = _held(alice.send(bob, "later", attachment=world.samples.benign(1)), "unreadable")
    world.faults.list_mended(alice)
    alice.wait_for("change", id=outcome.message.id, state="released", timeout=30)
    expect(alice.call("resolveHold", Outcome, id=outcome.message.id).kind, "sent", "sending it again")
    bob.wait_for("message", text="later", timeout=30)


@flow("list-update-in-mid-chat", *_LISTS)
def listed_later(world: World) -> None:
    """A picture that was shown before it was listed is hidden once it is, and no one is told."""
    alice, bob = _pair(world)
    picture = world.samples.benign(2)
    alice.send(bob, "not listed yet", attachment=picture)
    message = bob.wait_for("message", text="not listed yet", timeout=30)
    newer = world.samples.list_folder.parent / "listed-later"
    world.samples.write_list(newer, world.samples.entries_of(picture))
    bob.set_lists(newer)
    bob.wait_for("change", id=message.id, state="withheld", timeout=30)
    expect(alice.messages(bob)[-1].state, "sent", "what the sender's device says")


@flow("unreadable-picture", *_TALK)
def unreadable(world: World) -> None:
    """A picture that cannot be read is never clear: under fail-closed it is held."""
    alice, bob = _pair(world)
    cut = world.samples.benign(1).data[:2000]
    _held(alice.send(bob, attachment=cut), "unreadable")
