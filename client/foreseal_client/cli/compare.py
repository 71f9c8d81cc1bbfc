"""`foreseal compare`: how far apart two pictures are, by each fingerprint, or how much two films have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from foreseal_client.cli.answers import Exit, plain, reason_of, say, say_json
from foreseal_client.cli.compare_films import compare_films, either_is_a_film
from foreseal_client.cli.fingerprints import EVERY, chosen_fingerprints

if TYPE_CHECKING:
    from foreseal_matcher.decode import Look
    from foreseal_matcher.fingerprints.fingerprint import Fingerprint

__all__ = ["compare"]

_FILE = click.Path(path_type=Path)
_MANY: Final = 1_000_000
"""Entries that the warning is counted for: a list of the middling sort."""


@dataclass(frozen=True, slots=True)
class _Apart:
    """How far apart two pictures are by one fingerprint. `of`: the longest distance there is. `match`: at most `limit`
    bits, with enough in both pictures to tell."""

    distance: float
    of: int
    limit: int
    match: bool
    telling: bool


@click.command()
@click.argument("one", type=_FILE, metavar="A")
@click.argument("other", type=_FILE, metavar="B")
@chosen_fingerprints(EVERY, "Only this fingerprint; may be repeated. Without it all of them.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def compare(context: click.Context, one: Path, other: Path, names: tuple[str, ...], as_json: bool) -> None:
    """Say how far apart two pictures are, or how much two films have in common.

    By PDQ, which a check uses: in bits of 256; up to 31 is a match when both qualities are 50 or more. By a family of
    64-bit fingerprints, each with its usual limit. And by the crop-resistant one, whose distance counts the segments
    of A that have none like them in B. Of all looks at A and B the nearest.

    Of films: how many of the seconds of each are found in the other. It is a match when 80 % of either are, in three
    seconds at least.

    Exit code 0, or 3 when a file could not be read.
    """
    from foreseal_client.short_fingerprints import chance_warning
    from foreseal_matcher.errors import NotInstalled
    from foreseal_matcher.fingerprints.fingerprint import by_chance
    from foreseal_matcher.fingerprints.known import FINGERPRINTS
    from foreseal_matcher.fingerprints.pdq import pdq

    if either_is_a_film(one, other):
        context.exit(compare_films(one, other, as_json=as_json))
    looks, other_looks = _read(one), _read(other)
    if looks is None or other_looks is None:
        context.exit(Exit.UNREADABLE)
    apart: dict[str, _Apart] = {}
    try:
        for name in names or EVERY:
            apart[name] = _apart(FINGERPRINTS[name], looks, other_looks)
    except NotInstalled as absent:
        click.echo(f"foreseal compare: {absent}", err=True)
    quality = [max(pdq(look.luma, look.full).quality for look in each) for each in (looks, other_looks)]
    if as_json:
        found = {name: asdict(each) for name, each in apart.items()}
        say_json({"a": str(one), "b": str(other), "quality": quality, **found.get("pdq", {}), "fingerprints": found})
        return
    for name, each in apart.items():
        unit = "segments" if name == "crop-resistant" else "bits"
        remark = f"quality {quality[0]} and {quality[1]}" if name == "pdq" else ""
        say(name, f"{each.distance:g} of {each.of} {unit}", _in_words(name, each), remark)
    short = {n: by_chance(FINGERPRINTS[n].bits, FINGERPRINTS[n].limit, _MANY) for n in apart if n != "pdq"}
    if short:
        click.echo(chance_warning(short, f"{_MANY:,} entries"), err=True)


def _apart(fingerprint: Fingerprint, looks: Sequence[Look], others: Sequence[Look]) -> _Apart:
    """By the nearest pair of looks. Raises `NotInstalled`."""
    taken, taken_other = ([fingerprint.of(look) for look in each] for each in (looks, others))
    distance, one, other = min(
        (fingerprint.distance(a.bits, b.bits), a.bits, b.bits) for a in taken for b in taken_other
    )
    telling = all(any(each.telling for each in side) for side in (taken, taken_other))
    most = fingerprint.bits if fingerprint.name != "crop-resistant" else len(one) * 8 // fingerprint.bits
    near = telling and fingerprint.matches(one, other)
    return _Apart(round(distance, 3), most, fingerprint.limit, near, telling)


def _in_words(name: str, apart: _Apart) -> str:
    if not apart.telling:
        return "too little in one of them to tell"
    if name == "crop-resistant":
        limit = f"a segment within {apart.limit} bits"
        return f"they resemble each other ({limit})" if apart.match else f"no match (not {limit})"
    return (
        f"they resemble each other ({apart.limit} or fewer)" if apart.match else f"no match (more than {apart.limit})"
    )


def _read(path: Path) -> list[Look] | None:
    """The looks at a picture's first frame, or None after saying why there are none."""
    from foreseal_client.cli.on_disk import OnDisk
    from foreseal_matcher import Undecodable
    from foreseal_matcher.decode import first_looks

    try:
        return first_looks(OnDisk.of(path).as_picture())
    except (Undecodable, OSError) as error:
        click.echo(plain(f"foreseal compare: {path}: {reason_of(error)}"), err=True)
    return None
