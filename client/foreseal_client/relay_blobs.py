"""Sealed blobs to a relay and from it, over HTTP. Whatever breaks off is gone on with where it was."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import aiohttp

from foreseal_client.errors import PeerFaultError, RelayRefusedError, RelayUnreachableError
from foreseal_client.proxy import is_proxy_fault
from foreseal_relay.token_wire import TOKENS_FIELD

__all__ = ["LONGEST_RETRY", "RESUMED_FROM", "Progress", "get_blob", "nobody", "put_blob", "reaching"]

Progress = Callable[[int], None]
"""Told from time to time how many bytes have arrived."""

RESUMED_FROM: Final = 1024 * 1024
"""Length in bytes from which on an upload can be gone on with. A shorter one starts over: asking takes as long."""
LONGEST_RETRY: Final = 3600
_CHUNK: Final = 256 * 1024
_SLOWEST_START: Final = 60.0
_SLOWEST_RATE: Final = 8 * 1024
"""Seconds and bytes a second: a download slower than this counts as a relay that cannot be reached."""
_AGAIN: Final = 1
"""Seconds after which an upload that was taken for another one is tried again."""


def nobody(_: int) -> None:
    """Nobody wants to know how far it is."""


async def put_blob(
    session: aiohttp.ClientSession, url: str, path: Path, progress: Progress, tokens: Sequence[bytes] = ()
) -> None:
    """See `RelayLink.put_blob`."""
    size = path.stat().st_size
    if size < RESUMED_FROM:
        await _send(session, "PUT", url, path, 0, _paid(tokens), progress)
        return
    offset = await _reached(session, url, size)
    if offset is None:
        return
    digest = base64.b64encode(await asyncio.to_thread(_digest, path)).decode()
    headers = {"Upload-Offset": str(offset), "Upload-Complete": "?1", "Repr-Digest": f"sha-256=:{digest}:"}
    await _send(session, "PATCH", url, path, offset, headers | _paid(tokens), progress)


async def get_blob(session: aiohttp.ClientSession, url: str, size: int, path: Path, progress: Progress) -> None:
    """See `RelayLink.get_blob`."""
    have = path.stat().st_size if path.exists() else 0
    if have < size:
        headers = {"Range": f"bytes={have}-"} if have else {}
        async with _http(session, "GET", url, headers=headers) as answer:
            if answer.status in (404, 410):
                path.unlink(missing_ok=True)
                raise PeerFaultError("An attachment is not at the relay any more. Ask for it to be sent again.")
            if answer.status not in (200, 206):
                raise RelayRefusedError(f"blob-{answer.status}", _retry_after(answer))
            start = have if answer.status == 206 and _begins_at(answer, have) else 0
            have = await _receive(answer, path, start, size, progress)
    if have != size:
        path.unlink(missing_ok=True)
        raise PeerFaultError("An attachment has another length than its message says. It was dropped.")


async def _send(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    path: Path,
    offset: int,
    headers: dict[str, str],
    progress: Progress,
) -> None:
    headers |= {"Content-Length": str(path.stat().st_size - offset)}
    with path.open("rb") as source:
        source.seek(offset)
        async with _http(session, method, url, data=_read(source, offset, progress), headers=headers) as answer:
            if answer.status in (200, 201):
                return
            # What the relay had was not what it said, or was damaged there: the next try begins with what it has now.
            wait = _AGAIN if answer.status == 422 or "Upload-Offset" in answer.headers else _retry_after(answer)
            raise RelayRefusedError(f"blob-{answer.status}", wait)


def _paid(tokens: Sequence[bytes]) -> dict[str, str]:
    return {TOKENS_FIELD: ",".join(base64.urlsafe_b64encode(token).decode() for token in tokens)} if tokens else {}


async def _reached(session: aiohttp.ClientSession, url: str, size: int) -> int | None:
    """Bytes that the relay has of this blob; None: all of them."""
    async with _http(session, "HEAD", url) as answer:
        if answer.status == 404:
            return 0
        told = answer.headers.get("Upload-Offset", "")
        if answer.status != 200 or not re.fullmatch(r"[0-9]{1,12}", told):
            raise RelayRefusedError(f"blob-{answer.status}", _retry_after(answer) or _AGAIN)
        if answer.headers.get("Upload-Complete") == "?1":
            if int(told) != size:
                raise RelayRefusedError("blob-409")
            return None
        return int(told) if int(told) < size else 0


async def _read(source: BinaryIO, offset: int, progress: Progress) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(source.read, _CHUNK):
        yield chunk
        offset += len(chunk)
        progress(offset)


async def _receive(answer: aiohttp.ClientResponse, path: Path, start: int, size: int, progress: Progress) -> int:
    """Writes what comes behind the first `start` bytes; how many there are then, and not many more than `size`."""
    deadline = asyncio.get_running_loop().time() + _SLOWEST_START + (size - start) / _SLOWEST_RATE
    received = start
    with path.open("ab") as target:
        target.truncate(start)
        while received <= size and (chunk := await _chunk(answer, deadline)):
            received += len(chunk)
            await asyncio.to_thread(target.write, chunk)
            progress(received)
    return received


async def _chunk(answer: aiohttp.ClientResponse, deadline: float) -> bytes:
    """The next bytes, until loop time `deadline`: a relay that trickles must not hold everybody else's mail."""
    with reaching():
        async with asyncio.timeout_at(deadline):
            return await answer.content.read(_CHUNK)


@contextlib.asynccontextmanager
async def _http(
    session: aiohttp.ClientSession, method: str, url: str, **options: Any
) -> AsyncIterator[aiohttp.ClientResponse]:
    # Only the network's faults mean that the relay is away; a full disk of ours, in the caller's block, does not.
    with reaching():
        answer = await session.request(method, url, **options)
    async with answer:
        yield answer


def _begins_at(answer: aiohttp.ClientResponse, start: int) -> bool:
    return answer.headers.get("Content-Range", "").startswith(f"bytes {start}-")


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _retry_after(answer: aiohttp.ClientResponse) -> int:
    """Seconds, at most an hour. Proxies may give a date instead (RFC 9110, section 10.2.3); that is a while."""
    value = answer.headers.get("Retry-After", "0")
    return min(int(value), LONGEST_RETRY) if value.isascii() and value.isdigit() else 60


@contextlib.contextmanager
def reaching() -> Iterator[None]:
    """Whatever a network can throw means one thing here."""
    try:
        yield
    except (aiohttp.ClientError, OSError, ValueError) as fault:
        # ValueError: what aiohttp and the resolver make of an address they cannot use (UnicodeError among them).
        raise RelayUnreachableError from fault
    except Exception as fault:
        if not is_proxy_fault(fault):
            raise
        raise RelayUnreachableError(f"The proxy does not lead to this relay: {fault}.") from fault
