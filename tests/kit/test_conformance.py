"""Our own client passes every named flow, and the suite says what came of each."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from foreseal_client.cli.conformance import conformance
from foreseal_client.conformance import FLOWS
from foreseal_client.kit.world import World
from foreseal_client.rpc.methods import METHODS


def test_there_are_at_least_fifty_and_each_says_what_it_claims_and_needs_what_there_is() -> None:
    assert len(FLOWS) >= 80
    assert all(one.about.endswith(".") for one in FLOWS.values())
    assert {need for one in FLOWS.values() for need in one.needs} - set(METHODS) == set()


@pytest.mark.parametrize("name", sorted(FLOWS))
def test_our_own_client_passes(name: str, foreseal_world: World) -> None:
    FLOWS[name].carry_out(foreseal_world)


def test_a_client_in_another_process_passes_and_what_it_lacks_is_skipped(tmp_path: Path) -> None:
    command = shlex.join([sys.executable, "-m", "foreseal_client.cli", "rpc", "--stdio", "--profiles", "{folder}"])
    report = tmp_path / "junit.xml"
    arguments = ["own-invitation", "warn-then-anyway", "--client-cmd", command, "--junit", str(report)]
    ran = CliRunner().invoke(conformance, arguments)
    assert ran.exit_code == 0, ran.output
    assert "1 flows passed, 0 failed, 1 skipped." in ran.output
    assert "does not answer test.setPolicy" in ran.output
    suite = ElementTree.parse(report).getroot()  # noqa: S314 - our own
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "0", "1")


def test_a_flow_that_fails_says_so_by_its_exit_code_and_keeps_what_was_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from foreseal_client.conformance.flow import Flow, expect

    def wrong(world: object) -> None:
        world.new_client("Alice")  # type: ignore[attr-defined]
        expect(1, 2, "one")

    monkeypatch.setitem(FLOWS, "wrong", Flow("wrong", "One is two.", frozenset(), False, wrong))
    ran = CliRunner().invoke(conformance, ["wrong", "--transcripts", str(tmp_path)])
    assert (ran.exit_code, "one: expected 2, found 1" in ran.output) == (1, True)
    assert (tmp_path / "wrong.jsonl").read_text().count("\n") > 3


@pytest.mark.parametrize("arguments", [["no-such-flow"], ["text", "--client-cmd", "/nowhere/client"]])
def test_what_cannot_be_run_is_said_in_a_sentence(arguments: list[str]) -> None:
    ran = CliRunner().invoke(conformance, arguments)
    assert ran.exit_code in (1, 2)
    assert "Traceback" not in ran.output
