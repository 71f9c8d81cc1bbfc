"""The link to a relay: sockets, and nothing else. `RelayLink` is the one interface; this is its real side.

An *inbox* is authenticated, receives and acknowledges. A *drop* is anonymous, opened for one recipient and closed
again. They never share a connection, and the HTTP session keeps no cookies, so that nothing ties them together.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeVar

import aiohttp

from foreseal_client.errors import PeerFaultError, RelayRefusedError, RelayUnreachableError, RolledBackError
from foreseal_client.relay_inbox import TIMEOUT, Inbox
from foreseal_relay import wire

__all__ = ["RelayLink", "SocketLink"]

_SLOWEST_START: Final = 60.0
_SLOWEST_RATE: Final = 8 * 1024
"""Seconds and bytes a second: a download slower than this counts as a relay that cannot be reached."""
_LONGEST_RETRY: Final = 3600
_HEARTBEAT: Final = 20.0
"""Seconds between pings: a half-open connection is how messengers lose mail."""

F = TypeVar("F")
Frame = wire.InboxFrame | wire.DropFrame
Signer = Callable[[bytes], bytes]


class RelayLink(Protocol):
    """What the client asks of a relay. Each call raises `RelayUnreachableError` or `RelayRefusedError`."""

    origin: str

    def inbox(self, login_key: bytes, generation: int, sign: Signer) -> contextlib.AbstractAsyncContextManager[Inbox]:
        """Logs in: `login_key` is Ed25519 public, `sign` signs `wire.login_message` with it."""

    async def send(self, frame: wire.Send) -> bool:
        """Whether the envelope is new to the relay; it is durable there either way."""

    async def fetch_bundle(self, mailbox: bytes, token: bytes) -> wire.Bundle:
        """A mailbox's bundle, still to be checked."""

    async def put_blob(self, blob: bytes, path: Path) -> None:
        """Uploads a sealed blob; it is durable when this returns."""

    async def get_blob(self, blob: bytes, size: int, path: Path) -> None:
        """Downloads a sealed blob of `size` bytes to `path`. Raises `PeerFaultError` for another length, or if gone."""


class SocketLink:
    """A relay reached over HTTP and WebSocket at `origin`, e.g. `http://127.0.0.1:8700`. Use as a context manager.
    `dial`: connect there instead (something that forwards to the relay); logins are still bound to `origin`."""

    def __init__(self, origin: str, dial: str | None = None) -> None:
        self.origin = origin.rstrip("/")
        self._dial = (dial or origin).rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # A redirect could make this device ask any address for anything, and count what it says as stored.
        tracing = aiohttp.TraceConfig()
        tracing.on_request_redirect.append(_refuse_redirect)
        # force_close: a connection that was used for one recipient is not used for another.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[tracing],
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=TIMEOUT, sock_read=TIMEOUT),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def inbox(self, login_key: bytes, generation: int, sign: Signer) -> AsyncIterator[Inbox]:
        """See `RelayLink`."""
        async with self._socket("/v1/inbox", heartbeat=_HEARTBEAT) as (socket, hello):
            mailbox, nonce = wire.mailbox_of(login_key), secrets.token_bytes(wire.NONCE_BYTES)
            signature = sign(wire.login_message(self.origin, mailbox, hello.nonce, nonce, generation))
            welcome = await _exchange(
                socket, wire.Login(wire.VERSION, mailbox, login_key, nonce, signature, generation), wire.Welcome
            )
            if welcome.generation > generation:
                raise RolledBackError
            inbox = Inbox(socket, welcome)
            try:
                yield inbox
            finally:
                await inbox.close()

    async def send(self, frame: wire.Send) -> bool:
        """See `RelayLink`."""
        async with self._socket("/v1/drop") as (socket, _):
            answer = await _exchange(socket, frame, wire.Accepted, wire.Duplicate)
            return isinstance(answer, wire.Accepted)

    async def fetch_bundle(self, mailbox: bytes, token: bytes) -> wire.Bundle:
        """See `RelayLink`."""
        async with self._socket("/v1/drop") as (socket, _):
            return await _exchange(socket, wire.FetchBundle(1, mailbox, token), wire.Bundle)

    async def put_blob(self, blob: bytes, path: Path) -> None:
        """See `RelayLink`."""
        with path.open("rb") as source:
            async with self._http(
                "PUT", blob, data=source, headers={"Content-Length": str(path.stat().st_size)}
            ) as answer:
                if answer.status not in (200, 201):
                    raise RelayRefusedError(f"blob-{answer.status}", _retry_after(answer))

    async def get_blob(self, blob: bytes, size: int, path: Path) -> None:
        """See `RelayLink`."""
        received = 0
        async with self._http("GET", blob) as answer:
            if answer.status in (404, 410):
                raise PeerFaultError("An attachment is not at the relay any more. Ask for it to be sent again.")
            if answer.status != 200:
                raise RelayRefusedError(f"blob-{answer.status}", _retry_after(answer))
            deadline = asyncio.get_running_loop().time() + _SLOWEST_START + size / _SLOWEST_RATE
            with path.open("wb") as target:
                while received <= size and (chunk := await _chunk(answer, deadline)):
                    received += len(chunk)
                    target.write(chunk)
        if received != size:
            raise PeerFaultError("An attachment has another length than its message says. It was dropped.")

    @asynccontextmanager
    async def _socket(
        self, path: str, heartbeat: float | None = None
    ) -> AsyncIterator[tuple[aiohttp.ClientWebSocketResponse, wire.Hello]]:
        with _reaching():
            connecting = self._open.ws_connect(
                self._dial + path, heartbeat=heartbeat, max_msg_size=wire.MAX_FRAME, compress=0
            )
            async with asyncio.timeout(TIMEOUT):
                socket = await connecting
        try:
            with _reaching():
                hello = await _receive(socket, wire.Hello)
            yield socket, hello
        finally:
            await socket.close()

    @asynccontextmanager
    async def _http(self, method: str, blob: bytes, **options: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        # Only the network's faults mean that the relay is away; a full disk of ours, in the caller's block, does not.
        with _reaching():
            answer = await self._open.request(method, f"{self._dial}/v1/blobs/{blob.hex()}", **options)
        async with answer:
            yield answer

    @property
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("use SocketLink as a context manager")
        return self._session


async def _chunk(answer: aiohttp.ClientResponse, deadline: float) -> bytes:
    """The next bytes, until loop time `deadline`: a relay that trickles must not hold everybody else's mail."""
    with _reaching():
        async with asyncio.timeout_at(deadline):
            return await answer.content.read(1 << 16)


async def _refuse_redirect(*_: object) -> None:
    raise aiohttp.ClientError("a relay may not send this device elsewhere")


def _retry_after(answer: aiohttp.ClientResponse) -> int:
    """Seconds, at most an hour. Proxies may give a date instead (RFC 9110, section 10.2.3); that is a while."""
    value = answer.headers.get("Retry-After", "0")
    return min(int(value), _LONGEST_RETRY) if value.isascii() and value.isdigit() else 60


@contextlib.contextmanager
def _reaching() -> Any:
    """Whatever a network can throw means one thing here."""
    try:
        yield
    except (aiohttp.ClientError, OSError, ValueError) as fault:
        # ValueError: what aiohttp and the resolver make of an address they cannot use (UnicodeError among them).
        raise RelayUnreachableError from fault


async def _exchange(socket: aiohttp.ClientWebSocketResponse, frame: Frame, *wanted: type[F]) -> F:
    with _reaching():
        await socket.send_bytes(wire.encode(frame))
        return await _receive(socket, *wanted)


async def _receive(socket: aiohttp.ClientWebSocketResponse, *wanted: type[F]) -> F:
    async with asyncio.timeout(TIMEOUT):
        message = await socket.receive()
    if message.type is not aiohttp.WSMsgType.BINARY:
        raise RelayUnreachableError
    try:
        frame = wire.decode_server(message.data)
    except wire.WireError as fault:
        raise RelayUnreachableError(f"This relay does not speak our protocol: {fault}.") from fault
    match frame:
        case wire.Rejected():
            raise RelayRefusedError(frame.code, min(frame.retry_after, _LONGEST_RETRY))
        case _ if isinstance(frame, wanted):
            return frame
        case _:
            raise RelayUnreachableError("This relay answered with something else than was asked.")
