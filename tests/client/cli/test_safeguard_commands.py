"""`foreseal profile safeguards|counts`, `foreseal pressured` and `foreseal directory` as a person and a script meet
them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec
import pytest
from click.testing import CliRunner, Result

from foreseal_client.cli.directory import directory
from foreseal_client.cli.pressured import pressured
from foreseal_client.cli.profile import profile
from foreseal_client.sealing import passphrases
from foreseal_client.store import Contact, Proof, Standing, Store
from foreseal_client.store.key import file_key
from foreseal_relay.serving import Settings, serving
from sample_stores import BOB, chat

RIGHT, WRONG = "open sesame", "wrong wrong"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id at its least: what it costs a person is not what is tried here."""
    fresh = passphrases.Stretching.fresh
    monkeypatch.setattr(passphrases.Stretching, "fresh", lambda: fresh(passes=1, memory=8192))


@pytest.fixture
def secrets(tmp_path: Path) -> dict[str, str]:
    for name, text in {"right": RIGHT, "wrong": WRONG, "words": "correct horse"}.items():
        (tmp_path / name).write_text(text + "\n")
    return {name: str(tmp_path / name) for name in ("right", "wrong", "words")}


def run(command: click.Command, *arguments: object, **environment: str) -> Result:
    outcome = CliRunner().invoke(command, [str(argument) for argument in arguments], env=environment)
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
    return outcome


def made(folder: Path, *options: str, relay: str = "http://relay.example", **environment: str) -> Path:
    outcome = run(profile, "create", folder, "--name", "Kim", "--relay", relay, *options, **environment)
    assert outcome.exit_code == 0, outcome.stderr
    return folder


@pytest.fixture
def kim(tmp_path: Path, secrets: dict[str, str]) -> Path:
    held = ("--young", "--passcode-held-by", "Aunt Mo")
    return made(tmp_path / "kim", *held, FORESEAL_PASSCODE_FILE=secrets["right"])


@contextmanager
def store_of(folder: Path) -> Iterator[Store]:
    store = Store(folder, file_key(folder / "key"))
    yield store
    store.close()


def shown(folder: Path, **environment: str) -> dict[str, object]:
    told = run(profile, "safeguards", "show", folder, "--json", **environment)
    assert told.exit_code == 0, told.stderr
    answer: dict[str, object] = json.loads(told.stdout)
    return answer


def test_a_young_profile_says_who_holds_its_passcode_and_nothing_outside_loosens_it(kim: Path) -> None:
    before = shown(kim)
    assert before["held_by"] == "Aunt Mo"
    lax = {"REQUESTS": "anyone", "MAY_BE_LISTED": "true", "MOMENT_DAYS": "0", "MAY_SEND_TYPING": "1"}
    asked = {f"FORESEAL_SAFEGUARDS_{name}": value for name, value in lax.items()}
    assert shown(kim, **asked)["settings"] == before["settings"]
    assert "was ignored" in run(profile, "safeguards", "show", kim, **asked).stderr
    told = run(profile, "safeguards", "show", kim).stdout
    assert "The passcode does not let them read your messages." in told
    assert "What if Aunt Mo is the one who hurts you?" in told


def test_the_passcode_loosens_it_a_wrong_one_does_not_and_too_many_have_to_wait(
    kim: Path, secrets: dict[str, str]
) -> None:
    lax = ("safeguards", "change", kim, "moment_days=3")
    for _ in range(3):
        assert run(profile, *lax, FORESEAL_PASSCODE_FILE=secrets["wrong"]).exit_code == 1
    waits = run(profile, *lax, FORESEAL_PASSCODE_FILE=secrets["right"])
    assert (waits.exit_code, "seconds" in waits.stderr) == (1, True)
    with store_of(kim) as store, store.transaction():
        lock = store.safeguards.lock()
        assert lock is not None
        store.safeguards.put(store.safeguards.settings(), lock.opened())
    assert run(profile, *lax, FORESEAL_PASSCODE_FILE=secrets["right"]).exit_code == 0
    assert run(profile, "safeguards", "change", kim, "moment_days=4").exit_code == 0


def test_a_young_profile_without_a_passcode_is_not_made_at_all(tmp_path: Path) -> None:
    outcome = run(profile, "create", tmp_path / "kim", "--name", "Kim", "--relay", "http://r", "--young")
    assert outcome.exit_code == 1
    assert not (tmp_path / "kim").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [(["moment_days"], "NAME=VALUE"), (["young=false"], "no safeguard"), (["requests=\x1b[2J"], "cannot be")],
)  # fmt: skip
def test_what_is_no_setting_is_said_in_words(kim: Path, changes: list[str], said: str) -> None:
    outcome = run(profile, "safeguards", "change", kim, *changes)
    assert outcome.exit_code in (1, 2)
    assert said in outcome.stderr
    assert "\x1b" not in outcome.stderr


def test_counts_are_told_and_erased(kim: Path) -> None:
    told = json.loads(run(profile, "counts", kim, "--json", "--erase").stdout)
    assert told["erased"] is True
    assert set(told["counts"]) >= {"shown", "why_opened", "cancelled", "appealed", "overturned", "paused"}


def test_help_lines_open_without_a_profile_and_a_file_of_ones_own_counts(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[[line]]\nregion="DE"\nname="N"\nreach="1"\nabout="A"\nsource="https://s"\n')
    assert "116 111" in run(pressured, "lines", "--region", "de").stdout
    told = json.loads(run(pressured, "lines", "--file", own, "--json").stdout)
    assert [line["name"] for line in told["lines"]] == ["N"]
    own.write_bytes(b"\xff\xfe")
    assert run(pressured, "lines", "--file", own).exit_code == 1
    assert run(pressured, "lines", "--file", tmp_path / "none").exit_code == 1


def test_blocking_keeping_and_handing_on_ask_for_no_passcode(kim: Path, secrets: dict[str, str]) -> None:
    with store_of(kim) as store, store.transaction():
        bob = Contact(BOB, "Bob", "http://r", b"m" * 16, b"t" * 32, None, None, Standing.ACCEPTED, introduced=True)
        store.people.put(bob)
        chat(store, "hello")
    assert "kept\t0 letters" in run(pressured, "keep", kim, "Bob").stdout
    assert run(pressured, "block", kim, BOB.hex()[:10]).exit_code == 0
    with store_of(kim) as store:
        assert [contact.standing for contact in store.people.all()] == [Standing.BLOCKED]
    out, words = kim.parent / "evidence", {"FORESEAL_EVIDENCE_PASSPHRASE_FILE": secrets["words"]}
    assert run(pressured, "export", kim, out, **words).exit_code == 0
    assert json.loads(run(pressured, "open", out, "--json", **words).stdout) == {"letters": []}
    assert run(pressured, "open", kim / "key", **words).exit_code == 1
    assert "Nobody here is called Eve" in run(pressured, "block", kim, "Eve").stderr


def _evidence(store: Store, identity: bytes, name: str, letters: int) -> None:
    """Letters of somebody who is no contact any more."""
    proof = Proof(bytes(32), bytes(32), bytes(64), 1, bytes(8), bytes(32))
    with store.transaction():
        for number in range(letters):
            store._database.run("INSERT INTO evidence VALUES (?,?,?,?,?,?)", identity[:8] + number.to_bytes(8, "big"),
                                identity, name, 1, b"a letter", msgspec.msgpack.encode(proof))  # fmt: skip


def test_what_was_kept_is_erased_after_a_question_of_whom_is_meant_and_of_nobody_else(kim: Path) -> None:
    eve, other, mallory = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32
    assert "Nothing is kept" in run(pressured, "kept", kim).stderr
    with store_of(kim) as store:
        for identity, name, letters in ((eve, "Eve", 2), (other, "Eve", 1), (mallory, "Mal\x1b[2J", 1)):
            _evidence(store, identity, name, letters)
    for who, said in (("Bob", "Nothing is kept about Bob"), ("Eve", "2 people are called Eve"), ("0101", "Nothing")):
        refused = run(pressured, "forget", kim, who, "--yes")
        assert (refused.exit_code, said in refused.stderr) == (1, True)
        assert "\x1b" not in refused.stderr
    asked = CliRunner().invoke(pressured, ["forget", str(kim), eve.hex()[:16]], input="n\n")
    assert asked.exit_code == 1
    assert "cannot be brought back" in asked.stderr
    assert "2 letters of Eve" in asked.stderr
    assert [one["letters"] for one in json.loads(run(pressured, "kept", kim, "--json").stdout)["kept"]] == [2, 1, 1]
    assert run(pressured, "forget", kim, eve.hex()[:16], "--yes").stdout == "erased\t2 letters\tEve\n"
    assert run(pressured, "forget", kim, "Eve", "--yes").stdout == "erased\t1 letter\tEve\n"
    assert run(pressured, "kept", kim).stdout.split("\t")[2] == "1 letter\n"


async def test_a_handle_is_published_found_and_released_and_no_young_profile_is_in_it(
    tmp_path: Path, kim: Path
) -> None:
    async with serving(Settings(tmp_path / "relay", public=True)) as (url, _):
        ada = await asyncio.to_thread(made, tmp_path / "ada", relay=url)

        async def told(*arguments: object) -> Result:
            return await asyncio.to_thread(run, directory, *arguments)

        assert "does not allow" not in (await told("publish", ada, "ada.l")).stderr
        found = json.loads((await told("find", url, "ada.l", "--json")).stdout)
        assert (found["name"], found["relay"]) == ("Kim", url)
        assert (await told("post", ada, "hello all")).exit_code == 0
        assert [one["line"] for one in json.loads((await told("room", url, "--json")).stdout)["notes"]] == ["hello all"]
        assert (await told("take-back", ada)).exit_code == (await told("release", ada, "ada.l")).exit_code == 0
        assert (await told("find", url, "ada.l")).exit_code == 1
        assert json.loads((await told("room", url, "--json")).stdout) == {"notes": []}
        for refused in (("publish", kim, "kim.k"), ("post", kim, "hi")):
            outcome = await told(*refused)
            assert (outcome.exit_code, "do not allow" in outcome.stderr) == (1, True)
