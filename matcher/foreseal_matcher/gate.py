"""What a policy makes of a verdict: the content is cleared, or it is held."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar, assert_never

from foreseal_matcher import verdict as _verdict
from foreseal_matcher.content import Content, Looks
from foreseal_matcher.fingerprints.known import LISTABLE
from foreseal_matcher.verdict import Clear, Cleared, Held, Match, Screened, Unreadable

__all__ = ["Mode", "OnFailure", "Policy", "decide"]

C = TypeVar("C", bound=Content)


class Mode(StrEnum):
    """What follows a match. In this order each is tighter than the one before."""

    OFF = "off"
    """Everything passes."""
    OBSERVE = "observe"
    """Everything passes, and the verdict is kept."""
    WARN = "warn"
    """A match is held until the person says to send it anyway."""
    HOLD = "hold"
    """A match is held."""


class OnFailure(StrEnum):
    """What follows when the check could not be made, under `warn` and `hold`. The second is tighter."""

    OPEN = "fail-open"
    """It passes."""
    CLOSED = "fail-closed"
    """It is held."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How a verdict is acted upon, and how thoroughly pictures are to be looked at for it. Mode and what follows a
    failure are on the screen at all times. `fingerprints`: which of `fingerprints.known.LISTABLE` are consulted beside
    PDQ; none unless a person asks, since short ones match by chance. Raises `ValueError` for others."""

    mode: Mode
    on_failure: OnFailure
    looks: Looks = Looks.QUICK
    fingerprints: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        unknown = self.fingerprints - set(LISTABLE)
        if unknown:
            raise ValueError(f"a policy can ask for {', '.join(LISTABLE)}, not for {', '.join(sorted(unknown))}")

    @staticmethod
    def tightest(one: Policy, other: Policy) -> Policy:
        """The tighter of each part: configuration, environment and flags are joined by this and so cannot loosen."""
        return Policy(
            max(one.mode, other.mode, key=list(Mode).index),
            max(one.on_failure, other.on_failure, key=list(OnFailure).index),
            max(one.looks, other.looks, key=list(Looks).index),
            one.fingerprints | other.fingerprints,
        )

    @property
    def stops(self) -> bool:
        """Whether anything can be held under this policy."""
        return self.mode in (Mode.WARN, Mode.HOLD)


def decide(
    screened: Screened[C], policy: Policy, *, acknowledged: bool = False, reviewed: frozenset[bytes] = frozenset()
) -> Cleared[C] | Held:
    """Clears `screened` or holds it; the only function that makes a `Cleared`.

    `acknowledged`: the person was shown the match and chose to send anyway. It lifts a match under `warn` and nothing
    else. `reviewed`: digests (SHA-256, 32 bytes) of contents that a person has looked at on this device and found to be
    stopped wrongly; a match of exactly such a content passes, and of no other. What could not be checked passes under
    fail-open and is held under fail-closed, without an override.
    Raises `TypeError` for anything that `screen` did not make, so that a skipped check cannot pass at run time, and
    `ValueError` for what was looked at less thoroughly, or with fewer fingerprints, than the policy asks for, where the
    policy stops anything."""
    if type(screened) is not Screened:
        raise TypeError(f"decide takes what screen made, not {type(screened).__name__}")
    if not isinstance(policy, Policy):
        raise TypeError(f"decide needs a Policy, not {type(policy).__name__}")
    if policy.stops and list(Looks).index(screened.looks) < list(Looks).index(policy.looks):
        raise ValueError(f"the policy asks for {policy.looks} looks, and it was screened with {screened.looks}")
    if policy.stops and not policy.fingerprints <= screened.fingerprints:
        lacking = ", ".join(sorted(policy.fingerprints - screened.fingerprints))
        raise ValueError(f"the policy asks for {lacking}, and it was screened without")
    found = screened.verdict
    may_override = False
    match found:
        case Clear():
            held = False
        case Match():
            may_override = policy.mode is Mode.WARN
            held = policy.stops and not (may_override and acknowledged) and screened.digest not in reviewed
        case Unreadable():
            held = policy.stops and policy.on_failure is OnFailure.CLOSED
        case _:
            assert_never(found)
    if held and not isinstance(found, Clear):
        return Held(found, screened.digest, may_override)
    return Cleared(_verdict._MINT, screened)
