"""Metadata that this device trusts, and what was wrong with what it was offered."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import Metadata, Root
from tuf.ngclient import FetcherInterface

from foreseal_client.updates.fetching import NOT_FOUND, NotFetched
from foreseal_client.updates.refusals import Refusal

__all__ = ["Noted", "reason_of", "root_expired"]


class Noted(FetcherInterface):
    """A fetcher that remembers which file was asked for last and how much of it came: the library says what is wrong
    with a file and not always with which."""

    def __init__(self, inner: FetcherInterface) -> None:
        self._inner = inner
        self.asked = ""
        self.received = 0
        self.total = 0
        self._coming: Generator[bytes, None, None] | None = None

    @property
    def role(self) -> str:
        """The role whose metadata was asked for last, or the last part of a file's name."""
        return self.asked.rpartition("/")[2].removesuffix(".json").rpartition(".")[2]

    def stop(self) -> None:
        """Closes the connection of a file that is not read to its end: the library only lets go of it."""
        if self._coming is not None:
            self._coming.close()

    def _fetch(self, url: str) -> Iterator[bytes]:
        self._coming = self._counted(url)
        return self._coming

    def _counted(self, url: str) -> Generator[bytes, None, None]:
        self.asked, self.received = url, 0
        for chunk in self._inner.fetch(url):
            self.received += len(chunk)
            self.total += len(chunk)
            yield chunk


def reason_of(error: RepositoryError | DownloadError, noted: Noted, *, expired_root: bool) -> tuple[Refusal, str]:
    """Why metadata was refused, and details to say with it. `expired_root`: what `root_expired` says."""
    role = noted.role
    match error:
        case NotFetched():
            return error.reason, error.detail
        case DownloadHTTPError():
            if error.status_code != NOT_FOUND:
                return Refusal.ANSWERED, str(error)
            return (Refusal.NO_REPOSITORY if role == "timestamp" else Refusal.MISSING), str(error)
        case DownloadLengthMismatchError():
            return Refusal.ENDLESS, noted.asked
        case DownloadError():
            return Refusal.UNREACHABLE, str(error)
        case ExpiredMetadataError():
            return (Refusal.ROOT_EXPIRED if expired_root else Refusal.FROZEN), str(error)
        case UnsignedMetadataError():
            refused = {"root": Refusal.ROOT_NOT_ENDORSED, "targets": Refusal.NOT_ENDORSED}
            return refused.get(role, Refusal.NOT_SIGNED), str(error)
        case BadVersionNumberError():
            return (Refusal.MIXED if role in ("root", "targets") else Refusal.ROLLED_BACK), str(error)
        case LengthOrHashMismatchError():
            return Refusal.MIXED, str(error)
        case _:
            return Refusal.MALFORMED, str(error)


def root_expired(metadata: Path) -> bool:
    """Whether the newest root that this device trusts has expired. One that cannot be read has not: the library, too,
    takes it for absent."""
    try:
        newest = max((metadata / "root_history").glob("*.root.json"), key=lambda path: int(path.name.partition(".")[0]))
        return Metadata[Root].from_bytes(newest.read_bytes()).signed.is_expired(datetime.now(UTC))
    except (OSError, ValueError, RepositoryError):
        return False
