"""`foreseal list index`: making a list from elsewhere ready on this device."""

from __future__ import annotations

from pathlib import Path

import click

from foreseal_client.cli.answers import say, today
from foreseal_client.cli.lists.options import FOLDER, refusals

__all__ = ["index"]


@click.command()
@FOLDER
@click.pass_context
def index(context: click.Context, folder: Path) -> None:
    """Verify a list that came by other means than `make` or `import`, and build its index.

    Lists under 65,536 fingerprints need none; they are verified and noted as such.

    Exit code 0; 11 when the list is missing, damaged or stale, 2 when its folder cannot be written to.
    """
    from foreseal_matcher.lists import index_list

    with refusals(context, folder):
        found = index_list(folder, today())
        say(f"{found.name}: verified, {found.index_state}")
