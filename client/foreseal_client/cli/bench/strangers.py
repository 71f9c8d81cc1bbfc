"""Harmless pictures against a list that they are not on."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from foreseal_client.cli.answers import Exit, say, say_json
from foreseal_client.cli.bench.options import JSON, PHOTOS, SEED
from foreseal_client.cli.bench.telling import tell_step
from foreseal_client.cli.fingerprints import EVERY

__all__ = ["strangers"]


@click.command()
@PHOTOS
@SEED
@click.option("--each", type=click.IntRange(2, 10_000), default=200, show_default=True, help="Pictures of a kind.")
@click.option("--fingerprint", type=click.Choice(EVERY[:-1]), default="pdq", show_default=True)
@JSON
@click.pass_context
def strangers(context: click.Context, photos: Path, seed: int, each: int, fingerprint: str, as_json: bool) -> None:
    """Hold harmless pictures against a list that they are not on.

    One half of the photographs, cut into parts, is the list. The other half, its parts, memes and screenshots made of
    it, and documents, chats, dark frames and skies that are drawn are held against it, and against each other.

    Exit code 0, or 2 when there are not two usable photographs.
    """
    from foreseal_client.bench.strangers import measure_strangers
    from foreseal_matcher.errors import NotInstalled

    files = {path.name: path.read_bytes() for path in photos.iterdir() if path.is_file()}
    try:
        report = measure_strangers(files, seed, each, fingerprint, tell_step)
    except (ValueError, NotInstalled) as problem:
        click.echo(f"foreseal bench: {problem}", err=True)
        context.exit(Exit.USAGE)
    if as_json:
        say_json(asdict(report))
        return
    say("list", f"{report.entries} entries", f"of {report.parts} parts", f"limit {report.limit}")
    for one in report.strangers:
        bound = f"under {one.upper:.2g}" if not one.stopped else f"{one.stopped / one.pictures:.2g}"
        listed = f"{one.stopped} of {one.pictures} stopped, nearest {one.nearest}"
        say(one.kind, one.looks, listed, bound, f"{one.alike} like another of the kind, nearest {one.nearest_alike}")
