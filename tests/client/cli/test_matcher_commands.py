"""`check`, `compare`, `fingerprint` and `list` as a person and a script meet them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foreseal_client.cli.check import check
from foreseal_client.cli.compare import compare
from foreseal_client.cli.fingerprint import fingerprint
from foreseal_client.cli.lists import lists
from foreseal_matcher.fingerprints.pdq import MATCH_AT
from sample_pictures import encoded, picture

COMMANDS = {"check": check, "compare": compare, "fingerprint": fingerprint, "list": lists}


def run(command: str, *arguments: object, environment: dict[str, str] | None = None) -> Result:
    outcome = CliRunner(env={"FORESEAL_LIST": ""} | (environment or {})).invoke(
        COMMANDS[command], [str(argument) for argument in arguments]
    )
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit)
    assert "\x1b" not in outcome.stdout
    return outcome


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A listed picture, a re-saved copy of it, a stranger, one cut off, a text, and the list."""
    (tmp_path / "listed.png").write_bytes(encoded(picture(1, 400, 300), "PNG"))
    (tmp_path / "copy.jpg").write_bytes(encoded(picture(1, 400, 300).resize((300, 225)), "JPEG"))
    (tmp_path / "stranger.webp").write_bytes(encoded(picture(2, 400, 300), "WEBP"))
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "copy.jpg").read_bytes()[:3000])
    (tmp_path / "notes.txt").write_text("nothing")
    assert run("list", "make", tmp_path / "listed.png", "--out", tmp_path / "list", "--name", "mine").exit_code == 0
    return tmp_path


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["stranger.webp"], 0),
        (["notes.txt"], 0),
        (["listed.png"], 10),
        (["copy.jpg"], 10),
        (["cut.jpg"], 3),
        (["nowhere.jpg"], 3),
        (["list"], 3),
        (["cut.jpg", "stranger.webp"], 3),
        (["cut.jpg", "copy.jpg", "nowhere.jpg"], 10),
    ],
)
def test_the_exit_code_tells_the_worst_that_was_found(shelf: Path, names: list[str], code: int) -> None:
    files = [shelf / name for name in names]
    assert run("check", *files, "--list", shelf / "list").exit_code == code
    assert run("check", *files, "--list", shelf / "list", "--exit-zero").exit_code == 0


def test_a_line_tells_file_verdict_distance_entry_and_milliseconds(shelf: Path) -> None:
    outcome = run("check", shelf / "listed.png", shelf / "stranger.webp", shelf / "cut.jpg", "--list", shelf / "list")
    fields = [line.split("\t") for line in outcome.stdout.splitlines()]
    assert [each[1:4] for each in fields] == [["match", "0", "mine/1"], ["clear", "-", "-"], ["unreadable", "-", "-"]]
    assert all(each[4].endswith(" ms") for each in fields)


def test_json_lines_tell_the_same(shelf: Path) -> None:
    names = ("copy.jpg", "stranger.webp", "notes.txt", "cut.jpg", "nowhere.jpg")
    outcome = run("check", *(shelf / name for name in names), "--list", shelf / "list", "--json")
    copy, stranger, notes, cut, nowhere = (json.loads(line) for line in outcome.stdout.splitlines())
    assert (copy["verdict"], copy["list"], copy["algorithm"]) == ("match", "mine", "pdq")
    assert 0 <= copy["distance"] <= copy["limit"] == MATCH_AT
    assert (stranger["verdict"], stranger["limits"]) == ("clear", [])
    assert notes["limits"] == ["other-kind"]
    assert (cut["verdict"], cut["reason"]) == ("unreadable", "damaged")
    assert nowhere["reason"] == "no-file"
    assert all(each["ms"] >= 0 for each in (copy, stranger, notes, cut))


def test_without_a_list_a_check_says_how_to_make_one(shelf: Path) -> None:
    outcome = run("check", shelf / "stranger.webp")
    assert outcome.exit_code == 11
    assert outcome.stdout == ""
    assert "foreseal list make" in outcome.stderr


def test_the_environment_can_name_the_list(shelf: Path) -> None:
    outcome = run("check", shelf / "copy.jpg", environment={"FORESEAL_LIST": str(shelf / "list")})
    assert outcome.exit_code == 10


def test_beside_a_missing_list_a_match_is_still_said_and_nothing_else_is_fine(shelf: Path) -> None:
    both = ("--list", shelf / "nowhere", "--list", shelf / "list")
    assert run("check", shelf / "copy.jpg", *both).exit_code == 10
    assert run("check", shelf / "stranger.webp", *both).exit_code == 11
    assert run("check", shelf / "cut.jpg", *both).exit_code == 11


def test_a_damaged_list_is_said_on_stderr_and_is_exit_11(shelf: Path) -> None:
    (column,) = (shelf / "list").glob("columns-*/pdq.bin")
    column.write_bytes(b"")
    outcome = run("check", shelf / "copy.jpg", "--list", shelf / "list")
    assert outcome.exit_code == 11
    assert "pdq.bin" in outcome.stderr
    assert run("list", "info", shelf / "list").exit_code == 11


def test_a_name_that_would_colour_the_terminal_is_shown_and_not_obeyed(shelf: Path) -> None:
    nasty = shelf / "red\x1b[31m\u202e\n.jpg"
    nasty.write_bytes(b"")
    for command in (["check", nasty, "--list", shelf / "list"], ["fingerprint", nasty], ["compare", nasty, nasty]):
        outcome = run(*map(str, command))
        assert outcome.exit_code == 3
        shown = outcome.stdout + outcome.stderr
        assert "red\\x1b[31m\\u202e\\n.jpg" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown


def test_fingerprint_gives_hex_quality_and_digest(shelf: Path) -> None:
    outcome = run("fingerprint", shelf / "listed.png", shelf / "notes.txt", "--json")
    assert outcome.exit_code == 0
    listed, notes = (json.loads(line) for line in outcome.stdout.splitlines())
    assert len(bytes.fromhex(listed["pdq"])) == 32
    assert listed["quality"] >= 90
    assert listed["sha256"] == hashlib.sha256((shelf / "listed.png").read_bytes()).hexdigest()
    assert notes["pdq"] is None


@pytest.mark.parametrize("name", ["cut.jpg", "nowhere.jpg"])
def test_fingerprint_of_what_cannot_be_read_says_why_and_exits_3(shelf: Path, name: str) -> None:
    outcome = run("fingerprint", shelf / name)
    assert outcome.exit_code == 3
    assert name in outcome.stderr


def test_compare_tells_the_distance_that_a_check_would_go_by(shelf: Path) -> None:
    near = json.loads(run("compare", shelf / "listed.png", shelf / "copy.jpg", "--fingerprint", "pdq", "--json").stdout)
    assert near["match"] is True
    assert near["distance"] <= MATCH_AT
    far = json.loads(run("compare", shelf / "listed.png", shelf / "stranger.webp", "--json").stdout)
    assert far["match"] is False
    assert far["distance"] > MATCH_AT


@pytest.mark.parametrize("name", ["cut.jpg", "notes.txt", "nowhere.jpg"])
def test_compare_of_what_is_no_picture_exits_3(shelf: Path, name: str) -> None:
    outcome = run("compare", shelf / "listed.png", shelf / name)
    assert outcome.exit_code == 3
    assert name in outcome.stderr
    assert "the name says" not in outcome.stderr


def test_info_tells_what_the_list_holds(shelf: Path) -> None:
    told = json.loads(run("list", "info", shelf / "list", "--json").stdout)
    assert (told["name"], told["purpose"], told["counts"]) == ("mine", "synthetic", {"pdq": 1, "sha256": 1})
    assert "synthetic" in run("list", "info", shelf / "list").stdout


def test_an_import_finds_the_picture_whose_hex_it_holds(shelf: Path) -> None:
    hexed = json.loads(run("fingerprint", shelf / "listed.png", "--json").stdout)["pdq"]
    (shelf / "lines.txt").write_text(f"# one\n{hexed},100\n")
    outcome = run("list", "import", shelf / "lines.txt", "--purpose", "research", "--out", shelf / "imported")
    assert outcome.exit_code == 0
    assert run("check", shelf / "copy.jpg", "--list", shelf / "imported").exit_code == 10


def test_an_import_with_a_malformed_line_names_it_and_writes_nothing(shelf: Path) -> None:
    (shelf / "lines.txt").write_bytes(b"ab" * 32 + b"\n\xff\xfe\n")
    outcome = run("list", "import", shelf / "lines.txt", "--purpose", "research", "--out", shelf / "imported")
    assert outcome.exit_code == 2
    assert "lines.txt, line 2" in outcome.stderr
    assert not (shelf / "imported").exists()


@pytest.mark.parametrize("purpose", [["--purpose", "production"], []])
def test_an_import_without_a_permitted_purpose_is_refused(shelf: Path, purpose: list[str]) -> None:
    (shelf / "lines.txt").write_text("ab" * 32)
    outcome = run("list", "import", shelf / "lines.txt", *purpose, "--out", shelf / "imported")
    assert outcome.exit_code == 2
    assert not (shelf / "imported").exists()


def test_a_list_of_something_unreadable_is_not_made(shelf: Path) -> None:
    before = (shelf / "list" / "list.json").read_bytes()
    outcome = run("list", "make", shelf / "listed.png", shelf / "cut.jpg", "--out", shelf / "list")
    assert outcome.exit_code == 3
    assert (shelf / "list" / "list.json").read_bytes() == before


@pytest.mark.parametrize("option", [["--name", "\x1b[31m"], ["--category", ""]])
def test_a_name_that_a_list_may_not_have_is_refused(shelf: Path, option: list[str]) -> None:
    outcome = run("list", "make", shelf / "listed.png", "--out", shelf / "new", *option)
    assert outcome.exit_code == 2
    assert "no list was written" in outcome.stderr


def test_info_says_whether_there_is_an_index(shelf: Path) -> None:
    assert "not needed" in json.loads(run("list", "info", shelf / "list", "--json").stdout)["index"]


def test_index_verifies_a_list_and_notes_it(shelf: Path) -> None:
    (noted,) = (shelf / "list").glob("columns-*/verified.json")
    noted.unlink()
    outcome = run("list", "index", shelf / "list")
    assert outcome.exit_code == 0
    assert "verified" in outcome.stdout
    assert noted.exists()


def test_index_of_a_list_that_cannot_be_used_exits_11(shelf: Path) -> None:
    (column,) = (shelf / "list").glob("columns-*/pdq.bin")
    column.write_bytes(b"")
    outcome = run("list", "index", shelf / "list")
    assert outcome.exit_code == 11
    assert "pdq.bin" in outcome.stderr
    assert run("list", "index", shelf / "nowhere").exit_code == 11


def test_check_looks_as_thoroughly_as_it_is_told_and_names_the_look(shelf: Path) -> None:
    (shelf / "cropped.png").write_bytes(encoded(picture(1, 400, 300).crop((10, 8, 390, 292)), "PNG"))
    outcomes = [run("check", shelf / "cropped.png", "--list", shelf / "list", "--json", "--looks", looks)
                for looks in ("plain", "quick", "full")]  # fmt: skip
    assert [outcome.exit_code for outcome in outcomes] == [0, 0, 10]
    assert json.loads(outcomes[2].stdout)["look"].startswith("grown 2.6%")


def test_check_refuses_looks_that_do_not_exist(shelf: Path) -> None:
    assert run("check", shelf / "copy.jpg", "--list", shelf / "list", "--looks", "closer").exit_code == 2


@pytest.fixture
def linked(shelf: Path) -> Path:
    (shelf / "links.txt").write_text("# one a line\nhttps://site.example\npages.example/bad?id=7\n")
    made = run("list", "make", shelf / "listed.png", "--links", shelf / "links.txt", "--out", shelf / "links")
    assert made.exit_code == 0
    return shelf


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("https://deep.site.example/any?x", 10),
        ("hxxp://site[.]example", 10),
        ("www.pages.example/bad?id=7", 10),
        ("https://pages.example/bad", 0),
        ("https://other.example/", 0),
        ("http://", 3),
    ],
)
def test_check_takes_links_as_people_write_them(linked: Path, link: str, code: int) -> None:
    assert run("check", link, "--list", linked / "links").exit_code == code


def test_check_tells_of_a_link_in_json_what_it_tells_of_a_file(linked: Path) -> None:
    outcome = run("check", "https://site.example/a", linked / "copy.jpg", "--list", linked / "links", "--json")
    link, file = (json.loads(line) for line in outcome.stdout.splitlines())
    assert (link["file"], link["verdict"], link["algorithm"], link["distance"]) == (
        "https://site.example/a", "match", "link", 0,
    )  # fmt: skip
    assert link.keys() == file.keys()
    assert (link["span"], file["span"]) == ([0, len("https://site.example/a")], None)


def test_links_can_be_imported_alone_and_beside_fingerprints(linked: Path) -> None:
    (linked / "hashes.txt").write_text("ab" * 32 + "\n")
    options = ("--links", linked / "links.txt", "--purpose", "research", "--out", linked / "imported")
    assert run("list", "import", *options).exit_code == 0
    assert json.loads(run("list", "info", linked / "imported", "--json").stdout)["counts"]["link"] == 2
    assert run("list", "import", linked / "hashes.txt", *options).exit_code == 0
    counts = json.loads(run("list", "info", linked / "imported", "--json").stdout)["counts"]
    assert (counts["pdq"], counts["link"]) == (1, 2)


@pytest.mark.parametrize("command", ["make", "import"])
def test_a_list_of_nothing_and_a_line_that_is_no_link_are_refused(linked: Path, command: str) -> None:
    purpose = ("--purpose", "research")
    assert run("list", command, "--out", linked / "new", *purpose).exit_code == 2
    (linked / "links.txt").write_text("site.example\nno link\n")
    refused = run("list", command, "--links", linked / "links.txt", "--out", linked / "new", *purpose)
    assert refused.exit_code == 2
    assert "links.txt, line 2" in refused.stderr
    assert not (linked / "new").exists()
    assert run("list", command, "--links", linked / "none.txt", "--out", linked / "new", *purpose).exit_code == 3
