"""`foreseal list publish`, `endorse` and `update`, from the first key to a refusal."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foreseal_client.cli.lists import lists
from sample_lists import build, lines
from sample_repositories import TODAY


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    build(tmp_path / "my-list", lines(5), name="demo", made=TODAY)
    return tmp_path


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(lists, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def published() -> None:
    assert run("publish", "init", "--repository", "repo", "--keys", "keys").exit_code == 0
    assert run("publish", "my-list", "--repository", "repo", "--keys", "keys").exit_code == 0


def test_one_machine_publishes_and_another_folder_updates(here: Path) -> None:
    published()
    assert sorted(path.name for path in (here / "keys").glob("*.key")) == [
        "endorser-1.key", "endorser-2.key", "endorser-3.key", "log.key", "online.key",
    ]  # fmt: skip
    first = run("update", "--from", "repo", "--out", "out", "--root", "repo/metadata/1.root.json")
    assert first.exit_code == 0
    assert "demo, version 1: full" in first.stdout
    told = json.loads(run("update", "--from", "repo", "--out", "out", "--json").stdout)
    assert (told["way"], told["before"]) == ("nothing new", told["digest"])
    assert "good until" in run("publish", "refresh", "--repository", "repo", "--keys", "keys").stdout


def test_without_a_root_the_update_is_refused_and_says_how_to_get_one(here: Path) -> None:
    published()
    refused = run("update", "--from", "repo", "--out", "out", "--json")
    assert refused.exit_code == 12
    assert json.loads(refused.stdout) == {"path": "out", "refused": "no-root"}
    assert "--root" in refused.stderr
    assert not (here / "out" / "list.json").exists()


def test_endorsers_elsewhere_are_waited_for_by_name(here: Path) -> None:
    for name in ("alice", "bob", "carol"):
        assert run("publish", "key", name, "--keys", name).exit_code == 0
    publics = [part for name in ("alice", "bob", "carol") for part in ("--endorser", f"{name}/{name}.pub")]
    begin = ("publish", "init", "--repository", "repo", "--keys", "desk", *publics)
    waiting = run(*begin)
    assert waiting.exit_code == 13
    assert "signed by nobody, 2 more of alice, bob, carol needed" in waiting.stderr
    for name in ("bob", "carol"):
        assert run("endorse", "repo", "--keys", f"{name}/{name}.key").exit_code == 0
    assert run(*begin).exit_code == 0
    step = ("publish", "my-list", "--repository", "repo", "--keys", "desk")
    assert run(*step).exit_code == 13
    shown = run("endorse", "repo")
    assert "demo\tversion 1\tsynthetic\t5 pdq, 5 sha256\tchanged" in shown.stdout
    assert "signed" not in shown.stdout
    assert "targets: signed by alice" in run("endorse", "repo", "--keys", "alice/alice.key", "--list", "my-list").stdout
    build(here / "other", lines(6), name="demo", made=TODAY)
    other = run("endorse", "repo", "--keys", "bob/bob.key", "--list", "other")
    assert (other.exit_code, other.stdout.count("signed by")) == (2, 0)
    assert "1 more of bob, carol needed" in run(*step).stderr
    assert run("endorse", "repo", "--keys", "carol").exit_code == 0
    assert run(*step).exit_code == 0
    assert "nothing waits" in run("endorse", "repo").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("publish", "my-list", "--repository", "nowhere", "--keys", "keys"), "publish init"),
        (("publish", "absent", "--repository", "repo", "--keys", "keys"), "no list.json"),
        (("publish", "my-list", "--repository", "repo", "--keys", "repo/keys"), "keep keys elsewhere"),
        (("publish", "init", "--repository", "repo", "--keys", "keys"), "already"),
        (("publish", "init", "--repository", "repo", "--keys", "keys", "--endorser", "absent.pub"), "No such file"),
        (("endorse", "absent"), "no repository"),
        (("publish", "refresh", "--repository", "repo", "--keys", "absent"), "No such file"),
    ],
)  # fmt: skip
def test_what_cannot_be_published_is_one_sentence_and_exit_2(here: Path, arguments: tuple[str, ...], told: str) -> None:
    published()
    result = run(*arguments)
    assert told in result.stderr
    assert result.exit_code == 2


@pytest.mark.parametrize(
    "source", ["http://lists.example", "ftp://127.0.0.1/x", "nowhere", "my-list/list.json", "\x1b[31m"]
)
def test_a_source_that_is_none_is_refused_in_words(here: Path, source: str) -> None:
    published()
    result = run("update", "--from", source, "--out", "out", "--root", "repo/metadata/1.root.json")
    assert result.exit_code == 12
    assert "\x1b" not in result.stderr
    assert not (here / "out" / "list.json").exists()


def test_a_folder_that_is_called_like_a_step_can_be_published_all_the_same(here: Path) -> None:
    published()
    (here / "my-list").rename(here / "init")
    assert run("publish", "./init", "--repository", "repo", "--keys", "keys").exit_code == 0
    assert run("publish", "list", "init", "--repository", "repo", "--keys", "keys").exit_code == 0


@pytest.mark.parametrize("command", ["publish", "endorse", "update"])
def test_help_is_there(command: str) -> None:
    assert "Exit code" in run(command, "--help").stdout


@pytest.mark.parametrize("root", ["pipe", "/dev/zero", "nowhere", "."])
def test_a_root_that_is_no_file_is_named_at_once(here: Path, root: str) -> None:
    os.mkfifo("pipe")
    refused = run("update", "--from", "repo", "--root", root, "--out", "device", "--json")
    assert refused.exit_code == 3
    assert json.loads(refused.stdout) == {"path": "device", "refused": "no-root"}
    assert f"{root}: " in refused.stderr
    assert not Path("device").exists()


def test_a_pipe_in_the_place_of_a_key_is_refused_at_once(here: Path) -> None:
    os.mkfifo("pipe", 0o600)
    published()
    build(here / "my-list", lines(6), name="demo", made=TODAY)
    assert run("publish", "init", "--repository", "new", "--keys", "desk", "--endorser", "pipe").exit_code == 2
    waiting = run("publish", "my-list", "--repository", "repo", "--keys", "pipe")
    assert (waiting.exit_code, waiting.stderr) == (
        2,
        "foreseal list: pipe cannot be read: it is not a regular file.\n",
    )
