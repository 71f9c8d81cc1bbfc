"""`tests/vectors/sealing.json`: what opens and what is refused, layer by layer."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from foreseal_client.errors import BrokenSessionError, PeerFaultError
from foreseal_client.sealing.bundles import open_bundle
from foreseal_client.sealing.handshake import agree
from foreseal_client.sealing.keys import DeviceKeys
from foreseal_client.sealing.letter import decode_letter
from foreseal_client.sealing.opening import open_inner, unwrap
from foreseal_client.sealing.prekeys import Prekeys
from foreseal_client.sealing.ratchet import RatchetMessage, RatchetState
from foreseal_client.sealing.sessions import Sessions
from foreseal_relay.wire import mailbox_of

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "sealing.json").read_text(encoding="utf-8"))
TODAY: int = VECTORS["today"]
OUTCOMES = ("opens", "fault", "broken")


def raw(text: str) -> bytes:
    return base64.b64decode(text)


def test_the_bundle_is_good_on_its_days_and_no_others() -> None:
    each = VECTORS["bundle"]
    bundle, one_time, identity, mailbox = (raw(each[name]) for name in ("bundle", "one_time", "identity", "mailbox"))
    for day in (each["good_from"], each["good_until"]):
        assert open_bundle(bundle, one_time, identity, mailbox, day).one_time is not None
    for day in (each["good_from"] - 1, each["good_until"] + 1):
        with pytest.raises(PeerFaultError):
            open_bundle(bundle, one_time, identity, mailbox, day)


def test_x3dh_gives_the_secret() -> None:
    pairs = [(raw(private), raw(public)) for private, public in VECTORS["x3dh"]["pairs"]]
    assert agree(pairs[:3]) == raw(VECTORS["x3dh"]["three"])
    assert agree(pairs) == raw(VECTORS["x3dh"]["four"])


def test_the_ratchet_opens_what_arrives_in_that_order() -> None:
    each = VECTORS["ratchet"]
    arrivals = [
        (msgspec.msgpack.decode(raw(at["message"]), type=RatchetMessage), at["opens"]) for at in each["arrivals"]
    ]
    state = RatchetState.respond(raw(each["secret"]), raw(each["private"]), arrivals[0][0])
    for message, expected in arrivals:
        state, plain = state.decrypt(message, raw(each["associated"]), TODAY)
        assert plain.decode() == expected
    assert [key.number for key in state.skipped] == [1]


@pytest.mark.parametrize("steps", VECTORS["conversations"], ids=["with-one-time-prekey", "last-resort"])
def test_each_envelope_of_a_conversation_opens_or_is_refused_as_it_says(steps: list[dict[str, Any]]) -> None:
    keys = msgspec.msgpack.decode(raw(VECTORS["device"]["keys"]), type=DeviceKeys)
    prekeys, mailbox = Prekeys.restore(raw(VECTORS["device"]["prekeys"])), mailbox_of(keys.login_public)
    sessions = Sessions()
    for step in steps:
        ((outcome, said),) = ((name, step[name]) for name in OUTCOMES if name in step)
        try:
            opened = open_inner(
                unwrap(raw(step["body"]), prekeys, mailbox), raw(step["commitment"]), raw(step["eid"]), keys=keys,
                prekeys=prekeys, mailbox=mailbox, sessions=sessions, today=TODAY,
            )  # fmt: skip
        except BrokenSessionError:
            assert outcome == "broken", said
        except PeerFaultError:
            assert outcome == "fault", said
        else:
            assert (outcome, opened.content.text) == ("opens", said)
            sessions = sessions.put(opened.session, TODAY)
            prekeys = prekeys.without(opened.spent) if opened.spent else prekeys


def test_a_first_message_of_a_session_that_was_forgotten_does_not_begin_it_again() -> None:
    """On the last-resort key nothing else would stop it: its keys are still there."""
    keys = msgspec.msgpack.decode(raw(VECTORS["device"]["keys"]), type=DeviceKeys)
    prekeys, mailbox = Prekeys.restore(raw(VECTORS["device"]["prekeys"])), mailbox_of(keys.login_public)
    step = VECTORS["conversations"][1][0]
    inner = unwrap(raw(step["body"]), prekeys, mailbox)
    with pytest.raises(BrokenSessionError, match="repeated, or is too late"):
        open_inner(
            inner, raw(step["commitment"]), raw(step["eid"]), keys=keys, prekeys=prekeys, mailbox=mailbox,
            sessions=Sessions.after_round(inner.round), today=TODAY,
        )  # fmt: skip


@pytest.mark.parametrize("letter", VECTORS["letters"], ids=lambda letter: letter.get("opens") or letter["fault"])
def test_each_letter_is_read_or_refused_as_it_says(letter: dict[str, str]) -> None:
    content = raw(letter["content"])
    if "opens" in letter:
        assert decode_letter(content).text == "text"
    else:
        with pytest.raises(PeerFaultError):
            decode_letter(content)


def test_the_vectors_hold_refusals_of_both_kinds() -> None:
    names = [name for steps in VECTORS["conversations"] for step in steps for name in OUTCOMES if name in step]
    assert {name: names.count(name) for name in OUTCOMES} == {"opens": 6, "fault": 10, "broken": 8}
