"""The frames of a picture, an animation or a film, looked up in lists: each as a picture, all together as a film."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, Protocol

from foreseal_matcher.content import Looks
from foreseal_matcher.errors import NotInstalled, Undecodable
from foreseal_matcher.film_search import FilmSearch
from foreseal_matcher.fingerprints.known import FINGERPRINTS
from foreseal_matcher.fingerprints.pdq import MATCH_AT
from foreseal_matcher.lists import ListSet
from foreseal_matcher.looks import PLAIN, Pictured, seen
from foreseal_matcher.verdict import Clear, Match, Reason, Unreadable, Verdict

__all__ = ["WITHIN_FILM", "Frame", "looked_up"]

WITHIN_FILM: Final = "at "
"""What the look of a match begins with that a frame of a film has as a picture: "at 0:12, mirrored"."""


class Frame(Pictured, Protocol):
    """A frame as it comes from a decoder: a picture, and when it is shown."""

    @property
    def time_ms(self) -> int:
        """Milliseconds from the first frame; 0 for a picture that stands still."""

    def name_with(self, how: str) -> str:
        """What a verdict calls this frame seen in a way that `looks` names."""


def looked_up(
    frames: Iterable[Frame], lists: ListSet, looks: Looks, item: int, fingerprints: Collection[str] = ()
) -> Verdict:
    """The verdict on what these frames show. The first that resembles a listed picture ends it; when there are no more,
    or the next cannot be decoded, those so far may resemble a listed film. `fingerprints`: names of those beside PDQ
    that are asked too. Raises `Undecodable` as `frames` does where nothing matched before."""
    film = FilmSearch(lists)
    any_frame = telling = False
    try:
        for frame in frames:
            any_frame = True
            taken = []
            for how, fingerprint in seen(frame, looks):
                taken.append(fingerprint)
                if not fingerprint.telling:
                    continue
                telling = True
                near = lists.nearest(fingerprint.bits, MATCH_AT)
                if near is not None:
                    look = frame.name_with(how)
                    return Match(near.entry, near.list.name, near.list.version, near.distance, MATCH_AT, item, look)
            film.add(taken, frame.time_ms)
            beside = _beside(frame, lists, item, fingerprints)
            if beside is not None:
                return beside
    except Undecodable:
        found = _as_film(film, item)
        if found is None:
            raise
        return found
    if not any_frame:
        return Clear((Reason.OTHER_KIND,))
    return _as_film(film, item) or (Clear() if telling else Clear((Reason.FEATURELESS,)))


def _beside(frame: Frame, lists: ListSet, item: int, fingerprints: Collection[str]) -> Verdict | None:
    """The verdict by the fingerprints beside PDQ, of the picture as it is: what little they say, further looks would
    only make chances of."""
    for name in sorted(lists.kinds.intersection(fingerprints)):
        known = FINGERPRINTS[name]
        try:
            taken = known.of(frame)
        except NotInstalled as absent:
            return Unreadable(Reason.FINGERPRINT_ABSENT, str(absent), item)
        near = lists.nearest(taken.bits, known.limit, name) if taken.telling else None
        if near is not None:
            look = frame.name_with(PLAIN)
            return Match(near.entry, near.list.name, near.list.version, near.distance, known.limit, item, look)
    return None


def _as_film(film: FilmSearch, item: int) -> Match | None:
    hit = film.found()
    if hit is None:
        return None
    return Match(
        hit.entry, hit.list.name, hit.list.version, hit.distance, MATCH_AT, item, "film", overlap=hit.overlap
    )  # fmt: skip
