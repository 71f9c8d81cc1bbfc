"""`foreseal profile ledger`: which checks a device made, where the person has it written down."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import say, say_json
from foreseal_client.cli.on_profile import explained, opened_device
from foreseal_client.cli.unlocking import Profile
from foreseal_client.shown import counted

if TYPE_CHECKING:
    from foreseal_client.ledger import Finding, Line

__all__ = ["ledger"]

_PROFILE = click.argument("folder", type=Profile(), metavar="PROFILE")
_KEY_FILE = click.option("--key-file", type=click.Path(path_type=Path), help="Where its key file lies, if not in it.")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
_LAST = click.option("--last", type=click.IntRange(min=1), metavar="N", help="The newest N alone.")


@click.group()
def ledger() -> None:
    """Which checks this device made, against which lists, and what followed. Off until you switch it on.

    A line holds a day, the lists' names, versions and digests, the policy, what kind of thing was looked at, which way
    it went, what was found, what followed, and what the check sent (0 bytes); each line names the hash of the one
    before.
    There is no content, no file name and no person in it, and no entry of a list.

    Exit code 0, or 1 with one sentence on stderr.
    """


@ledger.command()
@_PROFILE
@_KEY_FILE
def on(folder: Path, key_file: Path | None) -> None:
    """Write checks down from now on, and say what it means if this device is seized."""
    from foreseal_client.ledger.words import IF_SEIZED

    _switch(folder, key_file, True)
    click.echo(IF_SEIZED, err=True)


@ledger.command()
@_PROFILE
@_KEY_FILE
def off(folder: Path, key_file: Path | None) -> None:
    """Write none down any more. What is there stays until it is erased."""
    _switch(folder, key_file, False)


@ledger.command()
@_PROFILE
@_KEY_FILE
@_LAST
@_JSON
def show(folder: Path, key_file: Path | None, last: int | None, as_json: bool) -> None:
    """Print its lines, the oldest first, and on stderr whether it is on and what it tells others."""
    _print(folder, key_file, (), last, as_json)


@ledger.command()
@_PROFILE
@click.argument("words", nargs=-1, required=True)
@_KEY_FILE
@_LAST
@_JSON
def search(folder: Path, words: tuple[str, ...], key_file: Path | None, last: int | None, as_json: bool) -> None:
    """Print the lines that hold all WORDS, such as: 2026-11 held picture demo-list"""
    _print(folder, key_file, words, last, as_json)


@ledger.command()
@_PROFILE
@click.argument("out", type=click.Path(path_type=Path))
@_KEY_FILE
@_JSON
def export(folder: Path, out: Path, key_file: Path | None, as_json: bool) -> None:
    """Write all of it to OUT in the open, as lines of JSON that can be verified without this profile.

    OUT is not encrypted. A file that is there is not overwritten.
    """
    from foreseal_client.ledger import exported

    with explained(), opened_device(folder, key_file) as device, device.store.transaction():
        head = device.store.ledger.head
        with out.open("xb") as file:
            file.writelines(exported(device.store.ledger.links()))
    if as_json:
        say_json({"file": str(out), "lines": head.lines, "head": str(head)})
    else:
        say("written", str(out), counted(head.lines, "line"), f"head {head}")


@ledger.command()
@_PROFILE
@_KEY_FILE
@click.option("--unmarked", is_flag=True, help="Leave no line that says so. A head noted before is not found then.")
@click.confirmation_option(prompt="Erase every line of the ledger? It cannot be brought back.")
@_JSON
def erase(folder: Path, key_file: Path | None, unmarked: bool, as_json: bool) -> None:
    """Remove every line. One is left that says so, with the day and the hash that the last line had, unless --unmarked.

    The rows are overwritten; a disk that does not really overwrite keeps blocks, encrypted. Exported files stay.
    """
    with opened_device(folder, key_file) as device:
        with device.store.transaction():
            head = device.store.ledger.erase(device.date, marked=not unmarked)
        device.store.ledger.forget()
        still = device.store.ledger.on
    if as_json:
        say_json({"erased": head.lines, "head": str(head), "marked": not unmarked, "on": still})
        return
    say("erased", counted(head.lines, "line"), f"head {head}")
    if still:
        click.echo("It is still on: the next check is written down.", err=True)


@ledger.command()
@click.argument("folder", type=Profile(), metavar="[PROFILE]", required=False)
@_KEY_FILE
@click.option(
    "--file", "source", type=click.Path(path_type=Path), metavar="F", help="An exported file instead of a profile."
)
@click.option("--head", "noted", metavar="HEAD", help="A head of it that you noted, today or earlier.")
@_JSON
def verify(folder: Path | None, key_file: Path | None, source: Path | None, noted: str | None, as_json: bool) -> None:
    """Say whether it is whole: no line altered, cut out, moved, replaced or cut off. Prints the head to note elsewhere.

    Without a head that you noted, nobody can tell a ledger that was written anew, wholly or from some line on, from the
    true one. Erased since, cut off and rewritten are named when you give one.
    """
    from foreseal_client.ledger import parse_head, verify_export, verify_links

    if (folder is None) is (source is None):
        raise click.UsageError("Name a profile, or an exported file with --file F.")
    with explained():
        head = None if noted is None else parse_head(noted)
        if source is not None:
            found = verify_export(_lines_of(source), head)
        elif folder is not None:
            with opened_device(folder, key_file) as device:
                found = verify_links(device.store.ledger.links(), head)
    _tell(found, head is not None, as_json)
    sys.exit(0 if found.fault is None else 1)


def _switch(folder: Path, key_file: Path | None, on: bool) -> None:
    with opened_device(folder, key_file) as device:
        with device.store.transaction():
            changed = device.store.ledger.switch(on, device.date)
        head = device.store.ledger.head
    state = "on" if on else "off"
    say(state if changed else f"{state} already", counted(head.lines, "line"), f"head {head}")


def _print(folder: Path, key_file: Path | None, words: tuple[str, ...], last: int | None, as_json: bool) -> None:
    from foreseal_client.ledger import read_line
    from foreseal_client.ledger.words import IF_SEIZED, columns

    wanted, unread = [word.casefold() for word in words], 0
    found: deque[Line] = deque(maxlen=last)
    with opened_device(folder, key_file) as device:
        on, head = device.store.ledger.on, device.store.ledger.head
        for link in device.store.ledger.links():
            line = read_line(link.spelled)
            unread += line is None
            if line is not None and _holds(line, wanted):
                found.append(line)
    for line in found:
        if as_json:
            say_json(_fields(line))
        else:
            say(*columns(line))
    click.echo(f"The ledger is {'on' if on else 'off'}. Head: {head}", err=True)
    if head.lines:
        click.echo(IF_SEIZED, err=True)
    if unread:
        click.echo(f"{counted(unread, 'line')} cannot be read: foreseal profile ledger verify", err=True)


def _holds(line: Line, wanted: list[str]) -> bool:
    from foreseal_client.ledger.words import columns

    told = " ".join(columns(line)).casefold()
    return all(word in told for word in wanted)


def _fields(line: Line) -> dict[str, object]:
    import msgspec

    fields: dict[str, object] = msgspec.to_builtins(line)
    return fields


def _lines_of(source: Path) -> Iterator[bytes]:
    """A file's lines with their newlines; one that is too long for a ledger comes in pieces, which are no lines."""
    from foreseal_client.ledger import MAX_LINE

    with source.open("rb") as file:
        while line := file.readline(MAX_LINE):
            yield line


def _tell(found: Finding, noted: bool, as_json: bool) -> None:
    from foreseal_client.ledger.words import explained_fault

    name = "whole" if found.fault is None else found.fault.value
    if as_json:
        say_json({"finding": name, "line": found.line, "head": str(found.head), "noted_head_found": found.noted})
    elif found.fault is None:
        say(name, counted(found.head.lines, "line"), f"head {found.head}")
    else:
        say(name, f"line {found.line}", f"it holds up to {found.head}")
    if found.fault is not None:
        click.echo(explained_fault(found.fault), err=True)
    elif not noted:
        click.echo(
            "Note the head elsewhere: without one, a ledger that was written anew looks as whole as this.", err=True
        )
