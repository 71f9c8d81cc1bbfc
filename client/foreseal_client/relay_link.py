"""The link to a relay: sockets, and nothing else. `RelayLink` is the one interface; this is its real side.

An *inbox* is authenticated, receives and acknowledges. A *drop* is anonymous, opened for one recipient and closed
again. They never share a connection, and the HTTP session keeps no cookies, so that nothing ties them together.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self, TypeVar

import aiohttp

from foreseal_client import relay_blobs
from foreseal_client.errors import RelayRefusedError, RelayUnreachableError, RolledBackError
from foreseal_client.proxy import checked_proxy, connector
from foreseal_client.relay_blobs import LONGEST_RETRY, Progress, nobody, reaching
from foreseal_client.relay_directory import RelayDirectory
from foreseal_client.relay_inbox import TIMEOUT, Inbox
from foreseal_relay import wire

__all__ = ["RelayLink", "SocketLink"]

_HEARTBEAT: Final = 20.0
"""Seconds between pings: a half-open connection is how messengers lose mail."""

_SAID_BY_ALL: Final = {"User-Agent": "foreseal"}
_LEFT_OUT: Final = ("User-Agent", "Accept", "Accept-Encoding")
"""What the library says of itself: its version, Python's, and which compressions are installed. A relay that tells
devices apart by it could put an anonymous drop beside the inbox of the one person who has just that."""

MAX_ISSUER_LIST: Final = 64 * 1024
"""Bytes of a relay's list of keys that are read."""

F = TypeVar("F")
Frame = wire.InboxFrame | wire.DropFrame
Signer = Callable[[bytes], bytes]


class RelayLink(Protocol):
    """What the client asks of a relay. Each call raises `RelayUnreachableError` or `RelayRefusedError`."""

    origin: str

    @property
    def directory(self) -> RelayDirectory:
        """What is public at this relay."""

    def inbox(
        self, login_key: bytes, generation: int, sign: Signer, *, resume: bool = False
    ) -> contextlib.AbstractAsyncContextManager[Inbox]:
        """Logs in: `login_key` is Ed25519 public, `sign` signs `wire.login_message` with it. `resume`: without signing,
        where a login of some minutes ago can be gone on with."""

    async def issuer(self) -> bytes | None:
        """The list of the relay's keys for tokens, asked for by nobody in particular; None: it has none."""

    async def send(self, frame: wire.Send) -> bool:
        """Whether the envelope is new to the relay; it is durable there either way."""

    async def fetch_bundle(self, mailbox: bytes, token: bytes) -> wire.Bundle:
        """A mailbox's bundle, still to be checked."""

    async def put_blob(
        self, blob: bytes, path: Path, progress: Progress = nobody, *, tokens: Sequence[bytes] = ()
    ) -> None:
        """Uploads a sealed blob, from where an earlier try broke off; it is durable when this returns. `progress`: told
        how many bytes the relay has, from time to time. `tokens`: what pays for it, the same on every try."""

    async def get_blob(self, blob: bytes, size: int, path: Path, progress: Progress = nobody) -> None:
        """Downloads a sealed blob of `size` bytes to `path`, going on behind what is there already. What came before
        it broke off stays. Raises `PeerFaultError` for another length, or if gone; then nothing stays."""


class SocketLink:
    """A relay reached over HTTP and WebSocket at `origin`, e.g. `http://127.0.0.1:8700`. Use as a context manager.
    `dial`: connect there instead (something that forwards to the relay); logins are still bound to `origin`. `proxy`:
    a SOCKS5 proxy (`socks5://host:port`) that every connection goes through and that looks names up, not this device.
    Raises `ValueError` for any other proxy."""

    def __init__(self, origin: str, dial: str | None = None, *, proxy: str | None = None) -> None:
        self._proxy = None if proxy is None else checked_proxy(proxy)
        self._tickets: dict[bytes, wire.Ticket] = {}
        self.origin = origin.rstrip("/")
        self._dial = (dial or origin).rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # A redirect could make this device ask any address for anything, and count what it says as stored.
        tracing = aiohttp.TraceConfig()
        tracing.on_request_redirect.append(_refuse_redirect)
        # force_close: a connection that was used for one recipient is not used for another.
        self._session = aiohttp.ClientSession(
            connector=connector(self._proxy),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_SAID_BY_ALL,
            skip_auto_headers=_LEFT_OUT,
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
    async def inbox(
        self, login_key: bytes, generation: int, sign: Signer, *, resume: bool = False
    ) -> AsyncIterator[Inbox]:
        """See `RelayLink`."""
        async with self._socket("/v1/inbox", heartbeat=_HEARTBEAT) as (socket, hello):
            mailbox, nonce = wire.mailbox_of(login_key), secrets.token_bytes(wire.NONCE_BYTES)
            message = wire.login_message(self.origin, mailbox, hello.nonce, nonce, generation)
            welcome = await self._resumed(socket, login_key, nonce, message, generation) if resume else None
            resumed = welcome is not None
            if welcome is None:
                proven = wire.Login(wire.VERSION, mailbox, login_key, nonce, sign(message), generation)
                welcome = await _exchange(socket, proven, wire.Welcome)
            if welcome.generation > generation:
                raise RolledBackError(welcome.generation)
            inbox = Inbox(socket, welcome, resumed=resumed, keep=partial(self._tickets.__setitem__, login_key))
            try:
                yield inbox
            finally:
                await inbox.close()

    async def _resumed(
        self, socket: aiohttp.ClientWebSocketResponse, login_key: bytes, nonce: bytes, message: bytes, generation: int
    ) -> wire.Welcome | None:
        """The welcome, where the ticket of an earlier login still holds."""
        held = self._tickets.pop(login_key, None)
        if held is None:
            return None
        proof = wire.resume_proof(held.secret, message)
        mailbox = wire.mailbox_of(login_key)
        try:
            welcome = await _exchange(
                socket, wire.Resume(wire.VERSION, mailbox, held.ticket, nonce, proof, generation), wire.Welcome
            )
        except RelayRefusedError as fault:
            if fault.code != wire.RejectCode.BAD_TICKET:
                raise
            return None
        self._tickets[login_key] = held
        return welcome

    async def issuer(self) -> bytes | None:
        """See `RelayLink`."""
        with reaching():
            async with self._open.get(f"{self._dial}/v1/issuer") as answer:
                if answer.status == 404:
                    return None
                if answer.status != 200:
                    raise RelayRefusedError(f"issuer-{answer.status}", 60)
                listed = b""
                async for chunk in answer.content.iter_chunked(MAX_ISSUER_LIST):
                    listed += chunk
                    if len(listed) > MAX_ISSUER_LIST:
                        raise RelayUnreachableError("This relay's list of keys for tokens has no end.")
                return listed

    async def send(self, frame: wire.Send) -> bool:
        """See `RelayLink`."""
        async with self._socket("/v1/drop") as (socket, _):
            answer = await _exchange(socket, frame, wire.Accepted, wire.Duplicate)
            return isinstance(answer, wire.Accepted)

    async def fetch_bundle(self, mailbox: bytes, token: bytes) -> wire.Bundle:
        """See `RelayLink`."""
        async with self._socket("/v1/drop") as (socket, _):
            return await _exchange(socket, wire.FetchBundle(1, mailbox, token), wire.Bundle)

    async def put_blob(
        self, blob: bytes, path: Path, progress: Progress = nobody, *, tokens: Sequence[bytes] = ()
    ) -> None:
        """See `RelayLink`."""
        await relay_blobs.put_blob(self._open, self._blob_url(blob), path, progress, tokens)

    async def get_blob(self, blob: bytes, size: int, path: Path, progress: Progress = nobody) -> None:
        """See `RelayLink`."""
        await relay_blobs.get_blob(self._open, self._blob_url(blob), size, path, progress)

    @property
    def directory(self) -> RelayDirectory:
        """What is public at this relay, asked for on connections of its own."""
        return RelayDirectory(self._open, self.origin, self._dial)

    @asynccontextmanager
    async def _socket(
        self, path: str, heartbeat: float | None = None
    ) -> AsyncIterator[tuple[aiohttp.ClientWebSocketResponse, wire.Hello]]:
        with reaching():
            connecting = self._open.ws_connect(
                self._dial + path, heartbeat=heartbeat, max_msg_size=wire.MAX_FRAME, compress=0
            )
            async with asyncio.timeout(TIMEOUT):
                socket = await connecting
        try:
            with reaching():
                hello = await _receive(socket, wire.Hello)
            yield socket, hello
        finally:
            await socket.close()

    def _blob_url(self, blob: bytes) -> str:
        return f"{self._dial}/v1/blobs/{blob.hex()}"

    @property
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("use SocketLink as a context manager")
        return self._session


async def _refuse_redirect(*_: object) -> None:
    raise aiohttp.ClientError("a relay may not send this device elsewhere")


async def _exchange(socket: aiohttp.ClientWebSocketResponse, frame: Frame, *wanted: type[F]) -> F:
    with reaching():
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
            raise RelayRefusedError(frame.code, min(frame.retry_after, LONGEST_RETRY))
        case _ if isinstance(frame, wanted):
            return frame
        case _:
            raise RelayUnreachableError("This relay answered with something else than was asked.")
