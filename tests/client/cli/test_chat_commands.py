"""`foreseal chat` and `foreseal config` as they are called: what is refused, and in which words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foreseal_client.cli.chat import chat
from foreseal_client.cli.config import config

RELAY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("FORESEAL_LIST", "FORESEAL_RELAY", "FORESEAL_PROFILE", "FORESEAL_PLAIN"):
        monkeypatch.delenv(name, raising=False)


def called(*arguments: str, typed: str = "") -> Result:
    result = CliRunner().invoke(chat, [*arguments], input=typed)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--profile", "./new"], "give --name and --relay"),
        (["--profile", "./new", "--name", "A"], "give --name and --relay"),
        (["--profile", "./new", "--name", "A\x1b", "--relay", RELAY], "characters that can be seen"),
        (["--profile", "./new", "--name", "A" * 65, "--relay", RELAY], "characters that can be seen"),
        (["--profile", "./new", "--name", "A", "--relay", "ftp://x"], "give --name and --relay"),
        (["--profile", "./full"], "is no profile and not empty"),
    ],
)
def test_what_makes_no_profile_is_said_and_leaves_nothing_behind(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    result = called(*arguments)
    assert result.exit_code == 1
    assert said in result.stderr
    assert not (tmp_path / "new").exists()


def test_a_profile_is_made_at_the_first_start_and_a_wrong_key_does_not_open_it(tmp_path: Path) -> None:
    made = called("--profile", "./new", "--name", "Ada", "--relay", RELAY, typed="/relay\n/quit\n")
    assert made.exit_code == 0, made.output
    assert "can open none of them" in made.stdout
    assert "hold, fail-closed" in made.stdout
    (tmp_path / "other").write_bytes(bytes(32))
    assert "This key does not open" in called("--profile", "./new", "--key-file", "other").stderr
    assert "The key file gone is not there" in called("--profile", "./new", "--key-file", "gone").stderr


def test_settings_that_cannot_be_used_are_said_and_do_not_keep_anybody_out(tmp_path: Path) -> None:
    (tmp_path / "foreseal.toml").write_text('theme = "pink"\n[keys]\nwhy = "ctrl+g"\nfly = "ctrl+y"\n')
    result = called("--profile", "./new")
    assert "theme takes one of dark, light" in result.stderr
    shown = CliRunner().invoke(config, ["show", "--json"])
    answer = json.loads(shown.stdout)
    assert answer["settings"]["theme"] == {"value": "dark", "from": "built in"}
    assert answer["settings"]["keys.why"] == {"value": "ctrl+g", "from": "foreseal.toml"}
    valid = CliRunner().invoke(config, ["validate", "--json"])
    assert valid.exit_code == 1
    assert len(json.loads(valid.stdout)["problems"]) == 2
    (tmp_path / "foreseal.toml").write_text('theme = "light"')
    assert CliRunner().invoke(config, ["validate"]).exit_code == 0
    paths = CliRunner().invoke(config, ["path"]).stdout
    assert "foreseal.toml\tis there" in paths
    assert str(tmp_path / "config") in paths


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--proxy", "http://127.0.0.1:9"], "socks5://host:port"),
        (["--proxy", "socks5://nowhere"], "socks5://host:port"),
        (["--code", "foreseal-code-nonsense"], "This is no registration code"),
        (["--safeguard", "requests"], "NAME=VALUE"),
    ],
)
def test_a_slip_in_what_protects_ends_the_start_before_anything_is_sent(arguments: list[str], said: str) -> None:
    outcome = called("--profile", "./new", "--name", "A", "--relay", RELAY, *arguments)
    assert outcome.exit_code in (1, 2)
    assert said in outcome.output
