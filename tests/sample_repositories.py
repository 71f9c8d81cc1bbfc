"""A publisher with three endorsers, whose repository a relay serves: for tests of updates. Nothing in it is faked."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path

from aiohttp import web
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Snapshot, Targets, Timestamp

from foreseal_client.publishing.keys import load_signers, make_key
from foreseal_client.publishing.listed import open_to_publish
from foreseal_client.publishing.logged import log_lists
from foreseal_client.publishing.pending import Pending
from foreseal_client.publishing.publishing import complete, prepare_list, prepare_root
from foreseal_client.publishing.repository import Repository
from foreseal_client.transparency.entry import LoggedList
from foreseal_client.transparency.folder import LogFolder
from foreseal_client.transparency.reading import LOG
from foreseal_client.updates.fetching import HttpFetcher, fetcher_for
from foreseal_client.updates.updating import Updated, update
from foreseal_matcher.lists import HashList, ListedHash, Purpose, build_list
from foreseal_relay.list_routes import list_routes
from sample_lists import lines

__all__ = ["NOW", "TODAY", "Publisher", "World", "begun", "world"]

# The library looks at the clock itself, so these tests live today.
NOW = datetime.now(UTC).replace(microsecond=0)
TODAY = NOW.date()
ENDORSERS = ("alice", "bob", "carol")


@dataclass
class Publisher:
    """Keys and repository in one folder; two of three endorsers have to agree."""

    folder: Path
    signers: dict[str, CryptoSigner]

    @classmethod
    def in_folder(cls, folder: Path) -> Publisher:
        names = sorted((*ENDORSERS, "log", "online"))
        return cls(folder, dict(zip(names, load_signers(folder / "keys"), strict=True)))

    @classmethod
    def beginning(cls, folder: Path, now: datetime = NOW) -> Publisher:
        publics = [make_key(folder / "keys", name) for name in (*ENDORSERS, "online", "log")]
        self = cls.in_folder(folder)
        prepare_root(self.repository, publics[:3], 2, publics[3], publics[4], now)
        self.complete(now)
        return self

    @property
    def repository(self) -> Repository:
        return Repository(self.folder / "repository")

    @property
    def root(self) -> bytes:
        return self.repository.first_root.read_bytes()

    @property
    def online(self) -> CryptoSigner:
        return self.signers["online"]

    @property
    def log(self) -> CryptoSigner:
        return self.signers["log"]

    def of(self, *names: str) -> list[CryptoSigner]:
        return [self.signers[name] for name in names]

    def complete(self, now: datetime = NOW, by: tuple[str, ...] = ("alice", "bob")) -> None:
        Pending(self.repository).sign(self.of(*by))
        assert complete(self.repository, self.of("online", "log"), now) is None

    def write(
        self, rows: list[ListedHash], version: str, name: str = "demo", purpose: Purpose = Purpose.SYNTHETIC,
        made: date = TODAY,
    ) -> HashList:  # fmt: skip
        """A list in a folder of its own."""
        folder = self.folder / f"{name}-{version}"
        build_list(folder, rows, name=name, version=version, made=made, purpose=purpose, valid_days=30)
        return open_to_publish(folder, made)

    def publish(self, version: int, now: datetime = NOW, rows: int = 20) -> HashList:
        """A version of the list, other than the one before in one row."""
        opened = self.write(lines(rows)[: rows + version], str(version))
        assert prepare_list(self.repository, opened, now)
        self.complete(now)
        return opened

    @property
    def log_folder(self) -> LogFolder:
        return LogFolder(self.repository.folder / LOG)

    @property
    def log_key(self) -> bytes:
        return bytes.fromhex(self.log.public_key.keyval["public"])

    def append(self, *entries: LoggedList, now: datetime = NOW) -> None:
        """Straight into the log, as its operator can."""
        sign = self.log.sign
        self.log_folder.append(entries, self.log_key, lambda message: bytes.fromhex(sign(message).signature), now)

    # --- what somebody does who has the server, and the online key where they sign ----------------------------------

    def metadata(self, name: str) -> Path:
        return self.repository.folder / "metadata" / name

    def target(self, name: str) -> Path:
        """The file of the newest version."""
        newest = self.repository.targets()
        assert newest is not None
        return self.repository.place_of(newest.signed.targets[name])

    def put_targets(self, targets: Metadata[Targets], *, logged: bool = True) -> None:
        """Whatever targets, under a snapshot and a time stamp that are signed as they should be."""
        self.repository.put(targets)
        root = self.repository.root()
        assert root is not None
        if logged:
            log_lists(self.repository, root.signed, targets, self.of("log"), NOW)
        before = self.repository.snapshot()
        assert before is not None
        self.put_snapshot(before.signed.version + 1, targets)

    def put_snapshot(self, version: int, targets: Metadata[Targets]) -> None:
        meta = {"targets.json": MetaFile.from_data(targets.signed.version, targets.to_bytes(), ["sha256"])}
        stamp = self.repository.timestamp()
        assert stamp is not None
        snapshot = Metadata(Snapshot(version, None, stamp.signed.expires, meta))
        snapshot.sign(self.online)
        self.repository.put(snapshot)
        named = MetaFile.from_data(version, snapshot.to_bytes(), ["sha256"])
        following = Metadata(Timestamp(stamp.signed.version + 1, None, stamp.signed.expires, named))
        following.sign(self.online)
        self.repository.put(following)


@dataclass
class World:
    """A publisher, a server, and a device."""

    publisher: Publisher
    url: str
    out: Path

    async def update(
        self,
        source: str | None = None,
        *,
        root: bytes | None = None,
        name: str | None = None,
        accept: tuple[str, ...] = (),
    ) -> Updated:
        """An update on the device, in a thread as the server is in this process."""
        fetcher = HttpFetcher(connect_wait=5, read_wait=5)
        bring = partial(update, source or self.url, fetcher, self.out, TODAY, root=root, name=name, accept=accept)
        return await asyncio.to_thread(bring)

    @property
    def in_force(self) -> str:
        """The digest of the list that the device uses, verified whole."""
        return HashList.open(self.out, TODAY, thorough=True).digest


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """Version 1 is published, and installed on the device. The server has the relay's routes for lists."""
    shutil.copytree(begun(), folder / "begun")
    publisher = Publisher.in_folder(folder / "begun" / "publisher")
    app = web.Application()
    app.add_routes(list_routes(publisher.repository.folder))
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield World(publisher, f"http://127.0.0.1:{runner.addresses[0][1]}/lists", folder / "begun" / "list")
    finally:
        await runner.cleanup()


@cache
def begun() -> Path:
    """What every world begins with, made once: most of the time goes into waiting for the disk."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    publisher = Publisher.beginning(folder / "publisher")
    publisher.publish(1)
    source = str(publisher.repository.folder)
    update(source, fetcher_for(source), folder / "list", TODAY, root=publisher.root)
    return folder
