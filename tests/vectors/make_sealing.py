"""Writes `sealing.json`: what a client has to open, layer by layer, and what it has to refuse.

Run as `python tests/vectors/make_sealing.py`, with `tests` on the path. Everything is made new each time, with random
keys that belong to nobody: ML-KEM and HPKE take no randomness from outside, so vectors run in the opening direction.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from foreseal_client.draft import Draft
from foreseal_client.sealing import curve
from foreseal_client.sealing.attachments import seal_attachments
from foreseal_client.sealing.bundles import open_bundle
from foreseal_client.sealing.handshake import agree
from foreseal_client.sealing.opening import unwrap
from foreseal_client.sealing.ratchet import RatchetState
from foreseal_client.sealing.seal import Recipient, Sealed, Sender, seal
from foreseal_client.sealing.sealed_sender import Inner, seal_body
from foreseal_client.sealing.session import Session
from foreseal_matcher import Cleared, Mode, OnFailure, Policy, decide, screen
from sample_lists import nothing_listed
from two_devices import TODAY, Party

TARGET = Path(__file__).with_name("sealing.json")
NOW = TODAY * 86_400


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sealed(by: Party, to: Party, words: str, session: Session | None, *, one_time: bool = True) -> Sealed:
    cleared = decide(screen(Draft(words), nothing_listed()), Policy(Mode.HOLD, OnFailure.CLOSED))
    assert isinstance(cleared, Cleared)
    recipient = Recipient(to.bundle(one_time=one_time), session)
    return seal(cleared, Sender(by.keys, by.mailbox, None), recipient, seal_attachments(cleared, Path), now=NOW)


def x3dh() -> dict[str, Any]:
    privates = [curve.new_private() for _ in range(4)]
    publics = [curve.public_of(curve.new_private()) for _ in range(4)]
    pairs = list(zip(privates, publics, strict=True))
    return {
        "pairs": [[text(private), text(public)] for private, public in pairs],
        "three": text(agree(pairs[:3])),
        "four": text(agree(pairs)),
    }


def ratchet() -> dict[str, Any]:
    """Bob's state before, and what Alice wrote, in an order in which it opens; one message is never delivered."""
    secret, private = secrets.token_bytes(32), curve.new_private()
    alice = RatchetState.initiate(secret, curve.public_of(private))
    messages = []
    for number in range(4):
        alice, message = alice.encrypt(b"message %d" % number, b"bound")
        messages.append(message)
    arrivals = [{"message": text(msgspec.msgpack.encode(messages[at])), "opens": f"message {at}"} for at in (2, 0, 3)]
    return {"secret": text(secret), "private": text(private), "associated": text(b"bound"), "arrivals": arrivals}


def conversation(bob: Party, *, one_time: bool) -> list[dict[str, Any]]:
    """Bob opens Alice's first message, answers, and opens what follows; then everything that he must refuse."""
    alice = Party()
    first = sealed(alice, bob, "first", None, one_time=one_time)
    second = sealed(alice, bob, "second, overtakes the first", first.session)
    steps = [step("opens", second, "second, overtakes the first"), step("opens", first, "first")]
    session = second.session
    tampered = first.envelope
    refused: list[tuple[str, str, Callable[[Inner], Inner]]] = [
        ("a message of a session that nobody began", "broken",
         lambda inner: msgspec.structs.replace(inner, handshake=None, session=bytes(16))),
        ("a session named beside another's handshake", "fault",
         lambda inner: msgspec.structs.replace(inner, session=bytes(16))),
        ("a round that is none", "fault", lambda inner: msgspec.structs.replace(inner, round=0)),
        ("another version", "fault", lambda inner: msgspec.structs.replace(inner, version=2)),
        ("a message in somebody else's name", "fault",
         lambda inner: msgspec.structs.replace(inner, sender=Party().keys.identity_public)),
    ]  # fmt: skip
    fresh = sealed(alice, bob, "third", session)
    session = fresh.session
    for why, outcome, change in refused:
        inner = change(unwrap(fresh.envelope.body, bob.prekeys, bob.mailbox))
        body = seal_body(inner, bob.bundle(one_time=False).payload)
        steps.append(step(outcome, msgspec.structs.replace(fresh, envelope=msgspec.structs.replace(
            fresh.envelope, body=body)), why))  # fmt: skip
    flipped = bytearray(tampered.body)
    flipped[1200] ^= 1
    for why, outcome, changes in (
        ("one bit flipped", "fault", {"body": bytes(flipped)}),
        ("another commitment", "broken", {"commitment": bytes(32)}),
        ("another envelope id", "broken", {"eid": bytes(16)}),
    ):
        envelope = msgspec.structs.replace(fresh.envelope if outcome == "broken" else tampered, **changes)
        steps.append(step(outcome, msgspec.structs.replace(fresh, envelope=envelope), why))
    steps.append(step("broken", first, "a repetition under the same id, for a client that forgot the id"))
    steps.append(step("opens", fresh, "third"))
    return steps


def step(outcome: str, made: Sealed, said: str) -> dict[str, Any]:
    envelope = made.envelope
    return {
        outcome: said, "eid": text(envelope.eid), "commitment": text(envelope.commitment), "body": text(envelope.body),
    }  # fmt: skip


def letters() -> list[dict[str, Any]]:
    """Contents as they stand in a letter: those that a client reads, and those that it refuses whole."""
    eid, plain = bytes(range(16)), [1, 60, "text", [], None, [], b""]
    read = [
        ("without notes", plain),
        ("notes that say nothing", [*plain, None]),
        ("a timer", [*plain, [60, [1, 60], 0, [], [], [], False]]),
        ("everything that can be said", [*plain, [31_536_000, [2**31 - 1, 30], 3, [eid], [eid], [eid], True]]),
        (
            "elements and settings of a later version",
            [*plain, [0, [0, 0, "more"], 255, [], [], [], False, "more"], [], "more"],
        ),
    ]
    refused = [
        ("a time that is too short", [*plain, [29]]),
        ("a time that is too long", [*plain, [31_536_001]]),
        ("a time before the letter", [*plain, [-1]]),
        ("a timer that is too short", [*plain, [0, [1, 1]]]),
        ("a number that is too high", [*plain, [0, [2**31, 60]]]),
        ("settings that are none", [*plain, [0, [0, 0], -1]]),
        ("an id that is too short", [*plain, [0, [0, 0], 0, [eid[1:]]]]),
        ("too many ids", [*plain, [0, [0, 0], 0, [], [eid] * 33]]),
        ("notes that are a map", [*plain, {"fades": 60}]),
    ]
    return [
        {outcome: said, "content": text(msgspec.msgpack.encode(content))}
        for outcome, cases in (("opens", read), ("fault", refused))
        for said, content in cases
    ]


def main() -> None:
    bob = Party()
    published = bob.signed_one_time()
    conversations = [conversation(bob, one_time=True), conversation(bob, one_time=False)]
    signed = bob.signed_bundle()
    open_bundle(signed, published, bob.keys.identity_public, bob.mailbox, TODAY)
    vectors = {
        "today": TODAY,
        "device": {"keys": text(msgspec.msgpack.encode(bob.keys)), "prekeys": text(bob.prekeys.save())},
        "bundle": {
            "bundle": text(signed), "one_time": text(published), "identity": text(bob.keys.identity_public),
            "mailbox": text(bob.mailbox), "good_from": TODAY - 30, "good_until": TODAY + 30,
        },
        "x3dh": x3dh(),
        "ratchet": ratchet(),
        "conversations": conversations,
        "letters": letters(),
    }  # fmt: skip
    TARGET.write_text(json.dumps(vectors, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
