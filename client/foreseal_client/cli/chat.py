"""`foreseal chat`: the chat itself, on a screen or in lines; and a profile, where there is none yet."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import plain as harmless
from foreseal_client.cli.unlocking import Profile, key_of, key_path, new_passphrase

if TYPE_CHECKING:
    from foreseal_client.chat.opening import Opening
    from foreseal_client.settings.reading import Settings

__all__ = ["chat"]

_NEW = "FORESEAL_NEW_PASSPHRASE_FILE"


@click.command()
@click.option("--profile", help="A profile's name, or its folder. [default: default]")
@click.option("--relay", help="The relay to make a new profile at, such as https://relay.example.")
@click.option("--name", help="The name that others see, for a new profile.")
@click.option("--passphrase", "locked", is_flag=True, default=None, help="Lock a new profile with a passphrase.")
@click.option("--key-file", type=click.Path(path_type=Path), help="Where its key file lies, if not in the profile.")
@click.option("--list", "folders", multiple=True, metavar="DIR", help="A hash list, beside those of the settings.")
@click.option("--policy", type=click.Choice(["off", "observe", "warn", "hold"]), help="At least this policy.")
@click.option("--safeguard", "tighter", multiple=True, metavar="NAME=VALUE", help="At least this safeguard.")
@click.option("--proxy", metavar="URL", help="Go through this SOCKS5 proxy: socks5://127.0.0.1:9050")
@click.option("--code", help="A registration code, for the first login at a relay that wants one.")
@click.option("--theme", type=click.Choice(["dark", "light"]), help="Colours; light has high contrast.")
@click.option("--plain", is_flag=True, default=None, help="Lines instead of a screen: for screen readers and pipes.")
def chat(
    profile: str | None,
    relay: str | None,
    name: str | None,
    locked: bool | None,
    key_file: Path | None,
    folders: tuple[str, ...],
    policy: str | None,
    tighter: tuple[str, ...],
    proxy: str | None,
    code: str | None,
    theme: str | None,
    plain: bool | None,
) -> None:
    """Write to people and groups. What is sent is checked on this device, before it is sealed.

    Where there is no profile of that name yet, one is made. Settings come from flags, from FORESEAL_* variables, from
    ./foreseal.toml and from the user's own file, in this order; see: foreseal config show. A policy given here can
    only tighten that of the profile.

    Without a terminal, on one that cannot move its cursor (TERM=dumb), or with --plain, the chat runs in lines: what
    is read from stdin is sent, or carried out where it begins with a slash; the messages stand on stdout.

    Exit code 0, or 1 with one sentence on stderr.
    """
    flags: dict[str, object] = {
        "profile": profile, "relay": relay, "lists": folders, "policy.mode": policy, "theme": theme, "plain": plain,
        "proxy": proxy, **_safeguards(tighter),
    }  # fmt: skip
    from foreseal_client.cli.config import settings_told
    from foreseal_client.cli.dialling import proxy_of
    from foreseal_client.errors import ClientError

    settings = settings_told(flags)
    folder = Profile().convert(settings.text("profile"), None, None)
    lines = settings.plain or not _has_a_screen()
    try:
        _make(folder, settings, name, locked, lines)
        opening = _opening(folder, key_file, settings, _code(code), proxy_of(settings))
        if lines:
            from foreseal_client.plain.terminal import run_plain

            run_plain(opening)
            return
        from foreseal_client.tui.chat.app import run_chat

        run_chat(opening)
    except ClientError as fault:
        raise click.ClickException(harmless(str(fault))) from fault
    except OSError as fault:
        raise click.ClickException(harmless(f"{fault.filename or 'A file'}: {fault.strerror}.")) from fault


def _has_a_screen() -> bool:
    # On stderr too, which the screen is drawn on: sent to a file it would leave the terminal empty.
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(stream.isatty() for stream in streams) and os.environ.get("TERM") not in ("dumb", "unknown")


def _make(folder: Path, settings: Settings, name: str | None, locked: bool | None, lines: bool) -> None:
    """Makes a profile where there is none: asks for what was not given, where somebody can be asked."""
    from foreseal_client.store.key import derive_key, file_key, read_key_record

    if read_key_record(folder) is not None:
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.ClickException(f"{folder} is no profile and not empty. Choose another name.")
    from foreseal_client.addresses import MAX_PERSON_NAME, is_relay_url
    from foreseal_client.chat.policies import FIRST
    from foreseal_client.device import Device
    from foreseal_matcher import ListSet

    relay = settings.text("relay")
    if not sys.stdin.isatty() and not (name and relay):
        raise click.ClickException(f"There is no profile in {folder}. To make one, give --name and --relay.")
    click.echo(harmless(f"There is no profile {folder.name} yet; it is made now, in {folder}."), err=True)
    name = name or click.prompt("The name that others see", err=True)
    relay = relay or click.prompt("The relay's address, such as https://relay.example", err=True)
    if not 1 <= len(name) <= MAX_PERSON_NAME or not name.strip() or not name.isprintable():
        raise click.ClickException(f"A name has 1 to {MAX_PERSON_NAME} characters that can be seen.")
    if not is_relay_url(relay):
        raise click.ClickException("A relay's address is http:// or https://, a host, perhaps a port, no more.")
    if locked is None and sys.stdin.isatty():
        locked = click.confirm("Lock it with a passphrase (otherwise a key file opens it)", default=True, err=True)
    chosen = new_passphrase(f"Passphrase for {folder.name}", _NEW) if locked else None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = file_key(key_path(folder)) if chosen is None else derive_key(chosen, folder)
    Device(folder, key, lists=ListSet.empty(), policy=FIRST, clock=time.time, name=name, relay=relay).close()


def _safeguards(tighter: tuple[str, ...]) -> dict[str, object]:
    pairs = [part.partition("=") for part in tighter]
    if any(not equals for _, equals, _ in pairs):
        raise click.UsageError("Write each as --safeguard NAME=VALUE. The names: foreseal profile safeguards show")
    return {f"safeguards.{name.strip()}": value for name, _, value in pairs}


def _code(written: str | None) -> bytes | None:
    if written is None:
        return None
    from foreseal_relay.admission import code_bytes

    read = code_bytes(written)
    if read is None:
        raise click.ClickException("This is no registration code, or has a slip in it. It begins with foreseal-code-")
    return read


def _opening(folder: Path, key_file: Path | None, settings: Settings, code: bytes | None, proxy: str | None) -> Opening:
    from foreseal_client.chat.opening import Opening
    from foreseal_client.errors import WrongKeyError
    from foreseal_client.store.key import read_key_record

    key, record = key_of(folder, key_file), read_key_record(folder)
    # Before the screen is there: SQLCipher writes to stderr when a key is wrong, which the screen is drawn on.
    if record is None or not record.fits(key):
        raise WrongKeyError
    keys = {command: str(given.value) for command, given in settings.keys.items()}
    return Opening(
        folder, key, record, settings.lists, settings.floor, keys, settings.text("theme"), settings.asked, code, proxy
    )
