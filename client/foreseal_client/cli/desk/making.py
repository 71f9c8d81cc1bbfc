"""Making a desk, its card, and its officers."""

from __future__ import annotations

import time
from pathlib import Path

import click

from foreseal_client.cli.answers import say
from foreseal_client.cli.desk.opening import DESK, OFFICER, opened_desk, refuse
from foreseal_client.cli.on_profile import explained
from foreseal_client.cli.unlocking import ASKED_UNDER, new_passphrase

__all__ = ["card", "init", "officer"]

_NEW = "FORESEAL_NEW_PASSPHRASE_FILE"


@click.command()
@DESK
@OFFICER
@click.option("--relay", required=True, metavar="URL", help="Where the desk has its mailbox.")
@click.option("--name", default="Desk", show_default=True, help="What its card says.")
def init(folder: Path, officer: str, relay: str, name: str) -> None:
    """Make a desk in DIR, with NAME as its first lead.

    The passphrase is typed twice, or read from the file that FORESEAL_PASSPHRASE_FILE names.
    """
    from foreseal_client.addresses import MAX_PERSON_NAME, is_relay_url
    from foreseal_client.desk.room import Desk

    if not is_relay_url(relay) or not 1 <= len(name) <= MAX_PERSON_NAME or not name.isprintable():
        raise click.ClickException("A desk needs a relay's address, such as https://relay.example, and a short name.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.ClickException(f"{folder} is not empty. Choose another folder.")
    with explained():
        chosen = new_passphrase(f"Passphrase of {officer}", ASKED_UNDER)
        Desk.make(folder, name=name, relay=relay, lead=officer, passphrase=chosen, clock=time.time).close()
    say("made", str(folder))
    click.echo("Two different people have to agree: take in another with foreseal desk officer add.", err=True)


@click.command()
@DESK
@OFFICER
def card(folder: Path, officer: str) -> None:
    """Print the card that people hand things to, for `foreseal report desk`."""
    with opened_desk(folder, officer) as desk:
        say(desk.account.card())


@click.group()
def officer() -> None:
    """Take an officer in, or out. Only a lead may."""


@officer.command()
@DESK
@click.argument("name")
@OFFICER
@click.option("--lead", is_flag=True, help="They may also take officers in and out, and propose.")
def add(folder: Path, name: str, officer: str, lead: bool) -> None:
    """Take NAME in, who types a passphrase of their own here (or FORESEAL_NEW_PASSPHRASE_FILE names its file)."""
    from foreseal_client.desk.rules import Role

    with opened_desk(folder, officer) as desk:
        refused = desk.add_officer(
            name, Role.LEAD if lead else Role.REVIEWER, new_passphrase(f"Passphrase of {name}", _NEW)
        )
    if refused is not None:
        refuse(refused.value)
    say("taken in", name)


@officer.command()
@DESK
@click.argument("name")
@OFFICER
def remove(folder: Path, name: str, officer: str) -> None:
    """Take NAME out. What they said of cases stays; a copy of DIR from before still opens for them."""
    with opened_desk(folder, officer) as desk:
        refused = desk.remove_officer(name)
    if refused is not None:
        refuse(refused.value)
    say("taken out", name)
