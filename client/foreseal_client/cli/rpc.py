"""`foreseal rpc`: the headless client."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from foreseal_client.cli.answers import named_lists, plain, say_json
from foreseal_client.cli.streams import output_fails
from foreseal_client.cli.unlocking import Profile

if TYPE_CHECKING:
    from foreseal_client.relay_link import SocketLink
    from foreseal_client.rpc.service import Settings

__all__ = ["rpc"]


@click.command()
@click.option("--stdio", is_flag=True, help="One JSON object a line on standard input and output.")
@click.option("--socket", type=click.Path(path_type=Path), metavar="PATH", help="The same on a Unix socket.")
@click.option("--http", type=click.IntRange(0, 65535), metavar="PORT", help="On loopback; 0 takes a free port.")
@click.option("--spec", is_flag=True, help="Print the OpenRPC document and end.")
@click.option("--profile", "named", type=Profile(), multiple=True, help="Open this account. May be given again.")
@click.option("--profiles", type=click.Path(path_type=Path), metavar="DIR", help="Where `register` makes accounts.")
@click.option("--key-file", type=click.Path(path_type=Path), help="Where the key file lies, if not in the profile.")
@click.option("--list", "lists", type=click.Path(path_type=Path), multiple=True, help="A hash list; FORESEAL_LIST.")
@click.option("--policy", type=click.Choice(["off", "observe", "warn", "hold"]), default="hold", show_default=True)
@click.option("--on-failure", type=click.Choice(["fail-open", "fail-closed"]), default="fail-closed", show_default=True)
@click.option("--test-methods", is_flag=True, help="Let test.* answer: for suites, with synthetic lists only.")
def rpc(
    stdio: bool, socket: Path | None, http: int | None, spec: bool, named: tuple[Path, ...], profiles: Path | None,
    key_file: Path | None, lists: tuple[Path, ...], policy: str, on_failure: str, test_methods: bool,
) -> None:  # fmt: skip
    """Run a client without a screen, driven by JSON-RPC 2.0.

    A notification `ready` comes first. Method names are those of signal-cli where it has them; --spec prints all of
    them with their parameters and errors. Over HTTP the first line on standard output holds address and token.

    Exit code 0 after `shutdown`, ^C or the end of the input; otherwise that of the error which `foreseal rpc --spec`
    lists: 21 when another client has the profile open.
    """
    if spec:
        from foreseal_client.rpc.openrpc import openrpc

        click.echo(json.dumps(openrpc(), indent=2, ensure_ascii=False))
        return
    if sum((stdio, socket is not None, http is not None)) != 1:
        raise click.UsageError("Say how it is spoken to: --stdio, --socket PATH or --http PORT, one of them.")
    if not named and profiles is None:
        raise click.UsageError("Say whose it is: --profile for an account that is there, --profiles to make some.")
    from foreseal_client.cli.config import settings_told
    from foreseal_client.cli.dialling import links_of
    from foreseal_client.rpc.service import Settings
    from foreseal_matcher import Mode, OnFailure, Policy

    given = settings_told({})
    wanted = Policy(Mode(policy), OnFailure(on_failure))
    links = links_of(given)
    settings = Settings(profiles, named_lists(lists), wanted, test_methods, given.asked)
    try:
        asyncio.run(_run(settings, links, named, key_file, socket, http))
    except click.ClickException:
        raise
    except KeyboardInterrupt:
        return  # it was asked to end, as by SIGTERM, and has closed what it had open
    except OSError as fault:
        if output_fails(fault):
            raise  # nobody reads any more, or the disk is full: told as for every command
        _end_with(fault)
    except Exception as fault:  # whatever it was: its words, and nothing of a traceback
        _end_with(fault)


def _end_with(fault: Exception) -> NoReturn:
    from foreseal_client.rpc.codes import explained

    error = explained(fault)
    click.echo(f"Error: {plain(str(error))}", err=True)
    sys.exit(max(1, int(error.code)))


async def _run(
    settings: Settings,
    links: Callable[[str], SocketLink],
    named: tuple[Path, ...],
    key_file: Path | None,
    socket: Path | None,
    http: int | None,
) -> None:
    from foreseal_client.cli.unlocking import key_of
    from foreseal_client.ending import when_asked_to_end
    from foreseal_client.rpc.service import Service

    service = Service(settings, links=links)
    when_asked_to_end(service.over.set)
    try:
        for profile in named:
            await service.open(profile, key_of(profile, key_file))
        if socket is not None:
            from foreseal_client.rpc.pipes import serve_socket

            await serve_socket(service, socket)
        elif http is not None:
            from foreseal_client.rpc.web import serve_http

            await serve_http(service, http, lambda url, token: say_json({"url": url, "token": token}))
        else:
            from foreseal_client.rpc.pipes import serve_stdio

            await serve_stdio(service)
    finally:
        await service.close()
