"""Flows between strangers: who has only a card asks first, and is shown as words until somebody decides."""

from __future__ import annotations

from foreseal_client.conformance.flow import expect, flow
from foreseal_client.kit.calls import CallError
from foreseal_client.kit.client import Client
from foreseal_client.kit.world import World
from foreseal_client.rpc.methods.accounts import Done
from foreseal_client.rpc.methods.requests import RequestView
from foreseal_client.rpc.views import AccountView, ContactView

__all__ = ["request_accepted", "request_blocked", "request_left", "requests_closed"]

_ASK = ("listAccounts", "listContacts", "send", "addByCard")
_DECIDE = (*_ASK, "takeRequests", "listMessageRequests", "sendMessageRequestResponse")


def _asked(world: World, text: str = "do you know me?") -> tuple[Client, Client, RequestView]:
    """Alice wrote to Bob, of whom she has the card alone."""
    alice, bob = world.new_client("Alice"), world.new_client("Bob")
    bob.call("takeRequests", Done, taken=True)
    _add(alice, bob)
    alice.send(bob, text)
    bob.wait_for("requests", count=1, timeout=30)
    (request,) = bob.call("listMessageRequests", list[RequestView])
    return alice, bob, request


def _add(client: Client, other: Client) -> ContactView:
    (account,) = other.call("listAccounts", list[AccountView])
    return client.call("addByCard", ContactView, card=account.card)


def _decide(client: Client, request: RequestView, decision: str) -> ContactView:
    return client.call("sendMessageRequestResponse", ContactView, recipient=request.identity, type=decision)


@flow("request-accepted", *_DECIDE)
def request_accepted(world: World) -> None:
    """A stranger's words are shown with no link that could be opened; once let in, the two write to each other."""
    alice, bob, request = _asked(world, "see https://other.example/page")
    expect((request.name, "https://" in request.text), ("Alice", False), "name, and whether a link can be opened")
    expect(_decide(bob, request, "accept").standing, "accepted", "the stranger's standing")
    bob.wait_for("message", text="see https://other.example/page", timeout=30)
    bob.wait_for("contact", identity=alice.identity, answered=True, timeout=30)
    bob.send(alice, "now I do")
    alice.wait_for("message", text="now I do", timeout=30)


@flow("request-left", *_DECIDE, own_relay=True)
def request_left(world: World) -> None:
    """A request that is left makes no traffic and is not counted any more; it is still there."""
    _, bob, request = _asked(world)
    before = len(world.relay.envelopes)
    _decide(bob, request, "leave")
    bob.wait_for("requests", count=0, timeout=30)
    expect(len(world.relay.envelopes), before, "envelopes")
    expect([one.left for one in bob.call("listMessageRequests", list[RequestView])], [True], "what is left of it")


@flow("request-blocked", *_DECIDE)
def request_blocked(world: World) -> None:
    """Of a stranger who was blocked nothing is shown, then or later."""
    alice, bob, request = _asked(world)
    expect(_decide(bob, request, "block").standing, "blocked", "the stranger's standing")
    alice.send(bob, "why not?", wait=1.0)
    expect(bob.call("listMessageRequests", list[RequestView]), [], "who asks")
    expect([message.text for message in bob.messages(alice)], [], "what bob is shown")


@flow("requests-closed", *_ASK)
def requests_closed(world: World) -> None:
    """Where nobody asked for strangers, whoever has the card reaches nobody."""
    alice, bob = world.new_client("Alice"), world.new_client("Bob")
    try:
        _add(alice, bob)
    except CallError as refused:
        expect(refused.code, 12, "the error's code")
        return
    raise AssertionError("an error was expected, and there was none")
