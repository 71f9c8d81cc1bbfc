"""The fixtures of the plugin, as a suite elsewhere would use them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from foreseal_client.kit.calls import CallError
from foreseal_client.kit.client import Client
from foreseal_client.kit.faults import Faults
from foreseal_client.kit.relay import BlindError, TestRelay
from foreseal_client.kit.samples import Samples
from foreseal_client.kit.spoiling import Fault
from foreseal_client.kit.transcript import Transcript, read_transcript
from foreseal_client.kit.world import Clock
from foreseal_client.rpc.methods.messages import Outcome
from foreseal_client.rpc.views import ContactView

TEXT = "see you at seven, at the station"


def test_a_text_arrives_and_the_relay_learns_nothing_of_it(alice: Client, bob: Client, relay: TestRelay) -> None:
    assert alice.send(bob, TEXT).kind == "sent"
    assert bob.wait_for("message").text == TEXT
    assert relay.envelopes
    relay.assert_blind(TEXT.encode())
    with pytest.raises(BlindError, match="what passed"):
        relay.assert_blind(bob.mailbox)


@pytest.mark.parametrize("distance", [0, 31])
def test_a_listed_picture_lies_exactly_as_far_away_as_was_asked(
    alice: Client, pics: Samples, rpc: Callable[..., Any], distance: int
) -> None:
    (alice.calls, pics.listed(distance))
    found = rpc(alice, "checkAttachment", attachment=_brought(pics.listed(distance).data))
    assert (found["held"], found["verdict"]["distance"]) == (True, distance)


def test_a_near_miss_passes_and_a_false_match_is_held(alice: Client, pics: Samples, rpc: Callable[..., Any]) -> None:
    held = [
        rpc(alice, "checkAttachment", attachment=_brought(one.data))["held"]
        for one in (pics.near_miss(), pics.benign(3), pics.false_match())
    ]
    assert held == [False, False, True]
    for beyond in (-1, 32):
        with pytest.raises(ValueError, match="0 to 31"):
            pics.listed(beyond)


def test_somebody_who_is_blocked_without_a_connection_is_not_heard_after_it(
    alice: Client, bob: Client, carol: Client
) -> None:
    for other in (bob, carol):
        alice.meet(other)
    alice.go_offline()
    assert alice.call("block", ContactView, recipient=bob.identity).standing == "blocked"
    assert bob.send(alice, TEXT).kind == "sent"
    assert carol.send(alice, "written after it").kind == "sent"
    alice.go_online()
    assert alice.wait_for("message").text == "written after it"
    assert TEXT not in [message.text for message in alice.messages(bob)]


@pytest.mark.foreseal_policy("warn", "fail-open")
def test_a_marker_sets_the_policy_of_one_test(alice: Client, rpc: Callable[..., Any]) -> None:
    assert rpc(alice, "getPolicy")["mode"] == "warn"
    assert rpc(alice, "getPolicy")["onFailure"] == "fail-open"


def test_waiting_for_what_does_not_come_says_what_came_instead(alice: Client, bob: Client) -> None:
    alice.send(bob, "this")
    with pytest.raises(TimeoutError, match=r"waited 1 s for message, text='that'. Not taken: .*this"):
        bob.wait_for("message", text="that", timeout=1)


def test_a_clock_moves_for_everybody_and_never_back(alice: Client, bob: Client, clock: Clock) -> None:
    clock.advance(days=2)
    sent = alice.send(bob, "two days on").message
    assert sent.timestamp == clock.now
    assert bob.wait_for("message").timestamp == clock.now
    with pytest.raises(ValueError, match="never back"):
        clock.advance(-1)


def test_a_fault_comes_about_as_often_as_was_asked(alice: Client, bob: Client, faults: Faults) -> None:
    alice.meet(bob)
    faults.duplicate("deliver", times=1, of=bob)
    for text in ("one", "two"):
        alice.send(bob, text)
        bob.wait_for("message", text=text)
    assert faults.happened == [("deliver", Fault.DUPLICATE)]


def test_a_relay_of_its_own_process_is_filled_and_killed_and_loses_nothing(
    new_client: Callable[..., Client], make_relay: Callable[..., TestRelay], relay: TestRelay, faults: Faults
) -> None:
    with pytest.raises(RuntimeError, match="process=True"):
        relay.kill()
    apart = make_relay(process=True)
    alice, bob = new_client("Alice", relay=apart), new_client("Bob", relay=apart)
    alice.meet(bob)
    with faults.disk_full(apart):
        assert alice.send(bob, "x" * 9000, wait=0.5).kind == "queued"
    assert len(bob.wait_for("message", timeout=30).text) == 9000
    bob.go_offline()
    assert alice.send(bob, TEXT).kind == "sent"
    apart.kill()
    apart.start()
    bob.go_online()
    assert bob.wait_for("message", timeout=30).text == TEXT


def test_a_check_that_hangs_holds_up_files_alone_and_goes_on_when_it_is_over(
    alice: Client, bob: Client, pics: Samples, faults: Faults, rpc: Callable[..., Any]
) -> None:
    alice.meet(bob)
    with faults.check_hangs(alice):
        begun = alice.begin_send(bob, attachment=pics.benign(1))
        assert rpc(alice, "checkLink", link="https://other.example/")["held"] is False
        assert alice.messages(bob)[-1].text == "", "nothing of it stands in the conversation yet"
    assert alice.answered(begun, Outcome).kind == "sent"
    with faults.check_fails(alice):
        found = rpc(alice, "checkAttachment", attachment=_brought(pics.benign(2).data))
        assert (found["held"], found["verdict"]["reasons"]) == (True, ["detector_failed"])
    assert rpc(alice, "checkAttachment", attachment=_brought(pics.benign(2).data))["held"] is False


def test_a_client_that_ends_while_its_check_hangs_ends(alice: Client, bob: Client, pics: Samples) -> None:
    alice.meet(bob)
    alice.call("test.setFault", dict[str, bool], check="hangs")
    alice.begin_send(bob, attachment=pics.benign(1))
    alice.close()


def test_an_error_of_a_client_has_its_code(alice: Client) -> None:
    with pytest.raises(CallError) as error:
        alice.call("getAttachment", object, id="none")
    assert error.value.code == 23


def test_a_transcript_reads_back_what_was_said(alice: Client, transcript: Transcript, tmp_path: Path) -> None:
    transcript.write(tmp_path / "t.jsonl")
    lines = read_transcript(tmp_path / "t.jsonl")
    assert [line.way for line in lines][:2] == ["said", "call"]
    assert {line.client for line in lines} == {alice.name}
    (tmp_path / "t.jsonl").write_text("{}")
    with pytest.raises(ValueError, match="no transcript"):
        read_transcript(tmp_path / "t.jsonl")


def test_a_plugin_that_nobody_uses_imports_nothing_of_the_kit() -> None:
    program = "import sys, foreseal_client.plugin; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy = {"aiohttp", "numpy", "PIL", "msgspec", "cryptography", "foreseal_client.kit", "foreseal_matcher"}
    assert heavy & set(ran.stdout.split()) == set()


def _brought(data: bytes) -> str:
    import base64

    return f"data:;filename=p.jpg;base64,{base64.b64encode(data).decode()}"


def test_a_run_that_keeps_no_folders_still_says_what_it_went_by(tmp_path: Path) -> None:
    """pytest removes them before it asks for the last line."""
    (tmp_path / "test_one.py").write_text("def test_one(foreseal_session):\n    foreseal_session.samples.list_folder\n")
    words = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-o", "tmp_path_retention_policy=failed")
    ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"^foreseal \S+: seed 1, policy hold, list [0-9a-f]{16}$", ran.stdout, re.MULTILINE)
