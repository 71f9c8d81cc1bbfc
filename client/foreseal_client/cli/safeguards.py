"""`foreseal profile safeguards` and `foreseal profile counts`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from foreseal_client.cli.answers import say, say_json
from foreseal_client.cli.on_profile import opened_device
from foreseal_client.cli.unlocking import Profile, passphrase

if TYPE_CHECKING:
    from foreseal_client.safeguards.passcode import Lock

__all__ = ["counts", "new_lock", "safeguards"]

_PASSCODE: Final = "FORESEAL_PASSCODE_FILE"
_NEW: Final = "FORESEAL_NEW_PASSCODE_FILE"
_PROFILE = click.argument("folder", type=Profile(), metavar="PROFILE")
_KEY_FILE = click.option("--key-file", type=click.Path(path_type=Path), help="Where its key file lies, if not in it.")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group()
def safeguards() -> None:
    """Who may reach this person, and what follows from how new a contact is.

    The environment can tighten each setting for one run (FORESEAL_SAFEGUARDS_REQUESTS=invited) and loosen none. A young
    person's profile is loosened by its passcode alone: asked for, or read from the file that FORESEAL_PASSCODE_FILE
    names.
    """


@safeguards.command()
@_PROFILE
@_KEY_FILE
@_JSON
def show(folder: Path, key_file: Path | None, as_json: bool) -> None:
    """Say what holds and where it comes from; on a young person's profile in simple words, and who has the passcode."""
    import msgspec

    from foreseal_client.safeguards.asked import in_force
    from foreseal_client.safeguards.words import settings_lines
    from foreseal_client.safeguards.young import explained as in_simple_words
    from foreseal_client.safeguards.young import if_the_holder_is_the_danger

    with opened_device(folder, key_file) as device:
        lock = device.store.safeguards.lock()
        force = in_force(device.store.safeguards.settings(), device.asked)
        wait = 0 if lock is None else lock.wait(device.now)
    for source, name in force.ignored:
        click.echo(f"{source}: {name} would be looser than the profile keeps it, and was ignored.", err=True)
    if as_json:
        settings = msgspec.to_builtins(force.settings)
        held_by = None if lock is None else lock.holder
        say_json({"settings": settings, "sources": dict(force.sources), "held_by": held_by, "passcode_wait": wait})
        return
    for name, value in msgspec.to_builtins(force.settings).items():
        say(name, str(value).lower(), force.sources[name])
    lines = settings_lines(force.settings)
    if lock is not None:
        say("held by", lock.holder)
        lines = [*in_simple_words(force.settings, lock.holder), *if_the_holder_is_the_danger(lock.holder)]
    click.echo()
    for line in lines:
        say(line)


@safeguards.command()
@_PROFILE
@click.argument("changes", nargs=-1, required=True, metavar="NAME=VALUE...")
@_KEY_FILE
def change(folder: Path, changes: tuple[str, ...], key_file: Path | None) -> None:
    """Keep other settings, such as requests=invited moment_days=14. Tighter ones need no passcode."""
    from foreseal_client.safeguard_settings import Changed, PasscodeWanted, change_settings
    from foreseal_client.safeguards.asked import read_asked, with_values
    from foreseal_client.safeguards.words import not_opened

    pairs = [part.partition("=") for part in changes]
    if any(not equals for _, equals, _ in pairs):
        raise click.UsageError("Write each as NAME=VALUE. The names: foreseal profile safeguards show")
    with opened_device(folder, key_file) as device:
        asked = read_asked("given", {name.strip(): value for name, _, value in pairs})
        wanted = with_values(device.store.safeguards.settings(), asked.values)
        outcome = change_settings(device, wanted)
        if isinstance(outcome, PasscodeWanted):
            _refuse_wait(outcome.wait)
            click.echo(f"Looser: {', '.join(outcome.loosened)}. The passcode is held by: {outcome.holder}.", err=True)
            outcome = change_settings(device, wanted, passphrase("Passcode", _PASSCODE))
    if not isinstance(outcome, Changed):
        raise click.ClickException(not_opened(outcome.wait))
    say("changed", *sorted(asked.values))


@safeguards.command()
@_PROFILE
@click.option("--held-by", "holder", required=True, metavar="NAME", help="Who knows the new passcode.")
@_KEY_FILE
def passcode(folder: Path, holder: str, key_file: Path | None) -> None:
    """Set another passcode, or give it into other hands. Takes the one that holds now.

    The new one is asked for, or read from the file that FORESEAL_NEW_PASSCODE_FILE names.
    """
    from foreseal_client.safeguard_settings import change_passcode
    from foreseal_client.safeguards.passcode import Opened
    from foreseal_client.safeguards.words import not_opened

    with opened_device(folder, key_file) as device:
        lock = device.store.safeguards.lock()
        _refuse_wait(0 if lock is None else lock.wait(device.now))
        now = passphrase("Passcode", _PASSCODE)
        outcome = change_passcode(device, now, holder, _asked_twice("New passcode", _NEW))
    if not isinstance(outcome, Opened):
        raise click.ClickException(not_opened(outcome.wait))
    say("changed", "held by", holder)


@click.command()
@_PROFILE
@_KEY_FILE
@click.option("--erase", is_flag=True, help="Begin to count anew.")
@_JSON
def counts(folder: Path, key_file: Path | None, erase: bool, as_json: bool) -> None:
    """Say how often the safeguards did something here. Counted on this device alone; no backup holds it."""
    with opened_device(folder, key_file) as device:
        found = device.store.safeguards.counts()
        if erase:
            with device.store.transaction():
                device.store.safeguards.erase_counts()
    if as_json:
        say_json({"counts": found, "erased": erase})
        return
    for what, times in found.items():
        say(what, str(times))
    if erase:
        click.echo("Erased.", err=True)


def new_lock(holder: str) -> Lock:
    """The lock of a new young person's profile. Raises `SettingError`."""
    from foreseal_client.safeguards.passcode import Lock

    return Lock.new(holder, _asked_twice("Passcode that loosens the safeguards", _PASSCODE))


def _asked_twice(prompt: str, variable: str) -> str:
    chosen = passphrase(prompt, variable)
    if not os.environ.get(variable) and click.prompt("The same again", hide_input=True, err=True) != chosen:
        raise click.ClickException("The two are not the same. Nothing was changed.")
    return chosen


def _refuse_wait(wait: int) -> None:
    if wait:
        from foreseal_client.safeguards.words import not_opened

        raise click.ClickException(not_opened(wait))
