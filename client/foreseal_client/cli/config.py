"""`foreseal config`: what is set, where, and whether it can be used."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from foreseal_client.cli.answers import plain, say, say_json

if TYPE_CHECKING:
    from foreseal_client.safeguards.asked import Asked
    from foreseal_client.settings.reading import Settings

__all__ = ["asked_in_files", "config", "settings_here", "settings_told"]

_JSON: Final = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def config() -> None:
    """Show what is set, and where.

    Flags count over FORESEAL_* variables, those over ./foreseal.toml, that over the user's own file, and that over
    what is built in. Lists of every place are used together, and of policies the tightest part of each: no place can
    loosen what another one tightened.
    """


@config.command()
@_JSON
def show(as_json: bool) -> None:
    """Print every setting, its value and where that came from. Exit code 0."""
    from foreseal_client.settings.reading import Given

    settings = settings_here({})
    rows = [*settings.values.items(), *((f"keys.{name}", given) for name, given in sorted(settings.keys.items()))]
    rows += [
        (f"safeguards.{name}", Given(str(value), one.source))
        for one in settings.asked
        for name, value in one.values.items()
    ]
    if as_json:
        found = {name: {"value": given.value, "from": given.origin} for name, given in rows}
        say_json({"settings": found, "problems": [str(problem) for problem in settings.problems]})
        return
    for name, given in rows:
        value = os.pathsep.join(given.value) if isinstance(given.value, tuple) else str(given.value)
        say(name, value, given.origin)
    for problem in settings.problems:
        click.echo(f"Not used: {problem}", err=True)


@config.command()
@_JSON
def path(as_json: bool) -> None:
    """Print where files of settings are looked for, the one that counts more first. Exit code 0."""
    if as_json:
        say_json({"files": [{"path": str(one), "there": one.is_file()} for one in _files()]})
        return
    for one in _files():
        say(str(one), "is there" if one.is_file() else "is not there")


@config.command()
@_JSON
def validate(as_json: bool) -> None:
    """Say what cannot be used in any place. Exit code 0 when all can be, 1 otherwise."""
    problems = [*map(str, settings_here({}).problems), *_unknown_keys(settings_here({}))]
    if as_json:
        say_json({"valid": not problems, "problems": problems})
    else:
        for problem in problems:
            say(problem)
    sys.exit(1 if problems else 0)


def settings_here(flags: Mapping[str, object]) -> Settings:
    """The settings for a command that was called here, now. `flags`: by setting's name."""
    from foreseal_client.settings.reading import read_settings

    return read_settings(flags, os.environ, _files())


def settings_told(flags: Mapping[str, object]) -> Settings:
    """As `settings_here`, for a command that goes on without what cannot be used, and says so on stderr."""
    settings = settings_here(flags)
    for problem in settings.problems:
        click.echo(plain(f"Not used: {problem}"), err=True)
    return settings


def asked_in_files() -> tuple[Asked, ...]:
    """What the files of settings ask of the safeguards."""
    from foreseal_client.settings.reading import read_settings

    return read_settings({}, {}, _files()).asked


def _files() -> tuple[Path, ...]:
    from foreseal_client.settings.reading import FILE_NAME, user_file

    return Path(FILE_NAME), user_file()


def _unknown_keys(settings: Settings) -> list[str]:
    """Keys that are set for what is no command."""
    from foreseal_client.chat.commands import COMMANDS

    return [
        f"{given.origin}: there is no command {name!r} to give a key"
        for name, given in settings.keys.items()
        if name not in COMMANDS
    ]
