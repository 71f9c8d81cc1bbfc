"""Whole files put on a list: pictures, animations and films, told apart by their bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from foreseal_matcher.errors import Undecodable
from foreseal_matcher.film_formats import film_format, other_film
from foreseal_matcher.film_limits import LISTING, Effort
from foreseal_matcher.fingerprints.film import FilmPrint, film_print
from foreseal_matcher.fingerprints.pdq import Pdq, pdq
from foreseal_matcher.formats import HEAD_BYTES, sniff
from foreseal_matcher.lists.entries import ListedHash
from foreseal_matcher.lists.sources import from_picture
from foreseal_matcher.verdict import Entry, Reason

if TYPE_CHECKING:
    from foreseal_matcher.looking import Frame

__all__ = ["film_print_of", "from_file", "is_film"]

_MAX_TIME: Final = 2**32 - 1


def is_film(data: bytes) -> bool:
    """Whether these bytes begin a film, of a kind that is decoded or not, and no picture."""
    head = data[:HEAD_BYTES]
    return sniff(head) is None and (film_format(head) is not None or other_film(head) is not None)


def from_file(
    data: bytes,
    id: int,
    *,
    category: str,
    source: str,
    added: date | None = None,
    fingerprints: Collection[str] = (),
    crops: bool = False,
) -> list[ListedHash]:
    """The entry that lists a picture or a film: its SHA-256; of a picture the PDQ of each look at its first frame, and
    what `from_picture` adds for `fingerprints` and `crops`; of a film, and of a picture that moves, the PDQ of its
    frames (none where they hold too little). Raises `Undecodable`, and `NotInstalled` as `from_picture` does."""
    film = is_film(data)
    hashes: list[ListedHash] = []
    if not film:
        hashes = from_picture(
            data, id, category=category, source=source, added=added, fingerprints=fingerprints, crops=crops
        )
    moving = film_print_of(data).frames
    if film:
        hashes.append(ListedHash(Entry(id, "sha256", category, source, added), hashlib.sha256(data).digest()))
    elif len(moving) < 2:
        return hashes
    entry = Entry(id, "film", category, source, added)
    return [*hashes, *(ListedHash(entry, frame.bits, min(frame.time_ms, _MAX_TIME)) for frame in moving)]


def film_print_of(data: bytes, effort: Effort = LISTING) -> FilmPrint:
    """The fingerprint of a film, or of a picture as a film: of one that moves what `decode` looks at of it. Raises
    `Undecodable`."""
    if is_film(data):
        # Imported here so that looking something up starts no process and loads no decoder.
        from foreseal_matcher.films import frames_of

        return film_print(_plain(frames_of(data, effort)))
    from foreseal_matcher.decode import looks_at

    return film_print(_as_far_as_looked_at(_plain(look for look in looks_at(data) if look.shown != "on white")))


def _plain(frames: Iterable[Frame]) -> Iterator[tuple[Pdq, int]]:
    return ((pdq(frame.luma, frame.full), frame.time_ms) for frame in frames)


def _as_far_as_looked_at(frames: Iterator[tuple[Pdq, int]]) -> Iterator[tuple[Pdq, int]]:
    """An animation that goes on for longer than a check looks at is listed by what a check looks at."""
    try:
        yield from frames
    except Undecodable as problem:
        if problem.reason is not Reason.TOO_MANY_FRAMES:
            raise
