"""`foreseal list log`, and the fence of `foreseal list update`."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foreseal_client.cli.lists import lists
from foreseal_client.transparency.entry import LoggedList, Share
from foreseal_client.transparency.evidence import Evidence
from foreseal_client.transparency.growth import Growth, growth
from foreseal_client.transparency.merkle import consistency_of
from foreseal_matcher.lists import ListedHash
from foreseal_matcher.verdict import Entry
from sample_lists import build, lines
from sample_logs import MemoryLog, grown
from sample_repositories import TODAY

ROOT = ("--root", "repo/metadata/1.root.json")
FROM = ("--from", "repo")


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(lists, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    run("publish", "init", "--repository", "repo", "--keys", "keys")
    publish("first", 5)
    return tmp_path


def publish(folder: str, count: int, *rows: ListedHash) -> None:
    build(Path(folder), [*lines(count), *rows], name="demo", made=TODAY)
    assert run("publish", folder, "--repository", "repo", "--keys", "keys").exit_code == 0


def test_a_monitor_sees_who_published_what_and_later_what_is_new(here: Path) -> None:
    shown = run("log", "show", *FROM, *ROOT)
    assert (shown.exit_code, "10 entries" in shown.stdout, "category-1" in shown.stdout) == (0, True, True)
    assert run("log", "show", *FROM, *ROOT, "--name", "other").stdout == ""
    follow = ("log", "follow", *FROM, *ROOT, "--seen", "seen", "--json")
    assert json.loads(run(*follow).stdout)["index"] == 0
    assert run(*follow).stdout == ""
    publish("second", 6)
    (told,) = [json.loads(line) for line in run(*follow).stdout.splitlines()]
    assert (told["index"], told["entries"], len(told["endorsers"])) == (1, 12, 3)
    assert sum(share["entries"] for share in told["shares"]) == 12
    head = json.loads(run("log", "verify", *FROM, *ROOT, "--seen", "seen", "--json").stdout)
    assert head["size"] == 2


def test_versions_show_who_endorsed_them_and_what_changed_in_the_log_and_on_the_device(here: Path) -> None:
    run("update", *FROM, *ROOT, "--out", "old")
    publish("second", 6, ListedHash(Entry(99, "sha256", "of another kind", "tests"), bytes(32)))
    run("update", *FROM, *ROOT, "--out", "new")
    between = json.loads(run("changes", "old", "new", "--json").stdout)
    names = [sorted(one["endorsers"].values()) for one in between["versions"]]
    assert names == [["endorser-1", "endorser-2", "endorser-3"]] * 2
    assert "endorser-1 (" in run("changes", "old", "new").stdout.splitlines()[-1]
    first, second = (json.loads(line) for line in run("log", "show", *FROM, *ROOT, "--json").stdout.splitlines())
    assert first["changes"] is None
    came = {one["category"]: one["more"] for one in second["changes"]["entries"]}
    assert came["of another kind"] == 1
    assert second["changes"]["endorsers_came"] == second["changes"]["endorsers_went"] == {}
    assert "1\t+1\tof another kind" in run("log", "show", *FROM, *ROOT).stdout


def test_what_grew_and_who_came_or_went_is_told_from_two_entries_of_a_log() -> None:
    before = LoggedList("demo", "1", TODAY, "synthetic", "ab" * 32, 3, {}, (Share("a", "x", 1), Share("b", "x", 2)),
                        {"1" * 64: "ann", "2" * 64: "ben"}, 0)  # fmt: skip
    after = replace(
        before, shares=(Share("a", "x", 4), Share("c", "x", 1)), endorsers={"1" * 64: "ann", "3" * 64: "ben"}
    )
    assert growth(before, before) == Growth({}, {}, {})
    assert growth(before, after) == Growth(
        {("a", "x"): 3, ("b", "x"): -2, ("c", "x"): 1}, {"3" * 64: "ben"}, {"2" * 64: "ben"}
    )


def test_a_log_that_shrank_is_refused_and_what_was_seen_stays(here: Path) -> None:
    checkpoint = here / "repo" / "log" / "checkpoint"
    old = checkpoint.read_bytes()
    publish("second", 6)
    run("log", "follow", *FROM, *ROOT, "--seen", "seen")
    seen = (here / "seen").read_bytes()
    checkpoint.write_bytes(old)
    refused = run("log", "follow", *FROM, *ROOT, "--seen", "seen", "--json")
    assert (refused.exit_code, json.loads(refused.stdout)) == (12, {"refused": "log-shrunk"})
    assert (here / "seen").read_bytes() == seen


@pytest.mark.parametrize(
    ("edited", "reason"), [("entries/0.json", "log-damaged"), ("checkpoint", "log-not-signed"), ("gone", "missing")]
)
def test_a_log_that_was_edited_is_refused_by_name(here: Path, edited: str, reason: str) -> None:
    log = here / "repo" / "log"
    if edited == "gone":
        (log / "entries" / "0.json").unlink()
    else:
        (log / edited).write_bytes((log / edited).read_bytes().replace(b"o", b"0", 1))
    for command in ("show", "verify"):
        refused = run("log", command, *FROM, *ROOT, "--json")
        assert refused.exit_code == 12
        assert json.loads(refused.stdout.splitlines()[-1]) == {"refused": reason}


def test_files_that_are_none_are_named(here: Path) -> None:
    os.mkfifo("pipe")
    for root in ("absent", "pipe", "."):
        assert run("log", "show", *FROM, "--root", root).exit_code == 3
    assert run("log", "show", *FROM, "--root", "first/list.json").exit_code == 12
    assert run("log", "verify", *FROM, *ROOT, "--seen", "absent").exit_code == 3
    assert run("log", "evidence", "first/list.json").exit_code == 12


def test_an_update_says_what_stopped_it_at_the_fence_and_takes_it_once_named(here: Path) -> None:
    assert run("update", *FROM, *ROOT, "--out", "out").exit_code == 0
    publish("second", 5, ListedHash(Entry(99, "sha256", "of another kind", "tests"), bytes(32)))
    stopped = run("update", *FROM, "--out", "out", "--json")
    assert stopped.exit_code == 12
    assert json.loads(stopped.stdout) == {"path": "out", "refused": "new-scope", "news": ["category:of another kind"]}
    assert run("update", *FROM, "--out", "out", "--accept", "category:of another kind").exit_code == 0


def test_evidence_is_checked_without_asking_anybody(here: Path) -> None:
    log, entries = MemoryLog(), [b"a", b"b", b"c"]
    proof = consistency_of(grown(entries).hash, 2, 3)
    for shorter, exit_code in ((log.note([b"x", b"b"]), 0), (log.note(entries[:2]), 12)):
        past = grown(entries[:2]).hash(1, 0)
        Path("file").write_bytes(Evidence(log.key, shorter, log.note(entries), past, proof).encode())
        told = run("log", "evidence", "file", "--json")
        assert (told.exit_code, json.loads(told.stdout)["proven"]) == (exit_code, exit_code == 0)


@pytest.mark.parametrize("command", ["show", "verify", "follow", "evidence"])
def test_help_is_there(command: str) -> None:
    assert "Exit code" in run("log", command, "--help").stdout
