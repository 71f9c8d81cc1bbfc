"""A relay that serves: directory, store, blobs, socket and sweep put together, and taken down in reverse."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from foreseal_relay.admission import Admission, Registration
from foreseal_relay.app import application
from foreseal_relay.blobs import Blobs
from foreseal_relay.directory import Directory
from foreseal_relay.home import HomeError, occupied
from foreseal_relay.limits import DRAIN_WAIT, KEPT_ALIVE, SWEEP_EVERY
from foreseal_relay.login import local_origins, origin_of
from foreseal_relay.logs import http_log, log, log_fault
from foreseal_relay.mailboxes import Mailboxes
from foreseal_relay.metering import metering
from foreseal_relay.presence import Presence
from foreseal_relay.relay import Relay
from foreseal_relay.store import store_at
from foreseal_relay.store.handles import SqliteHandles
from foreseal_relay.tickets import Tickets

__all__ = ["AddressError", "Settings", "serving"]


class AddressError(Exception):
    """The relay cannot be reached as it was told to be. The message names the address and the reason."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a relay is started with. `port` 0 takes a free one. `origin`: the public URL, when clients dial another one
    than this relay listens on. `lists`: a repository of hash lists that it serves, and does not read. `store`: the
    database's address, when it is not the embedded one; `blobs`: their folder, when other relays share it.
    `registration`: who may make a mailbox. `free_blobs`: whether blobs cost no tokens."""

    directory: Path
    host: str = "127.0.0.1"
    port: int = 0
    origin: str | None = None
    lists: Path | None = None
    store: str | None = None
    blobs: Path | None = None
    registration: Registration = Registration.OPEN
    free_blobs: bool = False
    public: bool = False
    """Whether there is a directory of handles and an open room."""
    room: str = "Open room"
    tls: tuple[Path, Path] | None = None
    """Certificate chain and key, PEM; None where a proxy in front ends TLS."""
    metrics: int | None = None
    """A port of the loopback interface for `meter`; 0 takes a free one."""
    log_json: bool = False


@contextlib.asynccontextmanager
async def serving(
    settings: Settings, clock: Callable[[], float] = time.time, random: Callable[[int], bytes] = secrets.token_bytes
) -> AsyncIterator[tuple[str, Relay]]:
    """A listening relay, as its URL and its parts; at the end requests under way are answered and the store closed.
    Raises `AddressError`, `HomeError` and `StoreError`."""
    async with contextlib.AsyncExitStack() as stack:
        home = stack.enter_context(occupied(settings.directory))
        presence = Presence()
        store = await stack.enter_async_context(store_at(settings.store, home.store, presence, random(4).hex()))
        folder = settings.blobs or home.blobs
        blobs = Blobs(store, folder, shared=settings.blobs is not None)
        try:
            await blobs.open()
        except OSError as error:
            raise HomeError(f"the folder {folder.name} cannot be used: {error.strerror}") from error
        if settings.lists is not None and not (settings.lists / "metadata").is_dir():
            raise HomeError(f"{settings.lists} is no repository of lists; make one with: foreseal list publish init")
        stamp_key, issuer = home.stamp_key(), home.issuer(clock())
        for name, key_id in (("stamp", stamp_key.id), ("issuer", issuer.id)):
            if await store.agreed(name, key_id) != key_id:
                raise HomeError(
                    f"{name}.key is another one than the other relays over this database have; "
                    "put a copy of theirs into this relay's directory"
                )
        listener = stack.enter_context(_bound(settings))
        host, port = settings.host, listener.getsockname()[1]
        origins = _origins(settings, port)
        admission = Admission(settings.registration, stamp_key.derived(b"registration"), origins)
        mailboxes = Mailboxes(store, stamp_key, issuer, admission)
        tickets = Tickets(stamp_key.derived(b"tickets"))
        relay = Relay(mailboxes, blobs, origins, clock, random, tickets, presence, free_blobs=settings.free_blobs)
        directory = None
        if settings.public:
            handles = SqliteHandles(home.handles)
            stack.push_async_callback(handles.close)
            directory = Directory(handles, relay.origins, settings.room)
        context = None if settings.tls is None else _tls(*settings.tls)
        runner = web.AppRunner(
            application(relay, settings.lists, directory),
            access_log=None,
            logger=http_log(),
            shutdown_timeout=DRAIN_WAIT,
            keepalive_timeout=KEPT_ALIVE,
            auto_decompress=False,  # what is paid for and measured are the bytes that come
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listener, ssl_context=context).start()
        if settings.metrics is not None:
            await stack.enter_async_context(metering(relay, settings.metrics))
        sweeping = asyncio.create_task(_sweep(relay, directory))
        stack.callback(sweeping.cancel)
        yield f"{_scheme(settings)}://[{host}]:{port}" if ":" in host else f"{_scheme(settings)}://{host}:{port}", relay


def _bound(settings: Settings) -> socket.socket:
    _origins(settings, settings.port)  # before anything listens
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AddressError(f"cannot listen on {settings.host} port {settings.port}: {reason}") from error


def _origins(settings: Settings, port: int) -> tuple[str, ...]:
    try:
        return (
            local_origins(settings.host, port, _scheme(settings))
            if settings.origin is None
            else (origin_of(settings.origin),)
        )
    except ValueError as error:
        raise AddressError(str(error)) from error


def _scheme(settings: Settings) -> str:
    return "http" if settings.tls is None else "https"


def _tls(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # An encrypted key would be asked for on the terminal, where nobody may be.
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (OSError, ValueError) as error:
        raise AddressError(
            f"the certificate {certificate.name} with the key {key.name} cannot be used: "
            f"{getattr(error, 'reason', None) or getattr(error, 'strerror', None) or error}"
        ) from error
    return context


async def _sweep(relay: Relay, directory: Directory | None) -> None:
    """Forgets what has expired, at the start and every hour. A sweep that fails is tried again an hour later."""
    while True:
        try:
            rows, blobs = await relay.mailboxes.expire(relay.clock()), await relay.blobs.expire(relay.clock())
            if directory is not None:
                rows += await directory.expire(relay.clock())
            log.info("swept: %d rows and %d blobs had expired", rows, blobs)
        except Exception as error:  # whatever it was: a relay that no longer sweeps keeps everything for ever
            log_fault(error)
        await asyncio.sleep(SWEEP_EVERY)
