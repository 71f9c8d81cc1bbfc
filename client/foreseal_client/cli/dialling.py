"""How a command reaches relays: through the proxy that its person set, wherever that was, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import plain

if TYPE_CHECKING:
    from foreseal_client.relay_link import SocketLink
    from foreseal_client.settings.reading import Settings

__all__ = ["links_here", "links_of", "proxy_of"]


def links_here(proxy: str | None = None) -> Callable[[str], SocketLink]:
    """Makes the links of a command that reads no other settings. `proxy`: the flag, where it has one. Raises
    `click.ClickException`."""
    from foreseal_client.cli.config import settings_told

    return links_of(settings_told({"proxy": proxy}))


def links_of(settings: Settings) -> Callable[[str], SocketLink]:
    """Makes the link to a relay of this address. Raises `click.ClickException`."""
    from foreseal_client.relay_link import SocketLink

    return partial(SocketLink, proxy=proxy_of(settings))


def proxy_of(settings: Settings) -> str | None:
    """Refuses a proxy with a slip in its address, and settings that may have named one and cannot be read: what was
    meant to go through a proxy never goes without. Raises `click.ClickException`."""
    if not (written := settings.text("proxy")):
        if hiding := [problem for problem in settings.problems if problem.hides]:
            raise click.ClickException(
                plain(f"{hiding[0]}. It may name a proxy, so nothing was sent. Mend it, or say which: FORESEAL_PROXY")
            )
        return None
    from foreseal_client.proxy import checked_proxy

    try:
        return checked_proxy(written)
    except ValueError as fault:
        origin = settings.values["proxy"].origin
        raise click.ClickException(
            plain(f"The proxy of {origin} cannot be used: {fault}. Nothing was sent.")
        ) from fault
