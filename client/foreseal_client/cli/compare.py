"""`foreseal compare`: how far apart two pictures or films are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import Exit, plain, reason_of, say, say_json
from foreseal_client.cli.compare_films import compare_films, either_is_a_film

if TYPE_CHECKING:
    from foreseal_matcher.fingerprints.pdq import Pdq

__all__ = ["compare"]

_FILE = click.Path(path_type=Path)
_WARNING = "The fingerprints of 64 bits are for comparing only: against millions of entries they match by chance."


@click.command()
@click.argument("one", type=_FILE, metavar="A")
@click.argument("other", type=_FILE, metavar="B")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def compare(context: click.Context, one: Path, other: Path, as_json: bool) -> None:
    """Say how far apart two pictures are, or how much two films have in common.

    The nearest of their first looks, in bits of 256; up to 31 is a match when both qualities are 50 or more. Below
    it stands a family of 64-bit fingerprints, for comparison.

    Of films: how many of the seconds of each are found in the other. It is a match when 80 % of either are, in three
    seconds at least.

    Exit code 0, or 3 when a file could not be read.
    """
    from foreseal_matcher.fingerprints.pdq import MATCH_AT, distance

    if either_is_a_film(one, other):
        context.exit(compare_films(one, other, as_json=as_json))
    picture, other_picture = _read(one), _read(other)
    if picture is None or other_picture is None:
        context.exit(Exit.UNREADABLE)
    (data, looks), (other_data, other_looks) = picture, other_picture
    pairs = ((distance(a.bits, b.bits), a.quality, b.quality) for a in looks for b in other_looks)
    apart, quality, other_quality = min(pairs)
    telling = all(any(look.telling for look in each) for each in (looks, other_looks))
    family = _family(data, other_data)
    if as_json:
        say_json(
            {
                "a": str(one),
                "b": str(other),
                "distance": apart,
                "limit": MATCH_AT,
                "match": telling and apart <= MATCH_AT,
                "quality": [quality, other_quality],
                "family": family,
            }
        )
        return
    say("pdq", f"{apart} of 256 bits", _in_words(apart, telling), f"quality {quality} and {other_quality}")
    for name, bits in family.items():
        say(name, f"{bits} of 64 bits")
    if family:
        click.echo(_WARNING, err=True)


def _in_words(apart: int, telling: bool) -> str:
    from foreseal_matcher.fingerprints.pdq import MATCH_AT

    if not telling:
        return "too little in one of them to tell"
    near = apart <= MATCH_AT
    return f"they resemble each other ({MATCH_AT} or fewer)" if near else f"no match (more than {MATCH_AT})"


def _read(path: Path) -> tuple[bytes, list[Pdq]] | None:
    """A picture and the fingerprints of its first frame's looks, or None after saying why not."""
    from foreseal_client.cli.on_disk import OnDisk
    from foreseal_matcher import Undecodable
    from foreseal_matcher.decode import first_looks
    from foreseal_matcher.fingerprints.pdq import pdq

    try:
        data = OnDisk.of(path).as_picture()
        return data, [pdq(look.luma, look.full) for look in first_looks(data)]
    except (Undecodable, OSError) as error:
        click.echo(plain(f"foreseal compare: {path}: {reason_of(error)}"), err=True)
    return None


def _family(data: bytes, other: bytes) -> dict[str, int]:
    from foreseal_matcher.errors import NotInstalled
    from foreseal_matcher.fingerprints.perceptual import perceptual

    try:
        return {
            name: (one ^ two).bit_count()
            for (name, one), two in zip(perceptual(data).items(), perceptual(other).values(), strict=True)
        }
    except NotInstalled as absent:
        click.echo(f"foreseal compare: {absent}", err=True)
        return {}
