"""What a check can find: `Clear`, `Match` or `Unreadable`, bound to the content it was found for.

`Screened` and `Cleared` are minted in one function each (`screen` and `decide`) and nowhere else. They are plain
classes with slots and not dataclasses, because `dataclasses.replace` would forge one. `object.__new__` still can:
this guards against our own mistakes, not against people who change their own client.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Generic, TypeVar, final

from foreseal_matcher.content import Content, Looks
from foreseal_matcher.overlap import Overlap

__all__ = ["Clear", "Cleared", "Entry", "Held", "Match", "Reason", "Screened", "Unreadable", "Verdict"]

C = TypeVar("C", bound=Content, covariant=True)


class Reason(StrEnum):
    """Why a check could not be made, or could not be made fully. The text is what a person reads."""

    EMPTY = "the file has no bytes in it"
    TOO_LARGE = "the file is larger than the check can look at"
    TOO_MANY_PIXELS = "the picture has more pixels than the check can look at"
    TOO_SMALL = "the picture is too small to be recognised"
    TOO_MANY_FRAMES = "the animation has more frames than the check can look at"
    NOT_A_PICTURE = "the name says it is a picture, and the bytes are something else"
    DAMAGED = "the picture is cut off or damaged"
    UNKNOWN_FORMAT = "the picture is of a kind that cannot be looked at"
    TOO_MANY_LINKS = "the text has more links than the check can look at"
    FINGERPRINT_ABSENT = "a fingerprint that the policy asks for is not installed on this device"
    NOT_A_FILM = "the name says it is a film, and the bytes are something else"
    FILMS_UNCHECKED = "films cannot be checked on this device; it takes the extra foreseal[film]"
    FILM_DAMAGED = "the film is cut off or damaged"
    FILM_UNKNOWN = "the film is of a kind that cannot be looked at"
    FILM_TOO_MANY_PIXELS = "the film has more pixels than the check can look at"
    FILM_TOO_LONG = "the film is longer than the check can look at"
    FILM_TOO_COSTLY = "looking at the film took more time or memory than a check may take"
    OTHER_KIND = "only exact copies of listed files can be recognised for this kind of file"
    FEATURELESS = "the picture has too little in it to be recognised; only exact copies can be"
    DETECTOR_FAILED = "a detector that was added to the check failed"
    CHANGED = "the file was changed while it was being checked"
    POLICY_OFF = "the policy was off, so nothing was kept of the check"
    LIST_ABSENT = "there is no hash list on this device"
    LIST_DAMAGED = "the hash list on this device is cut off or was edited"
    LIST_STALE = "the hash list on this device is too old"


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands on a hash list, as one of its hashes found it. `id`: 64-bit number, unique in its list; an entry may
    have several hashes. `algorithm`: the kind of the hash that was found. `added`: the day it came onto the list,
    where that is known. `disputed`: its source has been told that it is wrong; it matches all the same."""

    id: int
    algorithm: str
    category: str
    source: str
    added: date | None = None
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Clear:
    """Nothing on the lists resembles it. `limits`: what the check could not see, empty after a full check."""

    limits: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """It resembles an entry. `distance` in bits, 0..256 (0 for an exact digest); a match is `distance <= limit`.
    `item`: which of the content's items. `look`: how it was looked at. `span`: for a link in the text, its first
    character and the one after its last; `item` and `look` then say nothing. `overlap`: for a listed film (look
    "film"), how much of it; `distance` is then what half of the frames found differ by at most."""

    entry: Entry
    list_name: str
    list_version: str
    distance: int
    limit: int
    item: int = 0
    look: str = "plain"
    span: tuple[int, int] | None = None
    overlap: Overlap | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The check could not be made; never the same as `Clear`. `detail` adds what was seen."""

    reason: Reason
    detail: str = ""
    item: int = 0


Verdict = Clear | Match | Unreadable

_MINT: Final = object()


@final
class Screened(Generic[C]):
    """A content bound to the verdict on it. Only `screen` makes one."""

    __slots__ = ("_content", "_digest", "_fingerprints", "_looks", "_verdict")

    def __init__(
        self,
        mint: object,
        content: C,
        verdict: Verdict,
        looks: Looks = Looks.PLAIN,
        fingerprints: frozenset[str] = frozenset(),
    ) -> None:
        if mint is not _MINT:
            raise TypeError("only foreseal_matcher.screen makes a Screened")
        self._content = content
        self._verdict = verdict
        self._looks = looks
        self._fingerprints = fingerprints
        self._digest = content.digest

    @property
    def content(self) -> C:
        """What was screened."""
        return self._content

    @property
    def verdict(self) -> Verdict:
        """What was found."""
        return self._verdict

    @property
    def looks(self) -> Looks:
        """How thoroughly its pictures were looked at."""
        return self._looks

    @property
    def fingerprints(self) -> frozenset[str]:
        """Which fingerprints were consulted beside PDQ, where a list has entries of them."""
        return self._fingerprints

    @property
    def digest(self) -> bytes:
        """SHA-256 of what was screened, 32 bytes."""
        return self._digest


@final
class Cleared(Generic[C]):
    """A content that a policy lets pass, with the verdict that it passed under. Only `decide` makes one."""

    __slots__ = ("_screened",)

    def __init__(self, mint: object, screened: Screened[C]) -> None:
        if mint is not _MINT:
            raise TypeError("only foreseal_matcher.decide makes a Cleared")
        self._screened = screened

    @property
    def content(self) -> C:
        """What may pass."""
        return self._screened.content

    @property
    def verdict(self) -> Verdict:
        """What was found; under `observe` and `warn` this may be a `Match`."""
        return self._screened.verdict

    @property
    def digest(self) -> bytes:
        """SHA-256 of what was screened, 32 bytes."""
        return self._screened.digest


@final
@dataclass(frozen=True, slots=True)
class Held:
    """A content that a policy stops. It carries the verdict and the digest, and no way back to the content.
    `may_override`: whether the person may send it anyway (policy `warn` only)."""

    verdict: Match | Unreadable
    digest: bytes
    may_override: bool
