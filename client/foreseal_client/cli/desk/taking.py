"""Taking things in: from the relay, and from somebody who brings them."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import click

from foreseal_client.cli.answers import say, say_json
from foreseal_client.cli.desk.opening import DESK, JSON, OFFICER, opened_desk
from foreseal_client.cli.dialling import links_here

__all__ = ["collect", "tip"]

_CATEGORIES = click.Choice(["child-abuse", "threat", "intimate", "other"])


@click.command()
@DESK
@OFFICER
@click.option("--proxy", metavar="URL", help="Go through this SOCKS5 proxy: socks5://127.0.0.1:9050")
@JSON
def collect(folder: Path, officer: str, proxy: str | None, as_json: bool) -> None:
    """Log in at the relay, take in all that waits there, and come back. Run it from a timer to have it done often."""
    from foreseal_client.desk.running import collect as collected

    with opened_desk(folder, officer) as desk:
        link = links_here(proxy)(desk.account.account.relay)

        async def visit() -> dict[str, int]:
            async with link:
                outcomes = await collected(desk, link)
            return dict(Counter(one.refused or "taken" for one in outcomes))

        told = asyncio.run(visit())
    if as_json:
        say_json({"outcomes": told})
        return
    for outcome, times in sorted(told.items()):
        say(outcome, str(times))
    if not told:
        click.echo("Nothing waited.", err=True)


@click.command()
@DESK
@click.argument("what", metavar="FILE|LINK")
@OFFICER
@click.option("--category", type=_CATEGORIES, default="other", show_default=True)
@click.option("--words", default="", help="What was said with it.")
def tip(folder: Path, what: str, officer: str, category: str, words: str) -> None:
    """Take in a FILE or a LINK that somebody brings. It goes into the same queue, with nothing that proves it."""
    from foreseal_client.desk.tips import tip_file, tip_link
    from foreseal_client.reports.said import Category

    path = Path(what)
    with opened_desk(folder, officer) as desk:
        try:
            if path.exists():
                case = tip_file(desk, path, Category(category), words)
            elif "://" in what:
                case = tip_link(desk, what, Category(category), words)
            else:
                raise click.ClickException(f"{what} is no file here, and no link: a link begins with https://")
        except ValueError as fault:
            raise click.ClickException(str(fault)) from fault
    say("case", str(case))
