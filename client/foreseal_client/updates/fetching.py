"""Where an update comes from: a server, or a folder on this machine. The only place here that opens sockets."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import urllib3
from tuf.api.exceptions import DownloadError, DownloadHTTPError
from tuf.ngclient import FetcherInterface

from foreseal_client.updates.refusals import Refusal, UpdateRefused
from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.regular import open_regular

__all__ = [
    "CONNECT_WAIT",
    "LEAST_RATE",
    "NOT_FOUND",
    "READ_WAIT",
    "FolderFetcher",
    "HttpFetcher",
    "NotFetched",
    "fetcher_for",
]

CONNECT_WAIT: Final = 10.0
"""Seconds to wait for a connection."""
READ_WAIT: Final = 20.0
"""Seconds that a server may be silent in the middle of a file, and that it is ahead of `LEAST_RATE` by."""
LEAST_RATE: Final = 16 * 1024
"""Fewest bytes a second that a file may come at on the whole. Without it a byte now and then would keep an old list in
force for as long as somebody likes."""
_CHUNK: Final = 64 * 1024
NOT_FOUND: Final = 404


class NotFetched(DownloadError):
    """A file did not come. `reason` says why in the words of the update that it was for."""

    def __init__(self, reason: Refusal, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class HttpFetcher(FetcherInterface):
    """Fetches over HTTPS, or over HTTP from this machine itself. Follows no redirect, asks no proxy."""

    def __init__(self, *, connect_wait: float = CONNECT_WAIT, read_wait: float = READ_WAIT) -> None:
        self._read_wait = read_wait
        self._pool = urllib3.PoolManager(
            retries=False,
            timeout=urllib3.Timeout(connect=connect_wait, read=read_wait),
            headers={"User-Agent": "foreseal"},
        )

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            yield from self._chunks(url)
        except urllib3.exceptions.ReadTimeoutError as error:
            raise NotFetched(Refusal.SLOW, urlsplit(url).netloc) from error
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise NotFetched(Refusal.UNREACHABLE, urlsplit(url).netloc) from error

    def _chunks(self, url: str) -> Iterator[bytes]:
        begun, received = time.monotonic(), 0
        response = self._pool.request("GET", url, redirect=False, preload_content=False)
        try:
            if 300 <= response.status < 400:
                raise NotFetched(Refusal.REDIRECTED, f"from {url}")
            if response.status != 200:
                raise DownloadHTTPError(f"{url} answered {response.status}", response.status)
            for chunk in response.stream(_CHUNK):
                received += len(chunk)
                if time.monotonic() - begun > self._read_wait + received / LEAST_RATE:
                    raise NotFetched(Refusal.SLOW, urlsplit(url).netloc)
                yield chunk
        finally:
            response.close()


class FolderFetcher(FetcherInterface):
    """Reads a repository that lies on this machine, as on a stick that somebody brought."""

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            with open_regular(Path(url)) as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except (FileNotFoundError, NotADirectoryError) as error:
            raise DownloadHTTPError(f"{url} is not there", NOT_FOUND) from error
        except (OSError, ListUnusable) as error:
            raise NotFetched(Refusal.UNREACHABLE, f"{url} cannot be read") from error


def fetcher_for(source: str) -> FetcherInterface:
    """What fetches from this address or this folder. Raises `UpdateRefused` for an address that is neither HTTPS nor on
    this machine."""
    parts = urlsplit(source)
    if "://" not in source:
        return FolderFetcher()
    if parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(parts.hostname or "")):
        return HttpFetcher()
    raise UpdateRefused(Refusal.NOT_PRIVATE, source)


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
