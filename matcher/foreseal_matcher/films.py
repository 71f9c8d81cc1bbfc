"""A film's sampled frames, decoded in a process apart so that a film made to break its decoder breaks nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from importlib.util import find_spec
from typing import Final

from foreseal_matcher.apart.messages import END, FRAME, REFUSED, Frame, Nonsense
from foreseal_matcher.apart.running import BrokeDown, NotRun, OutOfTime, said_apart
from foreseal_matcher.errors import Undecodable
from foreseal_matcher.film_formats import FilmFormat, film_format, other_film
from foreseal_matcher.film_limits import CHECKING, MAX_FILM_BYTES, Effort
from foreseal_matcher.looking import WITHIN_FILM
from foreseal_matcher.verdict import Reason

__all__ = ["FilmFrame", "checkable", "frames_of", "time_shown"]

_PROGRAM: Final = "foreseal_matcher.apart.films"
_INSTALL: Final = "install foreseal[film]"
_MAX_DETAIL: Final = 200


@dataclass(frozen=True, slots=True, eq=False)
class FilmFrame:
    """A frame that was sampled, upright. `luma`: rows x columns of luma 0..255, at most 1024 a side. `full`: rows and
    columns before it was reduced. `time_ms`: from the film's first frame."""

    luma: memoryview
    full: tuple[int, int]
    time_ms: int

    def name_with(self, how: str) -> str:
        """What a verdict calls it: "at 0:12", "at 0:12, mirrored"."""
        when = f"{WITHIN_FILM}{time_shown(self.time_ms)}"
        return when if how == "plain" else f"{when}, {how}"


def checkable() -> bool:
    """Whether what decodes films is installed here."""
    return find_spec("av") is not None


def frames_of(film: bytes, effort: Effort = CHECKING) -> Iterator[FilmFrame]:
    """Frames of a film, as far apart as `effort` says, in the order in which they come out of it; none of one that has
    no pictures.
    Raises `Undecodable` for what is no film or cannot be looked at, at once or after the frames that could be."""
    if len(film) > MAX_FILM_BYTES:
        raise Undecodable(Reason.TOO_LARGE, f"{len(film)} bytes, the limit for a film is {MAX_FILM_BYTES}")
    kind = film_format(film)
    if kind is None:
        other = other_film(film)
        raise Undecodable(Reason.FILM_UNKNOWN, other) if other else Undecodable(Reason.NOT_A_FILM)
    if not checkable():
        raise Undecodable(Reason.FILMS_UNCHECKED, _INSTALL)
    yield from _decoded(film, kind, effort)


def time_shown(time_ms: int) -> str:
    """A time in a film as players show it: "0:12", "1:02:03"."""
    minutes, seconds = divmod(time_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _decoded(film: bytes, kind: FilmFormat, effort: Effort) -> Iterator[FilmFrame]:
    arguments = [kind.name, *(str(int(number)) for number in astuple(effort))]
    try:
        for said, body in said_apart(_PROGRAM, arguments, film, effort.wall):
            if said == FRAME:
                one = Frame.decode(body)
                luma = memoryview(one.luma).cast("B", shape=(one.rows, one.columns))
                yield FilmFrame(luma, one.full, one.time_ms)
            elif said == REFUSED:
                raise _refused(body)
            elif said == END:
                return
        raise Undecodable(Reason.FILM_DAMAGED, "its decoder stopped in the middle")
    except OutOfTime as error:
        detail = f"{effort.cpu} seconds of work, or {effort.wall} in all"
        raise Undecodable(Reason.FILM_TOO_COSTLY, f"the limit is {detail}") from error
    except (BrokeDown, Nonsense) as error:
        raise Undecodable(Reason.FILM_DAMAGED, f"its decoder broke down: {error}") from error
    except NotRun as error:
        raise Undecodable(Reason.FILMS_UNCHECKED, f"their decoder does not run: {error}") from error


def _refused(body: bytes) -> Undecodable:
    """Why the process looked at no more. It is not believed further than that."""
    name, _, detail = body.decode("utf-8", "replace").partition("\n")
    shown = ascii(detail)[1:-1][:_MAX_DETAIL]
    return Undecodable(Reason[name] if name in Reason.__members__ else Reason.FILM_DAMAGED, shown)
