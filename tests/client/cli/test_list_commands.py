"""`foreseal list`: the life of a list as a person and a script meet it."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from foreseal_client.cli.lists import lists
from foreseal_client.cli.lists.progress import Lines


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(lists, [str(each) for each in arguments], prog_name="foreseal list")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def told(folder: Path) -> dict[str, object]:
    fields: dict[str, object] = json.loads(run("info", folder, "--json").stdout)
    return fields


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Digests of forty things, and a list of the first thirty."""
    digests = [random.Random(at).randbytes(20).hex() for at in range(40)]
    (tmp_path / "all.txt").write_text("\n".join(digests))
    (tmp_path / "some.txt").write_text("\n".join(digests[:30]))
    assert run("import", tmp_path / "some.txt", "--purpose", "synthetic", "--out", tmp_path / "list").exit_code == 0
    return tmp_path


def test_every_command_has_its_help() -> None:
    names = lists.list_commands(None)  # type: ignore[arg-type]
    assert {"apply", "build", "changes", "compact", "delta", "import", "index", "info", "make", "withdraw"} <= set(
        names
    )
    for name in names:
        command = lists.get_command(None, name)  # type: ignore[arg-type]
        below = [(name, each) for each in command.commands] if isinstance(command, click.Group) else [(name,)]
        for words in below:
            assert "Exit code 0" in run(*words, "--help").stdout
    assert run("bogus").exit_code == 2


def test_no_two_lists_that_are_made_on_one_day_share_a_version(shelf: Path) -> None:
    first = told(shelf / "list")["version"]
    for number in (2, 3):
        command = ("import", shelf / "all.txt", "--purpose", "synthetic", "--out", shelf / "list")
        assert run(*command).exit_code == 0
        assert told(shelf / "list")["version"] == f"{first}.{number}"


def test_an_import_of_several_files_says_what_it_passed_over(shelf: Path) -> None:
    (shelf / "te.csv").write_text(f"indicator,type\n{'ab' * 32},HASH_PDQ\nx,HASH_TMK\n")
    result = run("import", shelf / "some.txt", shelf / "te.csv", "--purpose", "research", "--out", shelf / "both")
    assert result.exit_code == 0
    assert "31 entries" in result.stdout
    assert result.stderr == "foreseal list: passed over: 1 HASH_TMK\n"
    assert told(shelf / "both")["counts"] == {"pdq": 1, "sha256": 0, "sha1": 30}


def test_only_the_categories_that_are_named_are_imported(shelf: Path) -> None:
    (shelf / "f.csv").write_text(f"md5,category\n{'ab' * 16},one\n{'cd' * 16},two\n")
    result = run("import", shelf / "f.csv", "--only", "two", "--purpose", "research", "--out", shelf / "two")
    assert told(shelf / "two")["categories"] == ["two"]
    assert "1 hashes of other categories" in result.stderr


def test_a_malformed_record_is_named_and_no_list_is_written(shelf: Path) -> None:
    (shelf / "bad.csv").write_text(f"md5\n{'ab' * 16}\nab\n")
    result = run("import", shelf / "all.txt", shelf / "bad.csv", "--purpose", "research", "--out", shelf / "new")
    assert result.exit_code == 2
    assert "bad.csv, line 3" in result.stderr
    assert "no list was written" in result.stderr
    assert not (shelf / "new").exists()


@pytest.mark.parametrize("before", [(), ("--format", "hex"), ("--links",)])
def test_a_file_that_cannot_be_read_is_named_and_not_the_list_s_folder(shelf: Path, before: tuple[str, ...]) -> None:
    os.mkfifo(shelf / "pipe")
    (shelf / "circle").symlink_to("circle")
    for name in ("pipe", "circle", "nowhere", "."):
        result = run("import", *before, shelf / name, "--purpose", "research", "--out", shelf / "list")
        assert (result.exit_code, result.stdout) == (3, "")
        assert str(shelf / name) in result.stderr
        assert result.stderr.endswith("; no list was written\n")
    assert told(shelf / "list")["entries"] == 30


def test_a_file_with_nothing_in_it_does_not_take_the_place_of_a_list(shelf: Path) -> None:
    (shelf / "empty.txt").write_bytes(b"")
    (shelf / "one.txt").write_text("ab" * 32 + "\n")
    assert run("import", shelf / "one.txt", "--purpose", "research", "--out", shelf / "good").exit_code == 0
    before = (shelf / "good" / "list.json").read_bytes()
    for more in ([shelf / "empty.txt"], [shelf / "one.txt", "--only", "another"]):
        refused = run("import", *more, "--purpose", "research", "--out", shelf / "good")
        assert (refused.exit_code, "nothing to list" in refused.stderr) == (2, True)
        assert (shelf / "good" / "list.json").read_bytes() == before


def test_a_file_read_as_another_format_is_refused(shelf: Path) -> None:
    for name in ("vics", "ncmec"):
        result = run("import", shelf / "all.txt", "--format", name, "--purpose", "research", "--out", shelf / "new")
        assert result.exit_code == 2
        assert "all.txt" in result.stderr


def test_a_delta_brings_the_old_list_to_the_new_one(shelf: Path) -> None:
    run("import", shelf / "all.txt", "--purpose", "synthetic", "--out", shelf / "new")
    assert run("delta", shelf / "list", shelf / "new", "--out", shelf / "d").exit_code == 0
    between = json.loads(run("changes", shelf / "list", shelf / "new", "--json").stdout)
    assert (len(between["added"]), between["withdrawn"]) == (10, [])
    assert between["tallies"] == [
        {"category": "example", "source": "imported", "added": 10, "withdrawn": 0, "changed": 0}
    ]  # fmt: skip
    assert [one["endorsers"] for one in between["versions"]] == [None, None]
    lines = run("changes", shelf / "list", shelf / "new").stdout.splitlines()
    assert lines[1] == "10\t0\t0\texample\timported"
    assert "endorsers not known" in lines[-1]
    assert run("apply", shelf / "list", shelf / "d").exit_code == 0
    assert told(shelf / "list")["digest"] == told(shelf / "new")["digest"]
    again = run("apply", shelf / "list", shelf / "d")
    assert again.exit_code == 2
    assert "already imported" in again.stderr


@pytest.mark.parametrize("command", [["delta", "--out", "d"], ["changes"]])
def test_a_list_that_is_missing_is_named(shelf: Path, command: list[str]) -> None:
    name, *options = command
    for pair in ((shelf / "nowhere", shelf / "list"), (shelf / "list", shelf / "nowhere")):
        result = run(name, *pair, *options)
        assert result.exit_code == 11
        assert "nowhere" in result.stderr


def test_withdrawing_and_compacting_say_what_they_did(shelf: Path) -> None:
    first = json.loads(run("changes", shelf / "list", shelf / "list", "--json").stdout)
    assert [first.pop(name) for name in ("added", "withdrawn", "changed", "tallies")] == [[], [], [], []]
    (shelf / "ids.csv").write_text(f"md5,id\n{'ab' * 16},5\n{'cd' * 16},6\n")
    run("import", shelf / "ids.csv", "--purpose", "synthetic", "--out", shelf / "ids")
    assert "1 withdrawn, 1 entries" in run("withdraw", shelf / "ids", 5).stdout
    assert told(shelf / "ids")["withdrawn"] == 1
    assert run("withdraw", shelf / "ids", 5).exit_code == 2
    assert "0 merged, 0 records dropped" in run("compact", shelf / "ids").stdout
    assert run("withdraw", shelf / "ids", "five").exit_code == 2
    assert run("compact", shelf / "nowhere").exit_code == 11


def test_lists_are_built_into_one(shelf: Path) -> None:
    run("import", shelf / "all.txt", "--purpose", "synthetic", "--out", shelf / "new")
    result = run("build", shelf / "list", shelf / "new", "--out", shelf / "one", "--name", "one", "--valid-days", 9)
    assert "one: 40 entries" in result.stdout
    assert told(shelf / "one")["valid_days"] == 9
    assert run("build", shelf / "list", shelf / "nowhere", "--out", shelf / "two").exit_code == 11
    assert not (shelf / "two").exists()


def test_lists_that_contradict_each_other_are_not_built_into_one(shelf: Path) -> None:
    for name in ("one", "two"):
        (shelf / f"{name}.csv").write_text(f"md5,id,category\n{'ab' * 16},5,{name}\n")
        run("import", shelf / f"{name}.csv", "--purpose", "synthetic", "--out", shelf / name)
    result = run("build", shelf / "one", shelf / "two", "--out", shelf / "both")
    assert result.exit_code == 2
    assert "entry 5" in result.stderr


def test_progress_is_a_line_each_five_seconds() -> None:
    now = [100.0]
    lines: list[str] = []
    progress = Lines(lambda: now[0], lines.append)
    for second in range(12):
        now[0] = 100.0 + second
        progress("reading", 1000 * second, 20_000 if second > 6 else None)
    assert lines == ["reading: 5,000 rows, 1,000 a second", "reading: 10,000 of 20,000 rows, 1,000 a second"]
