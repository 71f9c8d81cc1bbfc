"""`foreseal relay`: the command. The running itself is `foreseal_relay.server.run`."""

from __future__ import annotations

import secrets
import sys
import time
from pathlib import Path

import click

__all__ = ["relay"]

_DATA = "Where the relay keeps its store, blobs and keys; made if it is not there."


@click.group(invoke_without_command=True)
@click.option("--data", "directory", type=click.Path(path_type=Path), metavar="DIR", help=_DATA)
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
    "--store",
    envvar="FORESEAL_STORE",
    metavar="URL",
    help="A database that any number of relays share, instead of a file in DIR: postgresql://user@host/database. "
    "Passwords belong in ~/.pgpass or PGPASSWORD.",
)
@click.option(
    "--blobs",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder of blobs, when relays share one.",
)
@click.option(
    "--registration",
    type=click.Choice(["open", "invitation", "work"]),
    default="open",
    show_default=True,
    help="Who may make a mailbox here: anybody; people with a code (foreseal relay code); or whoever lets their "
    "computer work for it, about a second.",
)
@click.option(
    "--free-blobs", is_flag=True, help="Take attachments without tokens: anybody can then fill the disk's share."
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
@click.option("--tls-cert", type=click.Path(path_type=Path), metavar="PEM", help="A certificate with its chain.")
@click.option("--tls-key", type=click.Path(path_type=Path), metavar="PEM", help="Its key, not encrypted.")
@click.option(
    "--metrics", type=click.IntRange(0, 65535), metavar="PORT", help="Counts for a monitor, on 127.0.0.1 alone."
)
@click.option("--log-json", is_flag=True, help="The log as one JSON object a line.")
@click.option(
    "--while-stdin",
    is_flag=True,
    help="Stop when standard input ends: a relay started with a pipe then ends with whoever started it.",
)
@click.pass_context
def relay(
    context: click.Context,
    directory: Path | None,
    port: int,
    host: str,
    origin: str | None,
    lists: Path | None,
    store: str | None,
    blobs: Path | None,
    registration: str,
    free_blobs: bool,
    public: str,
    room: str,
    tls_cert: Path | None,
    tls_key: Path | None,
    metrics: int | None,
    log_json: bool,
    while_stdin: bool,
) -> None:
    """Run a relay until it is stopped.

    It prints "listening on URL" first. It keeps envelopes that it cannot open, and no addresses.
    """
    if context.invoked_subcommand is not None:
        return
    if directory is None:
        raise click.UsageError("Missing option '--data'.")
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key go together")
    tls = None if tls_cert is None or tls_key is None else (tls_cert, tls_key)
    from foreseal_relay.admission import Registration
    from foreseal_relay.server import Settings, run

    settings = Settings(
        directory, host, port, origin, lists, store, blobs, Registration(registration), free_blobs, public == "on",
        room, tls, metrics, log_json,
    )  # fmt: skip
    sys.exit(run(settings, while_stdin=while_stdin))


@relay.command("code")
@click.option("--data", "directory", type=click.Path(path_type=Path), required=True, metavar="DIR", help=_DATA)
@click.option("--count", type=click.IntRange(1, 1000), default=1, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Print them as a JSON array.")
def code(directory: Path, count: int, as_json: bool) -> None:
    """Make codes for a relay that runs with --registration invitation.

    Each makes one mailbox, within 30 days. The relay may be running. Ends with 0, or with 2 when DIR cannot be used.
    """
    import json

    from foreseal_relay.admission import NONCE_BYTES, new_code
    from foreseal_relay.home import Home, HomeError

    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret = Home(directory).stamp_key().derived(b"registration")
    except (HomeError, OSError) as error:
        click.echo(f"foreseal relay code: {error}", err=True)
        sys.exit(2)
    codes = [new_code(secret, secrets.token_bytes(NONCE_BYTES), time.time()) for _ in range(count)]
    click.echo(json.dumps(codes) if as_json else "\n".join(codes))
