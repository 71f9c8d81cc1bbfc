"""Faults of the matcher. What a check is expected to find is a value (`Verdict`, `ListProblem`), never one of these."""

from __future__ import annotations

from foreseal_matcher.verdict import Reason

__all__ = [
    "DeltaRefused",
    "IndexUnusable",
    "ListNotWritten",
    "ListUnusable",
    "MatcherError",
    "NotInstalled",
    "SourceUnreadable",
    "Undecodable",
]


class MatcherError(Exception):
    """The matcher could not do what was asked. Nothing was cleared, and nothing left the device."""


class Undecodable(MatcherError):
    """These bytes cannot be looked at as a picture. `screen` reports it as `Unreadable`, and the policy decides
    whether such a file may pass; anybody else should show `reason` and try another file."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


class ListUnusable(MatcherError):
    """A hash list cannot be used. `ListSet.open` reports it as a `ListProblem`: the status line says so, and the
    policy decides what follows. Get or make the list anew."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class IndexUnusable(MatcherError):
    """The index of a hash list is absent, stale or damaged. Searches compare every entry instead: they find the same
    and take longer. Build it again with `foreseal list index DIR`."""


class ListNotWritten(MatcherError):
    """The hash list was not written, and a list that stood there before still stands. The message names the line
    or the field that is wrong; mend it and try again."""


class DeltaRefused(MatcherError):
    """A delta was not applied, and the list that it was for still stands. The message says what is wrong with it; get
    it again, or get the whole list."""


class SourceUnreadable(MatcherError):
    """A file that a list was to be made from cannot be read. No list was written, and one that stood there still
    stands. The message names the file; put it right or leave it out."""


class NotInstalled(MatcherError):
    """A part that only some uses need is not installed. Install the extra that the message names."""
