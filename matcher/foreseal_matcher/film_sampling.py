"""Which frames of a film are looked at: a few a second, or as many as may be, spread over all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from foreseal_matcher.film_limits import MAX_KEY_GAP, SAMPLE_EVERY_FRAMES, Effort

__all__ = ["Pace", "Shown"]

_UNTOLD: Final = 40
"""Milliseconds that a frame is taken to last where the film does not say: 25 frames a second."""


@dataclass(slots=True)
class Shown:
    """What one stream of pictures shows and when, counted frame by frame. `pixels`: of a frame."""

    pixels: int
    frames: int = 0
    _times: list[int] = field(default_factory=list)
    _keys: list[int] = field(default_factory=list)

    def add(self, time: int | None, *, key: bool) -> None:
        """One more frame, shown at `time` in milliseconds from anywhere."""
        at = self.frames * _UNTOLD if time is None else time
        self.frames += 1
        self._times.append(at)
        if key:
            self._keys.append(at)

    @property
    def span(self) -> int:
        """Milliseconds from the first frame shown to the last."""
        return max(self._times) - min(self._times) if self._times else 0

    @property
    def key_gap(self) -> int:
        """The longest time without a key frame, from the first frame to the last."""
        if not self._keys:
            return self.span
        marks = sorted({min(self._times), *self._keys, max(self._times)})
        return max((later - earlier for earlier, later in pairwise(marks)), default=0)


@dataclass(slots=True)
class Pace:
    """Which frames of a stream are wanted, asked for each that was decoded, in the order shown. `every` milliseconds,
    or every `frames` if those come first; where only key frames are decoded, all that are `every` apart."""

    every: int
    frames: int
    keys_only: bool
    _first: int | None = None
    _due: int = 0
    _since: int = 0
    _seen: int = 0

    @classmethod
    def of(cls, shown: Shown, effort: Effort, streams: int = 1) -> Pace:
        """The pace within an effort that is shared by so many streams."""
        sparse = shown.frames * shown.pixels > effort.pixels // streams and shown.key_gap <= MAX_KEY_GAP * 1000
        samples = max(1, effort.samples // streams)
        every = max(effort.every, -(-shown.span // samples))
        return cls(every, max(SAMPLE_EVERY_FRAMES, -(-shown.frames // samples)), sparse)

    def wants(self, time: int | None) -> int | None:
        """The next frame is shown at `time` in milliseconds: the time since the first frame, if this one is wanted."""
        at = self._seen * _UNTOLD if time is None else time
        if self._first is None:
            self._first = at
        self._seen += 1
        self._since += 1
        since_first = max(0, at - self._first)
        if since_first < self._due and self._since < self.frames:
            return None
        self._due = since_first - since_first % self.every + self.every
        self._since = 0
        return since_first
