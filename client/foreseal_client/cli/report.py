"""`foreseal report`: handing things to a desk from a profile, and seeing what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from foreseal_client.cli.answers import LIST_VARIABLE, named_lists, plain, say, say_json, today
from foreseal_client.cli.dialling import links_here
from foreseal_client.cli.on_profile import contact_called, opened_device
from foreseal_client.cli.unlocking import Profile
from foreseal_client.shown import counted

if TYPE_CHECKING:
    from foreseal_client.device import Device
    from foreseal_client.handing_over import HandedOver
    from foreseal_client.reports.said import Said

__all__ = ["report"]

_PROFILE = click.argument("folder", type=Profile(), metavar="PROFILE")
_KEY_FILE = click.option("--key-file", type=click.Path(path_type=Path), help="Where its key file lies, if not in it.")
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON, one object.")
_CATEGORY = click.option(
    "--category", type=click.Choice(["child-abuse", "threat", "intimate", "other"]), default="other", show_default=True
)
_WORDS = click.option("--words", default="", help="What you want to say with it.")
_YES = click.option("--yes", is_flag=True, help="Do not ask: what is disclosed is still written to stderr.")
_EXCERPT: Final = 60


@click.group()
def report() -> None:
    """Hand something to a desk: messages that you were sent, a link, an appeal, a picture of yourself as a fingerprint.

    Before anything goes, all that the desk will learn is written out, and asked for. The relay does not learn who
    hands it in. Each costs a token for that alone, of which there are four a day; beyond them, and while the relay is
    away, it is kept on this device: `again`, or the chat, hands it in later.

    Exit code 0; 1 with one sentence on stderr.
    """


@report.command()
@_PROFILE
@click.argument("card")
@_KEY_FILE
def desk(folder: Path, card: str, key_file: Path | None) -> None:
    """Take CARD for the desk's. Whoever runs it gives it to you; compare it with what they publish."""
    from foreseal_client.reporting import set_desk

    with opened_device(folder, key_file) as device:
        named = set_desk(device, card)
    say("desk", named.name, named.relay)


@report.command()
@_PROFILE
@click.option("--from", "sender", required=True, metavar="NAME", help="Who wrote them.")
@_KEY_FILE
@_JSON
def messages(folder: Path, sender: str, key_file: Path | None, as_json: bool) -> None:
    """The messages of somebody that could be reported: number, when it came, how it begins, files."""
    from foreseal_client.reporting import provable

    with opened_device(folder, key_file) as device:
        who = contact_called(sender, device)
        found = [one for one in device.store.history.with_contact(who.identity) if provable(one, device)]
    if as_json:
        told = [{"message": one.id, "at": one.at, "text": one.text, "files": len(one.files)} for one in found]
        say_json({"messages": told})
        return
    for one in found:
        say(str(one.id), str(one.at), one.text[:_EXCERPT], counted(len(one.files), "file"))


@report.command()
@_PROFILE
@click.argument("numbers", nargs=-1, required=True, type=click.IntRange(1), metavar="MESSAGE...")
@_CATEGORY
@_WORDS
@_YES
@_KEY_FILE
def send(folder: Path, numbers: tuple[int, ...], category: str, words: str, yes: bool, key_file: Path | None) -> None:
    """Report exactly these MESSAGEs, by their numbers, with what proves them."""
    from foreseal_client.errors import StoreError
    from foreseal_client.reporting import report_of
    from foreseal_client.reports.said import Category

    with opened_device(folder, key_file) as device:
        picked = [device.store.history.get(number) for number in dict.fromkeys(numbers)]
        found = [one for one in picked if one is not None]
        if len(found) < len(picked):
            raise StoreError("There is no message with one of these numbers.")
        _hand_in(device, lambda: report_of(found, Category(category), words, device), yes)


@report.command()
@_PROFILE
@click.argument("link")
@_CATEGORY
@_WORDS
@_YES
@_KEY_FILE
def link(folder: Path, link: str, category: str, words: str, yes: bool, key_file: Path | None) -> None:
    """Tell the desk of a LINK that you came upon. Nothing in it says who you are."""
    from foreseal_client.reports.said import Category, TipOff

    with opened_device(folder, key_file) as device:
        _hand_in(device, lambda: TipOff(Category(category), words, link), yes)


@report.command()
@_PROFILE
@click.argument("number", type=click.IntRange(1), metavar="MESSAGE")
@_YES
@_KEY_FILE
def appeal(folder: Path, number: int, yes: bool, key_file: Path | None) -> None:
    """Hand to the desk what you said of MESSAGE, which was stopped or hidden here. The picture stays here."""
    from foreseal_client.errors import StoreError
    from foreseal_client.reporting import appeal_of

    with opened_device(folder, key_file) as device:
        message = device.store.history.get(number)
        if message is None:
            raise StoreError("There is no message with this number.")
        _hand_in(device, lambda: appeal_of(message, device), yes)


@report.command()
@_PROFILE
@click.argument("file", type=click.Path(path_type=Path))
@_WORDS
@_YES
@_KEY_FILE
def picture(folder: Path, file: Path, words: str, yes: bool, key_file: Path | None) -> None:
    """Ask that a picture of yourself be listed. FILE stays here; its fingerprints go, and nobody can look at them."""
    from foreseal_client.reporting import own_picture
    from foreseal_matcher import Undecodable

    with opened_device(folder, key_file) as device:
        try:
            read = file.read_bytes()
            said = own_picture(read, words)
        except (Undecodable, ValueError) as fault:
            raise click.ClickException(str(fault)) from fault
        _hand_in(device, lambda: said, yes)


@report.command()
@_PROFILE
@click.option("--list", "lists", multiple=True, type=click.Path(path_type=Path), metavar="DIR",
              help=f"A list as devices use it; repeat it. Otherwise {LIST_VARIABLE}.")  # fmt: skip
@_KEY_FILE
@_JSON
def status(folder: Path, lists: tuple[Path, ...], key_file: Path | None, as_json: bool) -> None:
    """What became of what was handed in. Pictures are looked for in the lists on this device; nobody is asked."""
    from foreseal_client.reporting import follow_up
    from foreseal_matcher import ListSet

    with opened_device(folder, key_file) as device:
        rows = follow_up(device, ListSet.open(named_lists(lists), today()))
    if as_json:
        told = [{"number": row.number.hex(), "kind": row.kind, "at": row.at, "state": row.state.value} for row in rows]
        say_json({"handed_in": told})
        return
    for row in rows:
        say(row.number.hex(), row.kind, str(row.at), row.state.value)


@report.command()
@_PROFILE
@_KEY_FILE
def again(folder: Path, key_file: Path | None) -> None:
    """Hand in what was kept here because the relay was away, or the day's tokens were used up. What was disclosed is
    what you agreed to then."""
    from foreseal_client.handing_over import bring_kept
    from foreseal_client.visiting import visiting

    links = links_here()
    with opened_device(folder, key_file) as device:

        async def visit() -> list[HandedOver]:
            async with visiting(device, lambda reason: click.echo(reason, err=True), links) as first:
                return await bring_kept(device, first)

        for handed in asyncio.run(visit()):
            _tell_of(handed)


@report.command("take-back")
@_PROFILE
@click.argument("number")
@_KEY_FILE
def take_back(folder: Path, number: str, key_file: Path | None) -> None:
    """Take back what has this NUMBER (see `status`): it is not listed, or comes off with the desk's next version."""
    from foreseal_client.handing_over import take_back as taken_back
    from foreseal_client.visiting import visiting

    try:
        wanted = bytes.fromhex(number)
    except ValueError as fault:
        raise click.ClickException("A number is 32 hex digits; foreseal report status shows them.") from fault
    links = links_here()
    with opened_device(folder, key_file) as device:

        async def visit() -> None:
            async with visiting(device, lambda reason: click.echo(reason, err=True), links) as first:
                await taken_back(wanted, device, first)

        asyncio.run(visit())
    say("taken back", number)


def _hand_in(device: Device, make: Callable[[], Said], yes: bool) -> None:
    """Tells what will be disclosed, asks, and brings it there."""
    from foreseal_client.errors import RelayRefusedError, RelayUnreachableError
    from foreseal_client.handing_over import hand_over, keep, not_yet, waits
    from foreseal_client.reporting import DESK, SEALED_SENDER, desk_card, told_of
    from foreseal_client.visiting import visiting

    links, card = links_here(), desk_card(device)
    try:
        said: Said = make()
    except ValueError as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(f"{card.name} at {card.relay} will learn this and nothing else:", err=True)
    for name, value in told_of(said, device):
        click.echo(f"  {name}: {plain(value)}", err=True)
    click.echo(SEALED_SENDER, err=True)
    if not yes and not click.confirm("Hand it in", default=False, err=True):
        raise click.ClickException("Nothing was handed in.")

    async def visit() -> HandedOver:
        row = keep(said, device.store.preferences.get(DESK) or "", device)
        try:
            async with visiting(device, lambda reason: click.echo(reason, err=True), links) as first:
                return await hand_over(row, device, first)
        except (RelayUnreachableError, RelayRefusedError) as fault:
            if not waits(row, device):  # refused for good
                raise
            return not_yet(row, fault)

    try:
        handed = asyncio.run(visit())
    except ValueError as fault:
        raise click.ClickException(f"This does not fit into one submission ({fault}). Pick less.") from fault
    _tell_of(handed)


def _tell_of(handed: HandedOver) -> None:
    if handed.waits:
        click.echo(handed.waits, err=True)
    say("waiting" if handed.waits else "received", handed.number.hex())
