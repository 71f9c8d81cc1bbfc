"""The program that decodes films, run in a process of its own: a film comes in, sampled frames go out.

Arguments: the format, and the numbers of an `Effort`. It reads the film from its standard input to the end.
"""

from __future__ import annotations

import sys

from foreseal_matcher.apart.confinement import confine
from foreseal_matcher.apart.messages import END, FRAME, REFUSED, write_message
from foreseal_matcher.errors import Undecodable
from foreseal_matcher.film_decode import sampled
from foreseal_matcher.film_formats import FilmFormat
from foreseal_matcher.film_limits import MAX_FILM_MEMORY, Effort
from foreseal_matcher.verdict import Reason

__all__ = ["main"]


def main(arguments: list[str]) -> None:
    """Says each sampled frame, then why it stopped."""
    every, samples, pixels, cpu, wall, whole = map(int, arguments[1:])
    kind, effort = FilmFormat[arguments[0]], Effort(every, samples, pixels, cpu, wall, bool(whole))
    confine(MAX_FILM_MEMORY, effort.cpu)
    film, to = sys.stdin.buffer.read(), sys.stdout.buffer
    try:
        for frame in sampled(film, kind, effort):
            write_message(to, FRAME, frame.encode())
        write_message(to, END)
    except Undecodable as problem:
        write_message(to, REFUSED, f"{problem.reason.name}\n{problem.detail}".encode())
    except BrokenPipeError:
        pass  # Whoever asked has seen enough.
    except MemoryError:
        write_message(to, REFUSED, Reason.FILM_TOO_COSTLY.name.encode())
    except Exception as fault:
        # What nobody thought of is the film's doing: that this program runs at all is settled by now.
        write_message(to, REFUSED, f"{Reason.FILM_DAMAGED.name}\n{type(fault).__name__}".encode())


if __name__ == "__main__":
    main(sys.argv[1:])
