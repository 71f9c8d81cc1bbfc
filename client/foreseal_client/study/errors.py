"""What can go wrong with a study, in words for who runs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["CellError", "StudyError", "unless_damaged"]


class StudyError(Exception):
    """The study cannot go on as it was asked for. What was measured so far is kept."""


class CellError(StudyError):
    """One thing could not be measured, through a fault of the program. The rest was not tried; what was measured before
    is kept, and `--resume` goes on from there."""

    def __init__(self, key: str, fault: Exception) -> None:
        why = f"{type(fault).__name__}: {fault}"
        if isinstance(fault, TimeoutError) and not str(fault):
            why = "something that should have happened within a minute did not"
        super().__init__(
            f"{key} could not be measured: {why}. What was measured before it is kept; go on with --resume."
        )


@contextmanager
def unless_damaged(name: str, advice: str) -> Iterator[None]:
    """For working with what a file of samples holds: where that fails as figures do which are none, the file is damaged
    or was edited, and `StudyError` says so. `advice`: what to do then, as a sentence."""
    try:
        yield
    except (ArithmeticError, LookupError, TypeError, ValueError) as fault:
        raise StudyError(
            f"{name} holds what no study writes: {str(fault) or type(fault).__name__}. {advice}"
        ) from fault
