"""`foreseal profile ledger` as a person and a script meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foreseal_client.checks import Check, said_of
from foreseal_client.cli.profile import profile
from foreseal_client.ledger import Course, Kind, ListUsed
from foreseal_client.store import Store
from foreseal_client.store.key import file_key
from foreseal_matcher import Bytes, ListSet, Mode, OnFailure, Policy, decide, screen
from sample_lists import TODAY

OBSERVE = Policy(Mode.OBSERVE, OnFailure.OPEN)


def run(*arguments: object, stdin: str | None = None) -> Result:
    outcome = CliRunner().invoke(profile, [str(argument) for argument in arguments], input=stdin)
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
    return outcome


def ledger(command: str, *arguments: object, stdin: str | None = None) -> Result:
    return run("ledger", command, *arguments, stdin=stdin)


@pytest.fixture
def kim(tmp_path: Path) -> Path:
    folder = tmp_path / "kim"
    assert run("create", folder, "--name", "Kim", "--relay", "http://relay.example").exit_code == 0
    return folder


@pytest.fixture
def kept(kim: Path) -> Path:
    """A ledger that is on, with two checks."""
    assert ledger("on", kim).exit_code == 0
    store = Store(kim, file_key(kim / "key"))
    decided = decide(screen(Bytes(b"%PDF"), ListSet.empty()), OBSERVE)
    with store.transaction():
        for kind in (Kind.FILE, Kind.TEXT):
            check = Check(None, OBSERVE, (ListUsed("demo\x1b[31m", "1", "ab" * 32),), (kind,))
            store.ledger.append(said_of(check, decided, Course.OUT), TODAY)
    store.close()
    return kim


def test_a_new_profile_has_none_and_says_that_it_is_off(kim: Path) -> None:
    shown = ledger("show", kim)
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "The ledger is off. Head: 0:" in shown.stderr
    assert ledger("off", kim).stdout.startswith("off already\t0 lines")


def test_whoever_switches_it_on_is_told_what_it_says_to_whoever_has_the_device(kim: Path) -> None:
    on = ledger("on", kim)
    assert on.stdout.startswith("on\t1 line\thead 1:")
    assert "Whoever has this device unlocked" in on.stderr
    assert ledger("on", kim).stdout.startswith("on already\t1 line\t")
    assert ledger("off", kim).stdout.startswith("off\t2 lines")


def test_lines_are_shown_and_found_by_all_words_and_a_list_name_obeys_nothing(kept: Path) -> None:
    shown = ledger("show", kept).stdout.splitlines()
    assert len(shown) == 3
    assert shown[1].split("\t")[2:] == [
        "out", "file", "unreadable", "passed", "observe fail-open", "quick", "demo\\x1b[31m 1 " + "ab" * 8,
        "0 bytes out",
    ]  # fmt: skip
    assert ledger("search", kept, "OUT", "text").stdout.splitlines() == shown[2:]
    assert ledger("search", kept, "text", "file").stdout == ""
    assert ledger("show", kept, "--last", "1").stdout.splitlines() == shown[2:]
    (line,) = (json.loads(text) for text in ledger("search", kept, "file", "--json").stdout.splitlines())
    assert (line["number"], line["day"], line["said"]["bytes_out"]) == (2, "2026-11-22", 0)


def test_an_export_is_verified_without_any_profile_and_a_line_cut_out_is_named(kept: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    written = json.loads(ledger("export", kept, out, "--json").stdout)
    assert written["lines"] == 3
    for path in kept.iterdir():
        if path.is_file():
            path.unlink()
    whole = ledger("verify", "--file", out, "--head", written["head"], "--json")
    assert json.loads(whole.stdout) == {
        "finding": "whole", "line": 0, "head": written["head"], "noted_head_found": True
    }  # fmt: skip
    lines = out.read_text().splitlines(keepends=True)
    out.write_text("".join(lines[:1] + lines[2:]))
    cut = ledger("verify", "--file", out)
    assert (cut.exit_code, cut.stdout.split("\t")[:2]) == (1, ["cut-out", "line 2"])
    assert cut.stderr == "Lines are missing before this one.\n"


def test_a_ledger_is_verified_where_it_lies_against_a_head_of_an_earlier_day(kim: Path, kept: Path) -> None:
    whole = ledger("verify", kept)
    head = whole.stdout.split("head ")[1].strip()
    assert whole.exit_code == 0
    assert "Note the head elsewhere" in whole.stderr
    ledger("off", kept)
    assert ledger("verify", kept, "--head", head).exit_code == 0
    wrong = ledger("verify", kept, "--head", f"2:{'0' * 64}")
    assert (wrong.exit_code, wrong.stdout.split("\t")[0]) == (1, "rewritten")


def test_erasing_asks_first_and_leaves_a_line_unless_told_to_leave_none(kept: Path) -> None:
    assert ledger("erase", kept, stdin="n\n").exit_code == 1
    assert len(ledger("show", kept).stdout.splitlines()) == 3
    erased = ledger("erase", kept, "--yes")
    head = erased.stdout.split("head ")[1].strip()
    assert "still on" in erased.stderr
    (left,) = ledger("show", kept).stdout.splitlines()
    assert left.endswith(f"erased\tbefore: {head.partition(':')[2]}")
    assert ledger("verify", kept, "--head", head).stdout.startswith("erased-since")
    assert json.loads(ledger("erase", kept, "--yes", "--unmarked", "--json").stdout)["marked"] is False
    assert ledger("show", kept).stdout == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("verify",), "Name a profile"),
        (("verify", "--file", "nowhere.jsonl"), "nowhere.jsonl: No such file"),
        (("verify", "--file", "here", "--head", "7"), "no head of a ledger"),
        (("show", "./nobody"), "There is no profile"),
        (("show", "here", "--last", "0"), "range"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    (tmp_path / "here").write_bytes(b"")
    outcome = ledger(*(str(tmp_path / part) if part == "here" else part for part in arguments))
    assert outcome.exit_code in (1, 2)
    assert told in outcome.stderr


def test_an_export_overwrites_nothing_and_a_file_of_anything_is_no_ledger(kept: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_bytes(b"\xff" * 600_000)
    refused = ledger("export", kept, there)
    assert (refused.exit_code, there.read_bytes()) == (1, b"\xff" * 600_000)
    assert "File exists" in refused.stderr
    assert ledger("verify", "--file", there).stdout.startswith("altered\tline 1")
