"""How much two films have in common, for `foreseal compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import Exit, plain, reason_of, say, say_json

if TYPE_CHECKING:
    from foreseal_matcher.film_limits import Effort
    from foreseal_matcher.fingerprints.film import FilmPrint

__all__ = ["compare_films", "either_is_a_film"]


def either_is_a_film(*files: Path) -> bool:
    """Whether one of these can be read and begins as a film does."""
    from foreseal_matcher.formats import HEAD_BYTES
    from foreseal_matcher.lists.from_files import is_film

    for path in files:
        if path.is_file():
            with path.open("rb") as file:
                if is_film(file.read(HEAD_BYTES)):
                    return True
    return False


def compare_films(one: Path, other: Path, *, as_json: bool) -> Exit:
    """Says how much of `one` is in `other` and the other way round, as if `other` were listed. Either may be a picture,
    which is then a film of one frame."""
    from foreseal_matcher.film_limits import CHECKING, LISTING
    from foreseal_matcher.fingerprints.film import compared
    from foreseal_matcher.fingerprints.pdq import MATCH_AT, distance

    checked, listed = _print_of(one, CHECKING), _print_of(other, LISTING)
    if checked is None or listed is None:
        return Exit.UNREADABLE
    common = compared(checked, listed)
    nearest = min((distance(a.bits, b.bits) for a in checked.frames for b in listed.frames), default=None)
    if as_json:
        say_json(
            {
                "a": str(one),
                "b": str(other),
                "frames": [len(checked.frames), len(listed.frames)],
                "parts_of_a": {"found": common.matched, "of": common.parts},
                "parts_of_b": {"found": common.covered, "of": common.listed},
                "nearest": nearest,
                "limit": MATCH_AT,
                "match": common.resembles,
            }
        )
        return Exit.CLEAR
    in_words = "they resemble each other" if common.resembles else "no match"
    say("film", f"{common.matched} of {common.parts} parts of A in B", f"{common.covered} of {common.listed} of B in A")
    say("nearest frames", "none can be compared" if nearest is None else f"{nearest} of 256 bits", in_words)
    return Exit.CLEAR


def _print_of(path: Path, effort: Effort) -> FilmPrint | None:
    """The fingerprint of a file as a film, or None after saying why there is none."""
    from foreseal_client.cli.on_disk import OnDisk
    from foreseal_matcher import Undecodable
    from foreseal_matcher.lists.from_files import film_print_of

    try:
        return film_print_of(OnDisk.of(path).as_picture(), effort)
    except (Undecodable, OSError) as error:
        click.echo(plain(f"foreseal compare: {path}: {reason_of(error)}"), err=True)
    return None
