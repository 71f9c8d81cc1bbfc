"""A raw client that speaks frames and nothing else, for tests of the relay."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from foreseal_relay import wire
from foreseal_relay.admission import Admission, Registration
from foreseal_relay.blobs import Blobs
from foreseal_relay.connection import Connection
from foreseal_relay.franking import StampKey
from foreseal_relay.mailboxes import Mailboxes
from foreseal_relay.relay import Relay
from foreseal_relay.store import Envelope, MailboxStore, Outcome
from foreseal_relay.tickets import Tickets
from foreseal_relay.token_wire import epoch_of
from foreseal_relay.tokens import Issuer

__all__ = [
    "NOON",
    "Clock",
    "Owner",
    "Peer",
    "Running",
    "body",
    "drop",
    "eid",
    "inbox",
    "mailboxes_of",
    "more_than_sockets_hold",
    "registered",
    "relay_of",
    "send_to",
    "unread",
    "until",
]

ORIGIN = "https://relay.example"
PATIENCE = 20.0
NOON = 20_000 * 86400 + 12 * 3600 + 754.5
_requests = count(1)


@dataclass
class Clock:
    """Unix time as tests want it: shortly after noon, until they move it."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Running:
    """A relay in this process."""

    url: str
    relay: Relay
    clock: Clock
    data: Path


@dataclass(frozen=True)
class Owner:
    """Somebody with a mailbox: everything follows from a name."""

    name: str
    generation: int = 0

    @property
    def key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(_derived("key", self.name))

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    @property
    def mailbox(self) -> bytes:
        return wire.mailbox_of(self.public)

    @property
    def token(self) -> bytes:
        return _derived("token", self.name)

    def at(self, generation: int) -> Owner:
        return replace(self, generation=generation)

    def login(self, origin: str, server_nonce: bytes) -> wire.Login:
        nonce = _derived("nonce", self.name)
        message = wire.login_message(origin, self.mailbox, server_nonce, nonce, self.generation)
        return wire.Login(wire.VERSION, self.mailbox, self.public, nonce, self.key.sign(message), self.generation)


class Peer:
    """One websocket. `hear` returns the next frame, or None when the relay has closed."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.nonce = b""

    async def say(self, frame: wire.InboxFrame | wire.DropFrame) -> None:
        await self.socket.send_bytes(wire.encode(frame))

    async def hear(self) -> wire.ServerFrame | None:
        message = await self.socket.receive(timeout=PATIENCE)
        return wire.decode_server(message.data) if message.type is aiohttp.WSMsgType.BINARY else None

    async def ask(self, frame: wire.InboxFrame | wire.DropFrame) -> wire.ServerFrame | None:
        await self.say(frame)
        return await self.hear()

    async def ask_raw(self, data: bytes) -> wire.ServerFrame | None:
        await self.socket.send_bytes(data)
        return await self.hear()

    async def deliveries(self, number: int) -> list[wire.Deliver]:
        heard = [await self.hear() for _ in range(number)]
        assert all(isinstance(frame, wire.Deliver) for frame in heard), heard
        return [frame for frame in heard if isinstance(frame, wire.Deliver)]

    async def nothing_more(self) -> None:
        """Fails if a delivery is on its way. Three answers that each waited for a sync of the disk would come after
        it."""
        for _ in range(3):
            answer = await self.ask(wire.Ack(req=next(_requests), eids=()))
            assert isinstance(answer, wire.Done), answer


@contextlib.asynccontextmanager
async def drop(url: str) -> AsyncIterator[Peer]:
    """A drop that has been greeted."""
    async with _greeted(f"{url}/v1/drop") as peer:
        yield peer


@contextlib.asynccontextmanager
async def unread(running: Running) -> AsyncIterator[tuple[socket.socket, Connection]]:
    """A drop of which nothing is read, as the client's bare socket and the relay's only connection; little of what is
    answered fits between them."""
    at, loop = urlsplit(running.url), asyncio.get_running_loop()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        await loop.sock_connect(client, (at.hostname, at.port))
        upgrade = "GET /v1/drop HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
        await loop.sock_sendall(client, (upgrade + key).encode())
        await until(lambda: any(one.is_open for one in running.relay.connections))
        (connection,) = running.relay.connections
        assert connection._transport is not None
        connection._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        yield client, connection


@contextlib.asynccontextmanager
async def inbox(url: str, owner: Owner | None = None) -> AsyncIterator[Peer]:
    """An inbox that has been greeted and, with an owner, welcomed."""
    async with _greeted(f"{url}/v1/inbox") as peer:
        if owner is not None:
            answer = await peer.ask(owner.login(url, peer.nonce))
            assert isinstance(answer, wire.Welcome), answer
        yield peer


async def registered(url: str, owner: Owner) -> Owner:
    """The owner, with a mailbox at the relay."""
    async with inbox(url, owner) as peer:
        assert await peer.ask(wire.Register(1, wire.token_digest(owner.token))) == wire.Done(1)
    return owner


def mailboxes_of(store: MailboxStore, registration: Registration = Registration.OPEN) -> Mailboxes:
    """The rules over a store, with keys that tests know."""
    issuer = Issuer(bytes(32), epoch_of(int(NOON // 86400)))
    return Mailboxes(store, StampKey(bytes(32)), issuer, Admission(registration, bytes(32), (ORIGIN,), bits=8))


def relay_of(store: MailboxStore, folder: Path, clock: Clock, origins: tuple[str, ...] = ()) -> Relay:
    """A relay without a socket."""
    return Relay(mailboxes_of(store), Blobs(store, folder), origins, clock, os.urandom, Tickets(bytes(32)))


def eid(number: int) -> bytes:
    return number.to_bytes(wire.EID_BYTES, "big")


def body(number: int, size: int = wire.BODY_SIZES[0]) -> bytes:
    return number.to_bytes(8, "big") * (size // 8)


def send_to(owner: Owner, number: int = 1, *, token: bytes | None = None, ttl: int = 3600, req: int = 7) -> wire.Send:
    """A send of envelope `number`."""
    commitment = hashlib.sha256(eid(number)).digest()
    return wire.Send(req, owner.mailbox, eid(number), ttl, token or owner.token, commitment, body(number))


async def more_than_sockets_hold(running: Running, owner: Owner) -> int:
    """Has so many envelopes wait for the owner that the sockets of both sides cannot hold them; how many."""
    store, hour, count = running.relay.mailboxes.store, int(NOON // 3600), 300
    digest = wire.token_digest(owner.token)
    puts = (
        store.put(Envelope(owner.mailbox, eid(n), bytes(32), bytes(wire.BODY_SIZES[-1]), hour // 24, hour + 99),
                  digest, hour)
        for n in range(count)
    )  # fmt: skip
    assert set(await asyncio.gather(*puts)) == {Outcome.STORED}
    return count


async def until(holds: Callable[[], bool]) -> None:
    """Gives the relay, which runs on the same loop, its turns until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def _greeted(url: str) -> AsyncIterator[Peer]:
    async with aiohttp.ClientSession() as session, session.ws_connect(url, max_msg_size=wire.MAX_FRAME + 1) as socket:
        peer = Peer(socket)
        hello = await peer.hear()
        assert isinstance(hello, wire.Hello), hello
        assert hello.version == wire.VERSION
        peer.nonce = hello.nonce
        yield peer
        async with asyncio.timeout(PATIENCE):
            await socket.close()


def _derived(label: str, name: str) -> bytes:
    return hashlib.sha256(f"{label} {name}".encode()).digest()
