"""What can be checked and counted about a desk."""

from __future__ import annotations

from pathlib import Path

import click

from foreseal_client.cli.answers import say, say_json
from foreseal_client.cli.desk.opening import DESK, JSON, OFFICER, opened_desk

__all__ = ["audit", "counts"]


@click.command()
@DESK
@OFFICER
@click.option("--last", metavar="HASH", help="The last hash as it was noted elsewhere: the trail has to contain it.")
@JSON
def audit(folder: Path, officer: str, last: str | None, as_json: bool) -> None:
    """Check every record of the audit trail, and print it with its last hash. Note that hash somewhere else.

    Exit code 0; 1 where a record was changed, left out or put in, or the noted hash is not in the trail.
    """
    from foreseal_client.desk.agreed import keys_in
    from foreseal_client.desk.audit import trouble

    with opened_desk(folder, officer) as desk:
        trail = desk.tables.trail()
    try:
        wrong = trouble(trail, keys_in(trail))
    except ValueError as fault:
        raise click.ClickException(f"The audit trail cannot be read: {fault}.") from fault
    if wrong is not None:
        raise click.ClickException(f"The audit trail does not hold at record {wrong.place}: {wrong.why}.")
    hashes = [one.hash.hex() for one in trail]
    if last is not None and last.lower() not in hashes:
        raise click.ClickException("The hash that was noted is not in this trail: it is another one, or was cut.")
    told = [(act.number, act.at, act.officer, act.what, act.case, act.detail) for act in (one.act for one in trail)]
    if as_json:
        say_json({"records": told, "last": hashes[-1] if hashes else None})
        return
    for row in told:
        say(*(str(part) for part in row))
    say("last", hashes[-1] if hashes else "none")


@click.command()
@DESK
@OFFICER
def counts(folder: Path, officer: str) -> None:
    """Print counts and times as JSON: how many of what, and how long each step took. No content, and nobody."""
    from foreseal_client.desk.counting import counts as counted

    with opened_desk(folder, officer) as desk:
        say_json(counted(desk))
