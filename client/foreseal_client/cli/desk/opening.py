"""Opening a desk for one command, with faults told in words."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.on_profile import explained
from foreseal_client.cli.unlocking import ASKED_UNDER, passphrase

if TYPE_CHECKING:
    from foreseal_client.desk.room import Desk

__all__ = ["DESK", "JSON", "OFFICER", "opened_desk", "refuse"]

DESK = click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
OFFICER = click.option("--officer", required=True, metavar="NAME", help="Who sits here.")
JSON = click.option("--json", "as_json", is_flag=True, help="JSON, one object.")


@contextmanager
def opened_desk(folder: Path, officer: str) -> Iterator[Desk]:
    """The desk with this officer at it."""
    from foreseal_client.desk.room import Desk

    with explained():
        typed = passphrase(f"Passphrase of {officer}", ASKED_UNDER)
        desk = Desk.open(folder, officer=officer, passphrase=typed, clock=time.time)
        try:
            yield desk
        finally:
            desk.close()


def refuse(reason: str) -> None:
    """Ends the command with this sentence. Raises `click.ClickException`."""
    raise click.ClickException(f"{reason[0].upper()}{reason[1:]}.")
