"""`foreseal demo`: the main job."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from foreseal_client.ending import when_asked_to_end

__all__ = ["demo"]

T = TypeVar("T")
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.command()
@click.option("--script", is_flag=True, help="Tell the story as plain text, without the screen.")
@click.option("--json", "as_json", is_flag=True, help="Print the claims and their evidence as JSON.")
@click.option("--list-picture", "listed", type=_FILE, multiple=True, help="Put this picture on the demo's list.")
@click.option("--send", "sent", type=_FILE, multiple=True, help="Try to send this file. Also: more files at the end.")
@click.argument("more", type=_FILE, nargs=-1)
def demo(script: bool, as_json: bool, listed: tuple[Path, ...], sent: tuple[Path, ...], more: tuple[Path, ...]) -> None:
    """Two people, one relay, a real check before the seal.

    On a terminal it opens a screen with both people and the relay's view. Without one, or with --script, it tells
    the same story as text, checks every claim, and exits 0 only if all of them hold.

    With your own pictures: foreseal demo --script --list-picture FILE --send FILE...
    """
    sent = (*sent, *more)
    if sent and not listed:
        raise click.UsageError("--send needs a --list-picture: without one there is nothing to resemble.")
    if listed and not sent:
        raise click.UsageError("--list-picture needs a --send: say which files to try.")
    if not (script or as_json or listed) and sys.stdin.isatty() and sys.stdout.isatty():
        from foreseal_client.tui.demo import run_demo

        run_demo()
        return
    from foreseal_client.demo.script import play
    from foreseal_client.demo.story import Own, UnfitError
    from foreseal_client.errors import ClientError

    try:
        own = Own(listed, sent) if listed else None
        claims = asyncio.run(_to_its_end(play(own, out=None if as_json else click.echo)))
    except UnfitError as fault:
        raise click.UsageError(str(fault)) from fault
    except asyncio.CancelledError:
        raise click.ClickException("The demo was ended. What it had made is removed.") from None
    except TimeoutError as fault:
        raise click.ClickException("The demo stopped: something that should have happened did not.") from fault
    except (ClientError, OSError, RuntimeError) as fault:
        raise click.ClickException(f"The demo stopped: {fault}") from fault
    if as_json:
        click.echo(json.dumps({"claims": [claim.as_dict() for claim in claims]}, indent=2, ensure_ascii=False))
    sys.exit(0 if claims and all(claim.held for claim in claims) else 1)


async def _to_its_end(story: Coroutine[Any, Any, T]) -> T:
    """Runs the story; asked to end by a signal, it takes its stage down first, as it does for ctrl+c."""
    told = asyncio.ensure_future(story)
    when_asked_to_end(told.cancel)
    return await told
