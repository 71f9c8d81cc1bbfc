"""`foreseal demo`: the main job."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from foreseal_client.cli.streams import output_fails
from foreseal_client.ending import when_asked_to_end

if TYPE_CHECKING:
    from foreseal_client.demo.scenario import Scenario

__all__ = ["demo", "found", "to_its_end"]

T = TypeVar("T")
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
_STORY = ""
"""`--script` without a name: today's claims one after the other."""


@click.command()
@click.option("--list", "listing", is_flag=True, help="Say which scenarios there are.")
@click.option("--scenario", metavar="NAME", help="Open this scenario on the screen; space goes on.")
@click.option(
    "--script", is_flag=False, flag_value=_STORY, metavar="[NAME]",
    help="Tell the story as plain text, without the screen; with a name, that scenario.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the claims and their evidence as JSON.")
@click.option(
    "--story", type=click.Path(dir_okay=False, path_type=Path), help="Write down the run that --scenario showed."
)
@click.option("--web", "in_browser", is_flag=True, help="Show it in a browser of this machine; also with --scenario.")
@click.option("--port", type=click.IntRange(0, 65535), help="Of --web; without it, one that is free.")
@click.option("--theme", type=click.Choice(["dark", "light"]), default="dark", help="Colours; light for projectors.")
@click.option("--list-picture", "listed", type=_FILE, multiple=True, help="Put this picture on the demo's list.")
@click.option("--send", "sent", type=_FILE, multiple=True, help="Try to send this file. Also: more files at the end.")
@click.argument("more", type=_FILE, nargs=-1)
def demo(
    listing: bool,
    scenario: str | None,
    script: str | None,
    as_json: bool,
    story: Path | None,
    in_browser: bool,
    port: int | None,
    theme: str,
    listed: tuple[Path, ...],
    sent: tuple[Path, ...],
    more: tuple[Path, ...],
) -> None:
    """Two people, one relay, a real check before the seal.

    On a terminal it opens a screen with both people and the relay's view. Without one, or with --script, it tells
    the same story as text, checks every claim, and exits 0 only if all of them hold.

    For an audience: foreseal demo --list, then foreseal demo --scenario NAME (space goes on), or --script NAME.
    In a browser instead of a terminal: --web, which prints an address for this machine alone.

    With your own pictures: foreseal demo --script --list-picture FILE --send FILE...
    """
    sent = (*sent, *more)
    if in_browser and (listing or script is not None or as_json or story or listed or sent):
        raise click.UsageError("--web goes with --scenario, --theme and --port, and with nothing else.")
    if sent and not listed:
        raise click.UsageError("--send needs a --list-picture: without one there is nothing to resemble.")
    if listed and not sent:
        raise click.UsageError("--list-picture needs a --send: say which files to try.")
    if listed and (script or scenario):
        raise click.UsageError("A scenario brings its own pictures: leave out --list-picture and --send.")
    if port is not None and not in_browser:
        raise click.UsageError("--port goes with --web.")
    if story and not (scenario and _on_a_terminal()):
        raise click.UsageError("--story goes with --scenario on a terminal. Without one: foreseal story --out FILE.")
    if listing:
        _say_scenarios(as_json=as_json)
    elif in_browser:
        from foreseal_client.cli.web import serve_demo

        serve_demo(theme, found(scenario).name if scenario else None, port or 0)
    elif script or (scenario and not _on_a_terminal()):
        _play(found(script or scenario or ""), as_json=as_json)
    elif scenario:
        from foreseal_client.tui.scenario import run_scenario

        app = run_scenario(found(scenario), theme)
        if story is not None:
            from foreseal_client.cli.story import write_story

            write_story(story, app.scenario, app.frames)
        sys.exit(0 if all(one.held_up for one in app.settled) else 1)
    elif script is None and not (as_json or listed) and _on_a_terminal():
        from foreseal_client.tui.demo import run_demo

        run_demo(theme)
    else:
        _tell(listed, sent, as_json=as_json)


def found(name: str) -> Scenario:
    """The scenario of this name. Raises `click.UsageError`."""
    from foreseal_client.demo.scenario import ScenarioError, named

    try:
        return named(name)
    except ScenarioError as fault:
        raise click.UsageError(str(fault)) from fault


def _on_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _say_scenarios(*, as_json: bool) -> None:
    from foreseal_client.demo.scenario import shipped

    if as_json:
        rows = [
            {"name": one.name, "title": one.title, "shows": one.shows, "limits": one.limits, "steps": len(one.steps)}
            for one in shipped()
        ]
        click.echo(json.dumps({"scenarios": rows}, indent=2, ensure_ascii=False))
        return
    for one in shipped():
        click.echo(f"{one.name:22} {one.title}. {one.shows}")


def _play(scenario: Scenario, *, as_json: bool) -> NoReturn:
    from foreseal_client.demo.script import play_scenario

    settled = to_its_end(play_scenario(scenario, out=None if as_json else click.echo))
    if as_json:
        told = {"scenario": scenario.name, "title": scenario.title, "steps": [one.as_dict() for one in settled]}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    sys.exit(0 if len(settled) == len(scenario.steps) and all(one.held_up for one in settled) else 1)


def _tell(listed: tuple[Path, ...], sent: tuple[Path, ...], *, as_json: bool) -> NoReturn:
    from foreseal_client.demo.script import play
    from foreseal_client.demo.story import Own, UnfitError

    try:
        own = Own(listed, sent) if listed else None
        claims = to_its_end(play(own, out=None if as_json else click.echo))
    except UnfitError as fault:
        raise click.UsageError(str(fault)) from fault
    if as_json:
        click.echo(json.dumps({"claims": [claim.as_dict() for claim in claims]}, indent=2, ensure_ascii=False))
    sys.exit(0 if claims and all(claim.held for claim in claims) else 1)


def to_its_end(story: Coroutine[Any, Any, T]) -> T:
    """Runs the story; asked to end by a signal, it takes its stage down first, as it does for ctrl+c. Raises what
    click shows in a sentence."""
    from foreseal_client.demo.story import UnfitError
    from foreseal_client.errors import ClientError

    try:
        return asyncio.run(_until_ended(story))
    except UnfitError:
        raise
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise click.ClickException("The demo was ended. What it had made is removed.") from None
    except TimeoutError as fault:
        raise click.ClickException("The demo stopped: something that should have happened did not.") from fault
    except (ClientError, OSError, RuntimeError) as fault:
        if isinstance(fault, OSError) and output_fails(fault):
            raise  # nobody reads any more, or the disk is full: told as for every command
        raise click.ClickException(f"The demo stopped: {fault}") from fault


async def _until_ended(story: Coroutine[Any, Any, T]) -> T:
    told = asyncio.ensure_future(story)
    when_asked_to_end(told.cancel)
    return await told
