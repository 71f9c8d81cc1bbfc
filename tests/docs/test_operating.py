"""What an operator is handed can be read by what reads it, and says only what the relay understands."""

from __future__ import annotations

import configparser
import re
import shlex
from pathlib import Path
from typing import Any

import yaml

from docs.pages import ROOT, blocks
from foreseal_client.cli.relay import relay
from foreseal_relay.__main__ import arguments
from foreseal_relay.limits import CHECKED_WHOLE, DATABASE_CONNECTIONS, MAX_CONNECTIONS
from foreseal_relay.server import EXIT_UNUSABLE

DEPLOY = ROOT / "docs" / "deploy"
FLAGS = {flag for parameter in relay.params for flag in parameter.opts}


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return read


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(DEPLOY / "foreseal-relay.service", encoding="utf-8")
    return parser


def flags(words: list[str]) -> set[str]:
    return {word for word in words if word.startswith("--")}


def test_both_ways_to_start_a_relay_have_the_same_flags() -> None:
    found = {flag for flag in arguments().format_help().split() if flag.startswith("--")}
    assert {flag.rstrip("],") for flag in found} - {"--help"} == FLAGS


def test_every_flag_in_the_compose_file_is_one_of_the_relays_and_the_relays_share_what_they_must() -> None:
    services = compose()["services"]
    relays = [service for name, service in services.items() if name.startswith("relay")]
    assert len(relays) == 2
    for service in relays:
        words = service["command"]
        assert flags(words) <= FLAGS
        assert {"--data", "--blobs", "--store", "--origin"} <= flags(words)
        assert service["depends_on"]["database"]["condition"] == "service_healthy"
        assert "/healthz" in " ".join(service["healthcheck"]["test"])
        # A password on a command line is seen by everybody on the machine.
        assert not re.search(r"//[^/@]*:[^/@]*@", " ".join(words))
    blobs = [next(one for one in service["volumes"] if one.startswith("blobs:")) for service in relays]
    own = [next(one for one in service["volumes"] if one.startswith("relay-")) for service in relays]
    assert len(set(blobs)) == 1
    assert len(set(own)) == 2
    assert {volume.split(":")[0] for service in services.values() for volume in service["volumes"]} == set(
        compose()["volumes"]
    )


def test_the_compose_file_builds_from_a_file_that_is_there() -> None:
    build = compose()["x-relay"]["build"]
    root = (DEPLOY / build["context"]).resolve()
    assert root == ROOT
    assert (root / build["dockerfile"]).is_file()
    said = (root / build["dockerfile"]).read_text(encoding="utf-8")
    assert "constraints.txt" in said
    assert "[postgres]" in said


def test_the_unit_starts_the_relay_with_flags_it_has_and_does_not_insist_where_it_refused() -> None:
    service = unit()["Service"]
    program, command, *words = shlex.split(service["ExecStart"])
    assert (Path(program).name, command) == ("foreseal", "relay")
    assert flags(words) <= FLAGS
    assert service["RestartPreventExitStatus"] == str(EXIT_UNUSABLE)
    assert words[words.index("--data") + 1] == f"/var/lib/{service['StateDirectory']}"
    assert int(service["LimitNOFILE"]) > MAX_CONNECTIONS


def test_every_relay_that_the_page_starts_is_started_with_flags_it_has() -> None:
    told = [line for block in blocks("docs/operating.md") for line in block.text.splitlines()]
    started = [line for line in told if line.startswith("foreseal relay")]
    assert len(started) == 2
    for line in started:
        assert flags(shlex.split(line)) <= FLAGS


def test_the_page_has_the_numbers_that_hold() -> None:
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    assert f"{CHECKED_WHOLE // 2**20} MiB is looked through whole" in page
    assert DATABASE_CONNECTIONS + 1 == 9
    assert "A relay needs nine connections" in page
