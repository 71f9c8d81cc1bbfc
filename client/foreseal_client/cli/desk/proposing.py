"""The next version of the list, handed to the endorsers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from foreseal_client.cli.answers import say, today
from foreseal_client.cli.desk.opening import DESK, OFFICER, opened_desk, refuse

__all__ = ["propose_list"]

_PATH = click.Path(path_type=Path)


@click.command()
@DESK
@click.argument("listed", type=_PATH, metavar="LIST")
@OFFICER
@click.option("--name", default="desk", show_default=True, help="Of the list, where there is none in LIST yet.")
@click.option("--purpose", type=click.Choice(["synthetic", "research"]), default="synthetic", show_default=True)
@click.option("--repository", type=_PATH, metavar="REPO", help="Let it wait there for the endorsers.")
def propose_list(folder: Path, listed: Path, officer: str, name: str, purpose: str, repository: Path | None) -> None:
    """Make the next version of the list in LIST from what two people agreed on, and from what is to come off.

    Nothing is in force by this: endorsers sign it with `foreseal list endorse`, and `foreseal list publish` ends it.
    """
    from foreseal_client.desk.listing import Proposal, propose
    from foreseal_client.desk.rules import Denied
    from foreseal_matcher.errors import MatcherError
    from foreseal_matcher.lists import Purpose

    with opened_desk(folder, officer) as desk:
        try:
            made = propose(desk, listed, name=name, purpose=Purpose(purpose))
        except MatcherError as fault:
            raise click.ClickException(str(fault)) from fault
    if isinstance(made, Denied):
        refuse(made.value)
    if not isinstance(made, Proposal):
        raise click.ClickException(str(made))
    for case, reason in made.left_out:
        click.echo(f"Case {case} was left out: {reason}", err=True)
    if repository is not None:
        _wait(listed, repository)
    say("version", made.version, f"{len(made.added)} added", f"{len(made.taken_off)} taken off")


def _wait(listed: Path, repository: Path) -> None:
    from foreseal_client.publishing.faults import NotPublished
    from foreseal_client.publishing.listed import open_to_publish
    from foreseal_client.publishing.publishing import prepare_list
    from foreseal_client.publishing.repository import Repository

    try:
        prepare_list(Repository(repository), open_to_publish(listed, today()), datetime.now(UTC))
    except NotPublished as fault:
        raise click.ClickException(str(fault)) from fault
