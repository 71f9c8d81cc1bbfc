"""`foreseal profile` as a person and a script meet it."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foreseal_client.cards import parse_card
from foreseal_client.cli.doctor import doctor
from foreseal_client.cli.profile import profile
from foreseal_client.sealing import passphrases
from foreseal_client.store import ComparedHead, Store
from foreseal_client.store.key import file_key

FIRST, SECOND, WRONG = "correct horse", "battery staple", "hunter hunter"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id at its least: what it costs a person is not what is tried here."""
    fresh = passphrases.Stretching.fresh
    monkeypatch.setattr(passphrases.Stretching, "fresh", lambda: fresh(passes=1, memory=8192))


def run(*arguments: object, **given: str) -> Result:
    """One command. `given`: what lies in the files that the environment names; nobody is there to ask."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {}
        for name, text in given.items():
            (Path(folder) / name).write_text(f"{text}\nsecond line\n")
            environment[f"FORESEAL_{name.upper()}_FILE"] = str(Path(folder) / name)
        outcome = CliRunner().invoke(profile, [str(argument) for argument in arguments], env=environment)
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
    return outcome


@pytest.fixture
def ada(tmp_path: Path) -> Path:
    folder = tmp_path / "ada"
    assert run("create", folder, "--name", "Ada", "--relay", "http://relay.example").exit_code == 0
    return folder


def sound(folder: Path, **given: str) -> bool:
    return run("check", folder, **given).exit_code == 0


def test_a_profile_is_made_locked_with_a_passphrase_and_opened_by_it_alone(tmp_path: Path) -> None:
    made = run("create", tmp_path / "ada", "--name", "Ada", "--relay", "http://r", "--passphrase", new_passphrase=FIRST)
    assert made.exit_code == 0, made.stderr
    assert sound(tmp_path / "ada", passphrase=FIRST)
    refused = run("check", tmp_path / "ada", passphrase=WRONG)
    assert refused.exit_code == 1
    assert "does not open the local store" in refused.stderr
    assert refused.stdout == ""


def test_a_profile_with_a_passphrase_and_nobody_to_ask_says_what_to_set(ada: Path) -> None:
    assert run("passphrase", ada, new_passphrase=FIRST).exit_code == 0
    refused = run("check", ada)
    assert (refused.exit_code, "FORESEAL_PASSPHRASE_FILE" in refused.stderr) == (1, True)


def test_key_file_to_passphrase_to_another_and_back(ada: Path) -> None:
    assert sound(ada)
    assert run("passphrase", ada, new_passphrase=FIRST).exit_code == 0
    assert not (ada / "key").exists()
    assert run("passphrase", ada, passphrase=FIRST, new_passphrase=SECOND).exit_code == 0
    assert not sound(ada, passphrase=FIRST)
    assert run("key-file", ada, passphrase=SECOND).exit_code == 0
    assert sound(ada)


def test_a_key_file_may_lie_elsewhere(ada: Path, tmp_path: Path) -> None:
    assert run("key-file", ada, tmp_path / "stick.key").exit_code == 0
    (ada / "key").unlink()
    assert "--key-file" in run("check", ada).stderr
    assert run("check", ada, "--key-file", tmp_path / "stick.key").exit_code == 0


@pytest.mark.parametrize("chosen", ["", "short", "1234567"])
def test_a_passphrase_that_is_too_short_changes_nothing(ada: Path, chosen: str) -> None:
    refused = run("passphrase", ada, new_passphrase=chosen)
    assert (refused.exit_code, "at least 8" in refused.stderr) == (1, True)
    assert sound(ada)


@pytest.mark.skipif(sys.platform == "win32", reason="there a terminal is made in another way")
def test_a_file_named_beside_a_passphrase_is_not_taken_for_the_old_key(ada: Path, tmp_path: Path) -> None:
    assert run("passphrase", ada, new_passphrase=FIRST).exit_code == 0
    (tmp_path / "letter").write_text("keep me")
    changed = run("passphrase", ada, "--key-file", tmp_path / "letter", passphrase=FIRST, new_passphrase=SECOND)
    assert changed.exit_code == 0
    assert (tmp_path / "letter").read_text() == "keep me"


def test_a_mark_of_the_encoding_in_front_of_a_passphrase_is_no_part_of_it(ada: Path) -> None:
    assert run("passphrase", ada, new_passphrase="\ufeff" + FIRST).exit_code == 0
    assert sound(ada, passphrase=FIRST)


@pytest.mark.parametrize(("again", "code"), [(FIRST, 0), (SECOND, 1)])
def test_a_passphrase_is_typed_twice_and_not_shown(ada: Path, again: str, code: int) -> None:
    import pty

    keyboard, terminal = pty.openpty()
    command = [str(Path(sys.executable).with_name("foreseal")), "profile", "passphrase", str(ada)]
    with subprocess.Popen(
        command, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as asking:
        assert asking.stderr is not None
        told = b""
        for typed in (FIRST, again):
            while not told.endswith(b": "):
                told += asking.stderr.read(1)
            os.write(keyboard, typed.encode() + b"\n")
            told += b"\n"
        rest, errors = asking.communicate(timeout=60)
    echoed = os.read(keyboard, 1000) if select.select([keyboard], [], [], 0)[0] else b""
    os.close(keyboard)
    os.close(terminal)
    assert asking.returncode == code
    assert [said for said in (told, rest, errors, echoed) if FIRST.encode() in said] == []
    assert (ada / "key").exists() is (code == 1)
    assert sound(ada, passphrase=FIRST)


def test_a_backup_comes_back_under_a_passphrase_of_its_own(ada: Path, tmp_path: Path) -> None:
    made = run("backup", ada, tmp_path / "b", "--json", backup_passphrase=FIRST)
    assert json.loads(made.stdout) == {"backup": str(tmp_path / "b"), "contacts": 0, "messages": 0, "files": 0}
    anew = tmp_path / "anew"
    assert "already" in run("restore", tmp_path / "b", ada, backup_passphrase=FIRST).stderr
    assert "does not open" in run("restore", tmp_path / "b", anew, backup_passphrase=WRONG).stderr
    assert not anew.exists()
    answer = run(
        "restore", tmp_path / "b", anew, "--passphrase", "--json", backup_passphrase=FIRST, new_passphrase=SECOND
    )
    assert json.loads(answer.stdout)["profile"] == str(anew)
    assert sound(anew, passphrase=SECOND)


def test_a_restore_may_replace_and_keeps_what_was_there_aside(ada: Path, tmp_path: Path) -> None:
    run("backup", ada, tmp_path / "b", backup_passphrase=FIRST)
    assert run("restore", tmp_path / "b", ada, "--replace", backup_passphrase=FIRST).exit_code == 0
    assert sound(ada)
    assert sound(tmp_path / "ada.replaced")


@pytest.mark.parametrize("name", ["pipe", "nowhere", "."])
def test_a_backup_that_is_no_file_is_named_at_once_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    refused = run("restore", tmp_path / name, tmp_path / "back", backup_passphrase=FIRST)
    assert refused.exit_code == 1
    assert f"There is no backup in {tmp_path / name}." in refused.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["pipe"]


def test_damage_is_told_on_stdout_and_by_the_exit_code(ada: Path) -> None:
    whole = (ada / "store.db").read_bytes()
    (ada / "store.db").write_bytes(whole[:-2000] + bytes(4) + whole[-1996:])
    told = run("check", ada, "--json")
    answer = json.loads(told.stdout)
    assert (told.exit_code, answer["sound"]) == (1, False)
    assert answer["damages"]
    assert "damaged" in run("check", ada).stdout


@pytest.mark.parametrize("command", [["check"], ["passphrase"], ["key-file"], ["backup", "out"]])
def test_a_profile_that_is_not_there_is_said_and_none_is_made(tmp_path: Path, command: list[str]) -> None:
    name, *more = command
    refused = run(name, tmp_path / "nobody", *more, new_passphrase=FIRST)
    assert (refused.exit_code, "There is no profile" in refused.stderr) == (1, True)
    assert not (tmp_path / "nobody").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--name", "", "--relay", "http://r"], "A name has"),
        (["--name", "n" * 65, "--relay", "http://r"], "A name has"),
        (["--name", "   ", "--relay", "http://r"], "A name has"),
        (["--name", "Ada\x1b[2J", "--relay", "http://r"], "A name has"),
        (["--name", "Ada", "--relay", "relay"], "A relay's address"),
        (["--name", "Ada", "--relay", "http://a relay"], "A relay's address"),
        (["--name", "Ada", "--relay", "http://a\x1b[31m"], "A relay's address"),
    ],
)
def test_a_profile_is_not_made_with_an_impossible_name_or_relay(tmp_path: Path, options: list[str], told: str) -> None:
    refused = run("create", tmp_path / "ada", *options)
    assert (refused.exit_code, told in refused.stderr) == (2, True)


def test_a_profile_is_not_made_over_something_else(ada: Path) -> None:
    assert "not empty" in run("create", ada, "--name", "Eve", "--relay", "http://r").stderr


def test_a_passphrase_file_that_cannot_be_read_is_named(ada: Path, tmp_path: Path) -> None:
    told = CliRunner(env={"FORESEAL_NEW_PASSPHRASE_FILE": str(tmp_path / "gone")}).invoke(
        profile, ["passphrase", str(ada)]
    )
    assert (told.exit_code, "gone" in told.stderr) == (1, True)


def test_the_doctor_looks_a_profile_through_and_says_what_opens_it(ada: Path) -> None:
    told = CliRunner(env={"FORESEAL_LIST": ""}).invoke(doctor, ["--json", "--profile", str(ada)])
    (finding,) = [f for f in json.loads(told.stdout)["findings"] if f["about"] == "profile ada"]
    assert (finding["state"], told.exit_code) == ("ok", 0)
    (ada / "key").write_bytes(bytes(32))
    told = CliRunner(env={"FORESEAL_LIST": ""}).invoke(doctor, ["--json", "--profile", str(ada)])
    (finding,) = [f for f in json.loads(told.stdout)["findings"] if f["about"] == "profile ada"]
    assert (finding["state"], told.exit_code) == ("problem", 1)


def test_a_plain_name_is_one_of_this_users_own_profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: tmp_path / name)
    assert run("create", "ada", "--name", "Ada", "--relay", "http://r").exit_code == 0
    assert sound(tmp_path / "foreseal" / "profiles" / "ada")


def test_a_card_is_printed_and_drawn_and_says_who_it_is(ada: Path) -> None:
    told = json.loads(run("card", ada, "--json").stdout)
    assert parse_card(told["card"]).name == told["name"] == "Ada"
    text, *drawn = run("card", ada, "--qr").stdout.splitlines()
    assert text == told["card"]
    assert {len(line) for line in drawn} == {len(drawn[0])}
    assert set("".join(drawn)) == set("█▀▄ ")


def test_what_proves_a_split_log_is_written_out_once_for_all_contacts(ada: Path, tmp_path: Path) -> None:
    nothing = run("evidence", ada, "--out", tmp_path / "out")
    assert (nothing.exit_code, nothing.stdout, (tmp_path / "out").exists()) == (0, "", False)
    store = Store(ada, file_key(ada / "key"))
    with store.transaction():
        for contact, judgement, proof in (
            (b"a", "split-view", b"{}"),
            (b"b", "split-view", b"{}"),
            (b"c", "same", b""),
        ):
            store.heads.put(ComparedHead(contact * 32, bytes(32), "demo", b"", judgement, 1, proof))
        store.heads.put(ComparedHead(b"a" * 32, bytes(32), "demo", b"", "same", 2))
    assert [found.judgement for found in store.heads.all()] == ["split-view", "split-view", "same"]
    store.close()
    told = run("evidence", ada, "--out", tmp_path / "out", "--json")
    assert json.loads(told.stdout)["found"] == 1
    (file,) = (tmp_path / "out").iterdir()
    assert file.read_bytes() == b"{}"
