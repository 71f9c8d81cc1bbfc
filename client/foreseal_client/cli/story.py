"""`foreseal story`: a scenario as a page to take away."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from foreseal_client.demo.recording import Frame
    from foreseal_client.demo.scenario import Scenario

__all__ = ["story", "write_story"]


@click.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where to write the page.")
@click.option("--scenario", default="known-picture-held", show_default=True, help="Which one; see demo --list.")
@click.option("--theme", type=click.Choice(["dark", "light"]), default="light", help="Colours of the screens.")
def story(out: Path, scenario: str, theme: str) -> None:
    """Plays a scenario and writes it down: the screens, what each side saw, and a brief for and against.

    The page is one HTML file without scripts that asks nobody for anything, and can be printed. It exits 0 only if
    every claim of the scenario held; the page is written in either case, and says so. To write down the run that an
    audience is shown: foreseal demo --scenario NAME --story FILE.
    """
    from foreseal_client.cli.demo import found, to_its_end
    from foreseal_client.tui.recorded import recorded

    wanted = found(scenario)
    frames = to_its_end(recorded(wanted, theme))
    write_story(out, wanted, frames)
    sys.exit(0 if all(frame.settled.held_up for frame in frames) else 1)


def write_story(out: Path, scenario: Scenario, frames: Sequence[Frame]) -> None:
    """Writes the page. Raises what click shows in a sentence."""
    from foreseal_client.demo.walk_through import walk_through

    try:
        out.write_text(walk_through(scenario, frames, datetime.now(UTC).date()), "utf-8")
    except OSError as fault:
        raise click.ClickException(f"{out} cannot be written: {fault.strerror}. Choose another place.") from fault
    click.echo(f"{out}: {len(frames)} steps.", err=True)
