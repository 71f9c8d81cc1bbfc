"""Watching a log without having any of its lists: all that was published, held to the log's head."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.api.metadata import Metadata, Root
from tuf.ngclient import FetcherInterface

from foreseal_client.transparency.checkpoint import Checkpoint, CheckpointRefused, open_checkpoint
from foreseal_client.transparency.entry import EntryRefused, LoggedList
from foreseal_client.transparency.merkle import Flaw, ProofRefused
from foreseal_client.transparency.reading import LOG, LogReader
from foreseal_client.transparency.tiles import BrokenTile
from foreseal_client.updates.names import log_key_of
from foreseal_client.updates.refusals import Refusal, UpdateRefused
from foreseal_client.updates.trusted import Noted, reason_of

__all__ = ["Watched", "key_in", "watch"]


@dataclass(frozen=True, slots=True)
class Watched:
    """The log's head and the note that it was signed in; and the entries from `start` on, all of them."""

    head: Checkpoint
    note: bytes
    start: int
    entries: tuple[LoggedList, ...]


def key_in(root: bytes) -> bytes:
    """The key (32 bytes) of the log that a root.json names. Raises `UpdateRefused`."""
    try:
        key = log_key_of(Metadata[Root].from_bytes(root).signed)
    except (RepositoryError, ValueError) as error:
        raise UpdateRefused(Refusal.BAD_ROOT) from error
    if key is None:
        raise UpdateRefused(Refusal.NO_LOG)
    return key


def watch(source: str, fetcher: FetcherInterface, key: bytes, seen: bytes | None = None) -> Watched:
    """All entries of the log of the repository at `source`, or those that came after the head in the signed note
    `seen`. Raises `UpdateRefused` for a log that is not signed by this key, has shrunk or forked since `seen`, or whose
    files do not belong to its head; then nothing that it says counts."""
    noted = Noted(fetcher)
    base = f"{source.rstrip('/')}/{LOG}"
    reader = LogReader(lambda name, most: noted.download_bytes(f"{base}/{name}", most))
    with _said(noted):
        note = reader.signed_note()
        head = open_checkpoint(note, key)
        before = None if seen is None else open_checkpoint(seen, key)
        if before is not None:
            reader.demand_consistent(before, head)
        start = 0 if before is None else before.size
        return Watched(head, note, start, tuple(reader.entries(start, head)))


@contextmanager
def _said(noted: Noted) -> Iterator[None]:
    try:
        yield
    except DownloadError as error:
        noted.stop()
        raise UpdateRefused(*reason_of(error, noted, expired_root=False)) from error
    except CheckpointRefused as error:
        raise UpdateRefused(Refusal.LOG_NOT_SIGNED, error.flaw.value) from error
    except ProofRefused as error:
        reasons = {Flaw.SHRUNK: Refusal.LOG_SHRUNK, Flaw.OTHER_PAST: Refusal.LOG_FORKED}
        raise UpdateRefused(reasons.get(error.flaw, Refusal.LOG_DAMAGED), error.flaw.value) from error
    except (EntryRefused, BrokenTile) as error:
        raise UpdateRefused(Refusal.LOG_DAMAGED, str(error)) from error
