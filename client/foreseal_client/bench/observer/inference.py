"""One thing that an observer might want to know, and how often the guess is right."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Inference"]


@dataclass(frozen=True, slots=True)
class Inference:
    """`right_with`, `right_without`: how many of `n` guesses hold with addresses and without; `chance`: the share that
    somebody gets right who knows how often each answer is true, and saw nothing."""

    what: str
    how: str
    right_with: int
    right_without: int
    n: int
    chance: float
