"""`foreseal directory`: finding people by a public handle, the open room, and being found."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click

from foreseal_client.cli.answers import plain, say, say_json
from foreseal_client.cli.on_profile import explained, opened_device
from foreseal_client.cli.unlocking import Profile

if TYPE_CHECKING:
    from foreseal_client.relay_directory import RelayDirectory
    from foreseal_relay.public_wire import Signed

__all__ = ["directory"]

_DAY: Final = 86400
_PROFILE = click.argument("folder", type=Profile(), metavar="PROFILE")
_RELAY = click.argument("relay", metavar="RELAY")
_KEY_FILE = click.option("--key-file", type=click.Path(path_type=Path), help="Where its key file lies, if not in it.")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")
T = TypeVar("T")


@click.group()
def directory() -> None:
    """Find people by a public handle, look into a relay's open room, and be found, if you want to be.

    Everything here is public and not encrypted. The relay sees who publishes, and which handle an address asks for. A
    card does not show whose it is: compare safety numbers.

    Exit code 0; 1 with one sentence on stderr, also where a handle leads nowhere.
    """


@directory.command()
@_RELAY
@click.argument("handle")
@_JSON
def find(relay: str, handle: str, as_json: bool) -> None:
    """Print the card that exactly HANDLE leads to at RELAY. There is no search and no list."""
    found = _at(relay, lambda there: there.find(handle, _today()))
    if found is None:
        raise click.ClickException("This handle leads nowhere at this relay.")
    if as_json:
        say_json({"handle": found.handle, "name": found.card.name, "relay": found.card.relay, "card": found.text})
    else:
        say(found.handle, found.card.name, found.text)


@directory.command()
@_RELAY
@_JSON
def room(relay: str, as_json: bool) -> None:
    """Print the cards and lines that people left in the open room of RELAY."""
    notes, false = _at(relay, lambda there: there.room(_today()))
    if false:
        click.echo(f"Left out, because their makers did not sign them: {false}.", err=True)
    if as_json:
        say_json({"notes": [{"name": one.card.name, "line": one.line, "card": one.text} for one in notes]})
        return
    for one in notes:
        say(one.card.name, one.line, one.text)


@directory.command()
@_PROFILE
@click.argument("handle")
@_KEY_FILE
def publish(folder: Path, handle: str, key_file: Path | None) -> None:
    """Let HANDLE lead to this profile's card, for half a year. First come, first served."""
    from foreseal_client.public_cards import claim
    from foreseal_client.safeguards.words import PUBLIC

    with opened_device(folder, key_file) as device:
        relay, signed = device.account.relay, claim(handle, device)
    click.echo(PUBLIC, err=True)
    _publish(relay, signed)
    say("published", handle, relay)


@directory.command()
@_PROFILE
@click.argument("handle")
@_KEY_FILE
def release(folder: Path, handle: str, key_file: Path | None) -> None:
    """Let HANDLE lead nowhere any more. For 90 days nobody else can have it."""
    from foreseal_client.public_cards import release as statement

    with opened_device(folder, key_file) as device:
        relay, signed = device.account.relay, statement(handle, device)
    _publish(relay, signed)
    say("released", handle, relay)


@directory.command()
@_PROFILE
@click.argument("line")
@_KEY_FILE
def post(folder: Path, line: str, key_file: Path | None) -> None:
    """Leave this profile's card in the open room of its relay, with a LINE of text, for a week."""
    from foreseal_client.public_cards import note
    from foreseal_client.safeguards.words import PUBLIC

    with opened_device(folder, key_file) as device:
        relay, signed = device.account.relay, note(line, device)
    click.echo(PUBLIC, err=True)
    _publish(relay, signed)
    say("posted", relay)


@directory.command("take-back")
@_PROFILE
@_KEY_FILE
def take_back(folder: Path, key_file: Path | None) -> None:
    """Take this profile's card out of the open room. Who has read it keeps it."""
    from foreseal_client.public_cards import take_back as statement

    with opened_device(folder, key_file) as device:
        relay, signed = device.account.relay, statement(device)
    _publish(relay, signed)
    say("taken back", relay)


def _publish(relay: str, signed: Signed) -> None:
    _at(relay, lambda there: there.publish(signed))


def _at(relay: str, ask: Callable[[RelayDirectory], Awaitable[T]]) -> T:
    from foreseal_client.addresses import is_relay_url
    from foreseal_client.cli.dialling import links_here

    if not is_relay_url(relay):
        raise click.UsageError(f"{plain(relay)} is no relay's address: http:// or https://, a host, perhaps a port.")

    links = links_here()

    async def asked() -> T:
        async with links(relay) as link:
            return await ask(link.directory)

    with explained():
        return asyncio.run(asked())


def _today() -> int:
    return int(time.time()) // _DAY
