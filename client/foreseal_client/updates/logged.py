"""What a device demands of the public log before it takes a list: a head that is signed, fresh, and goes on from the
one it saw before; the list in it; and nothing that its person has not accepted."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Targets
from tuf.ngclient import FetcherInterface

from foreseal_client.transparency.checkpoint import Checkpoint, CheckpointRefused, open_checkpoint, origin_of
from foreseal_client.transparency.entry import EntryRefused, LoggedList, Share
from foreseal_client.transparency.evidence import Evidence
from foreseal_client.transparency.history import History
from foreseal_client.transparency.merkle import Flaw, ProofRefused
from foreseal_client.transparency.reading import LOG, LogReader
from foreseal_client.transparency.tiles import BrokenTile
from foreseal_client.updates.fence import Scope, lacking
from foreseal_client.updates.names import log_key_of, name_of
from foreseal_client.updates.refusals import Refusal, StoppedAtFence, UpdateRefused
from foreseal_client.updates.remembered import Remembered, keep_evidence, recall
from foreseal_matcher.lists import HashList, Manifest, shares_in

__all__ = ["LOG_DAYS", "MAX_LATER", "FollowedLog", "demand_as_logged"]

S = TypeVar("S", Root, Targets)
LOG_DAYS: Final = 7
"""How long a signed head is good: as long as a time stamp, which another key signs."""
MAX_LATER: Final = 10_000
"""Entries after the one of a list that are looked through for a newer one of the same list."""
_CLOCKS_APART: Final = timedelta(days=2)


class FollowedLog:
    """The log of a repository whose metadata was just verified, from the device's point of view. What the fetcher
    raises is raised."""

    def __init__(self, source: str, fetcher: FetcherInterface, state: Path, accept: Collection[str]) -> None:
        self._reader = LogReader(lambda name, most: fetcher.download_bytes(f"{source}/{LOG}/{name}", most))
        self._state = state
        self._accept = accept
        self._root = _trusted(state / "metadata" / "root.json", Root)
        self._before = recall(state)

    def follow(self, today: date) -> Checkpoint:
        """The log's head, held to what this device saw of it before, and kept from here on. Raises `UpdateRefused`."""
        key, before = log_key_of(self._root.signed), self._before
        if key is None:
            raise UpdateRefused(Refusal.NO_LOG)
        if before is not None and before.key != key:
            self._ask((f"log:{origin_of(key)}",))
        note = self._reader.signed_note()
        head = _opened(note, key)
        signed_on = datetime.fromtimestamp(head.time, UTC).date()
        if today > signed_on + timedelta(days=LOG_DAYS) or signed_on > today + _CLOCKS_APART:
            raise UpdateRefused(Refusal.LOG_STALLED, f"signed on {signed_on}")
        seen = self._seen(key, note, head)
        if seen != before:
            seen.keep(self._state)
        self._before = seen
        return head

    def demand_logged(self, newest: Manifest, installed: Manifest | None, head: Checkpoint) -> LoggedList:
        """What the log says of this list, which must be its newest word on it. What the list then covers is accepted,
        or stops here. Raises `UpdateRefused`."""
        seen = self._before
        if seen is None:
            raise ValueError("the log is followed first")
        endorsers = self._endorsers()
        entry, index, looked_through = seen.entry, seen.index, seen.looked_through
        if entry is None or index is None or not _fits(entry, newest, endorsers):
            with _refused(Refusal.NOT_LOGGED):
                index = self._reader.position(newest.name)
                entry, looked_through = self._reader.entry(index, head, seen.history), index + 1
        if entry.name != newest.name or entry.digest != newest.digest:
            raise UpdateRefused(Refusal.NOT_LOGGED, f"{newest.name}, version {newest.version}")
        if not _fits(entry, newest, endorsers):
            raise UpdateRefused(Refusal.NOT_AS_LOGGED, f"{newest.name}, version {newest.version}")
        self._demand_newest(newest.name, looked_through, head, seen.history)
        scope = Scope.of(newest, endorsers)
        accepted = seen.scope or (None if installed is None else Scope.of(installed, None))
        if accepted is not None:
            self._ask(scope.beyond(accepted), entry, seen.entry)
        wider = scope if accepted is None else accepted.with_more(scope)
        kept = replace(seen, index=index, entry=entry, scope=wider, looked_through=head.size)
        if kept != seen:
            kept.keep(self._state)
        self._before = kept
        return entry

    def _seen(self, key: bytes, note: bytes, head: Checkpoint) -> Remembered:
        """What is remembered from now on; a log with another key has said nothing of the list yet."""
        before = self._before
        with _refused(Refusal.LOG_DAMAGED):
            if before is None or before.key != key:
                scope = None if before is None else before.scope
                return Remembered(key, note, self._reader.grown(None, head), scope=scope)
        return replace(before, note=note, history=self._gone_on(before, note, head))

    def _gone_on(self, before: Remembered, note: bytes, head: Checkpoint) -> History:
        """The log's history up to `head`, which goes on from what this device saw. What the device keeps shows that
        without a proof of consistency; one is made where it does not, or the history is to begin anew: it tells a log
        with two histories from one whose files were damaged."""
        if head.size < before.head.size:
            raise UpdateRefused(Refusal.LOG_SHRUNK, f"{head.size} instead of {before.head.size}")
        history = None
        if before.history.goes_on(head.size):
            with suppress(ProofRefused, BrokenTile):
                history = self._reader.grown(before.history, head)
        if history is None:
            self._demand_consistent(before, note, head)
            with _refused(Refusal.LOG_DAMAGED):
                history = self._reader.grown(before.history, head)
        # Last: a fork leaves evidence, whatever time it claims.
        if head.time < before.head.time:
            raise UpdateRefused(Refusal.LOG_SHRUNK, "an older signature than one that was seen before")
        return history

    def _demand_newest(self, name: str, start: int, head: Checkpoint, known: History) -> None:
        """Nothing from `start` on is about this list: else it was superseded, or somebody else is given another."""
        if head.size - start > MAX_LATER:
            raise UpdateRefused(Refusal.NOT_LOGGED, f"{head.size - start:,} entries have come since")
        with _refused(Refusal.LOG_DAMAGED):
            places = range(start, head.size)
            later = next((at for at in places if self._reader.entry(at, head, known).name == name), None)
        if later is not None:
            raise UpdateRefused(Refusal.NOT_LOGGED, f"entry {later} is newer")

    def _demand_consistent(self, before: Remembered, note: bytes, head: Checkpoint) -> None:
        old = before.head
        try:
            self._reader.demand_consistent(old, head)
        except ProofRefused as error:
            if error.flaw is Flaw.OTHER_PAST:
                evidence = Evidence(before.key, before.note, note, *self._reader.past(old.size, head))
                kept = keep_evidence(self._state, evidence)
                raise UpdateRefused(Refusal.LOG_FORKED, kept.name) from error
            raise UpdateRefused(Refusal.LOG_DAMAGED, str(error)) from error
        except BrokenTile as error:
            raise UpdateRefused(Refusal.LOG_DAMAGED, error.name) from error

    def _endorsers(self) -> dict[str, str]:
        """Who signed the lists that are published now: names by id of key."""
        targets = _trusted(self._state / "metadata" / "targets.json", Targets)
        found = self._root.signed.get_verification_result(Targets.type, targets.signed_bytes, targets.signatures)
        return {keyid: name_of(key) for keyid, key in sorted(found.signed.items())}

    def _ask(self, news: tuple[str, ...], offered: LoggedList | None = None, before: LoggedList | None = None) -> None:
        left = lacking(news, self._accept)
        if left:
            raise StoppedAtFence(left, offered, before)


def demand_as_logged(entry: LoggedList, found: HashList) -> None:
    """Raises `UpdateRefused` unless the list has the entries, by category and source, that the log says."""
    shares = tuple(Share(*names, entries) for names, entries in sorted(shares_in(found).items()))
    if entry.shares != shares:
        raise UpdateRefused(Refusal.NOT_AS_LOGGED, f"{found.name}: other counts by category and source")


def _fits(entry: LoggedList, manifest: Manifest, endorsers: dict[str, str]) -> bool:
    """Whether all that can be told without the list's files is as the entry says."""
    kinds = {kind: column.count for kind, column in manifest.columns.items()}
    told = (entry.name, entry.version, entry.made, entry.purpose, entry.digest, entry.entries, dict(entry.kinds))
    has = (manifest.name, manifest.version, manifest.date, manifest.purpose.value, manifest.digest, manifest.entries)
    return told == (*has, kinds) and dict(entry.endorsers) == endorsers


def _opened(note: bytes, key: bytes) -> Checkpoint:
    try:
        return open_checkpoint(note, key)
    except CheckpointRefused as error:
        raise UpdateRefused(Refusal.LOG_NOT_SIGNED, error.flaw.value) from error


@contextmanager
def _refused(otherwise: Refusal) -> Iterator[None]:
    try:
        yield
    except (BrokenTile, ProofRefused) as error:
        beyond = isinstance(error, ProofRefused) and error.flaw is Flaw.BEYOND
        raise UpdateRefused(otherwise if beyond else Refusal.LOG_DAMAGED, str(error)) from error
    except EntryRefused as error:
        raise UpdateRefused(Refusal.LOG_DAMAGED, str(error)) from error


def _trusted(path: Path, kind: type[S]) -> Metadata[S]:
    """Metadata that the library has verified and kept."""
    try:
        found = Metadata[S].from_bytes(path.read_bytes())
    except (RepositoryError, OSError) as error:
        raise UpdateRefused(Refusal.MALFORMED, path.name) from error
    if not isinstance(found.signed, kind):
        raise UpdateRefused(Refusal.MALFORMED, path.name)
    return found
