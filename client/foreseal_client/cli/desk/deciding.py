"""The queue, one case, and what an officer says of it: the desk in lines, for scripts and screen readers."""

from __future__ import annotations

from pathlib import Path

import click

from foreseal_client.cli.answers import say, say_json
from foreseal_client.cli.desk.opening import DESK, JSON, OFFICER, opened_desk, refuse

__all__ = ["note", "queue", "show", "vote"]

_CASE = click.argument("case", type=click.IntRange(1), metavar="CASE")
_STATES = ["waiting", "confirmed", "dismissed", "proposed", "withdrawing", "withdrawn", "taken-back"]


@click.command()
@DESK
@OFFICER
@click.option("--state", type=click.Choice(_STATES), default="waiting", show_default=True)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@JSON
def queue(folder: Path, officer: str, state: str, limit: int, as_json: bool) -> None:
    """What is in a state, the most pressing first and of those the oldest."""
    from foreseal_client.desk.cases import State
    from foreseal_client.desk.showing import as_json as told
    from foreseal_client.desk.showing import line

    with opened_desk(folder, officer) as desk:
        found, total, now = desk.tables.queue(State(state), limit), desk.tables.count(State(state)), desk.now
    if as_json:
        say_json({"state": state, "total": total, "cases": [told(case, []) for case in found]})
        return
    for case in found:
        say(*line(case, now))
    click.echo(f"{len(found)} of {total}.", err=True)


@click.command()
@DESK
@_CASE
@OFFICER
@JSON
def show(folder: Path, case: int, officer: str, as_json: bool) -> None:
    """Everything about CASE but its pictures, which only the screen shows, and blurred until asked."""
    from foreseal_client.desk.showing import as_json as told
    from foreseal_client.desk.showing import rows

    with opened_desk(folder, officer) as desk:
        found = desk.tables.case(case)
        votes = desk.tables.votes(case)
    if found is None:
        raise click.ClickException("There is no such case.")
    if as_json:
        say_json(told(found, votes))
        return
    for name, value in rows(found, votes):
        say(name, value)


@click.command()
@DESK
@_CASE
@click.argument("voice", type=click.Choice(["agree", "dismiss"]))
@OFFICER
@click.option("--category", type=click.Choice(["child-abuse", "threat", "intimate", "other"]))
def vote(folder: Path, case: int, voice: str, officer: str, category: str | None) -> None:
    """Say that CASE is to be listed (of an appeal: that the entry comes off), or dismissed.

    It counts when a second officer says the same under the same category. The last word of each counts.
    """
    from foreseal_client.desk.rules import Denied, Voice
    from foreseal_client.reports.said import Category

    with opened_desk(folder, officer) as desk:
        state = desk.vote(case, Voice(voice), None if category is None else Category(category))
    if isinstance(state, Denied):
        refuse(state.value)
    say(str(case), state.value)


@click.command()
@DESK
@_CASE
@click.argument("text")
@OFFICER
def note(folder: Path, case: int, text: str, officer: str) -> None:
    """Write TEXT down beside CASE. Notes stay."""
    with opened_desk(folder, officer) as desk:
        try:
            refused = desk.note(case, text)
        except ValueError as fault:
            raise click.ClickException(str(fault)) from fault
    if refused is not None:
        refuse(refused.value)
    say(str(case), "noted")
