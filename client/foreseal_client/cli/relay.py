"""`foreseal relay`: the command. The running itself is `foreseal_relay.server.run`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

__all__ = ["relay"]


@click.command()
@click.option(
    "--data",
    "directory",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Where the relay keeps its store, blobs and stamp key; made if it is not there.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--origin", metavar="URL", help="The public URL that clients dial, when it is another one.")
@click.option(
    "--lists",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A repository of hash lists (foreseal list publish) to serve at URL/lists.",
)
@click.option(
    "--directory",
    "public",
    type=click.Choice(["off", "on"]),
    default="off",
    show_default=True,
    help="A public directory of handles and an open room, where strangers find people who want to be found.",
)
@click.option("--room", default="Open room", show_default=True, metavar="NAME", help="What the open room is called.")
@click.option(
    "--while-stdin",
    is_flag=True,
    help="Stop when standard input ends: a relay started with a pipe then ends with whoever started it.",
)
def relay(
    directory: Path,
    port: int,
    host: str,
    origin: str | None,
    lists: Path | None,
    public: str,
    room: str,
    while_stdin: bool,
) -> None:
    """Run a relay until it is stopped.

    It prints "listening on URL" first. It keeps envelopes that it cannot open, and no addresses.
    """
    from foreseal_relay.server import Settings, run

    settings = Settings(directory, host, port, origin, lists, public=public == "on", room=room)
    sys.exit(run(settings, while_stdin=while_stdin))
