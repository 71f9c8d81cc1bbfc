"""`foreseal demo --web`: the demo as a page in a browser of this machine."""

from __future__ import annotations

import asyncio
import errno
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import click

from foreseal_client.ending import when_asked_to_end

__all__ = ["serve_demo"]

_MISSING = "The page in a browser needs one more package. Install it with: pip install 'foreseal[web]'"


def serve_demo(theme: str, scenario: str | None, port: int) -> None:
    """Serves the page until ctrl+c. Its address goes to standard output. Raises what click shows in a sentence."""
    from foreseal_client.web.server import serve_page

    command = [sys.executable, "-m", "foreseal_client.tui.in_browser", theme, *([] if scenario is None else [scenario])]
    kit = _kit()

    async def until_ended() -> None:
        over = asyncio.Event()
        when_asked_to_end(over.set)
        await serve_page(command, kit, port, over, _say_address)

    try:
        asyncio.run(until_ended())
    except KeyboardInterrupt:
        click.echo("The page is gone, and what its screens had made is removed.", err=True)
    except OSError as fault:
        if fault.errno != errno.EADDRINUSE:
            raise click.ClickException(f"The page cannot be served: {fault.strerror}.") from fault
        raise click.ClickException(f"Port {port} is taken. Choose another, or leave out --port.") from fault


def _kit() -> Mapping[str, Path]:
    from foreseal_client.web.server import MissingKit, page_kit

    # Found and not imported: of this package the page takes files alone.
    found = find_spec("textual_serve")
    if found is None or found.origin is None:
        raise click.ClickException(_MISSING)
    try:
        return page_kit(Path(found.origin).parent)
    except MissingKit as fault:
        raise click.ClickException(f"{fault} {_MISSING}") from fault


def _say_address(address: str) -> None:
    click.echo(address)
    click.echo("Open this in a browser on this machine. Ctrl+c here ends it.", err=True)
