"""The desk on a screen."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from foreseal_client.cli.desk.opening import DESK, OFFICER, opened_desk

__all__ = ["open_desk"]


@click.command()
@DESK
@OFFICER
@click.option("--theme", type=click.Choice(["dark", "light"]), default="dark", show_default=True)
def open_desk(folder: Path, officer: str, theme: str) -> None:
    """Show the queue and decide. Pictures are blurred until they are asked for, and each such look is recorded.

    Without a terminal use: foreseal desk queue, show, vote and note.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.ClickException("There is no terminal. In lines: foreseal desk queue, show, vote and note.")
    from foreseal_client.tui.desk.app import run_desk

    with opened_desk(folder, officer) as desk:
        code = run_desk(desk, theme)
    sys.exit(code)
