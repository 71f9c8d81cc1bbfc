"""A relay in a test: in this process or in one of its own, behind the proxy that every client dials."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from foreseal_client.demo.search import Needle, search
from foreseal_client.kit.loop import Loop
from foreseal_client.kit.proxy import Proxy
from foreseal_client.kit.relay_apart import SpoiledRelay, may_grow
from foreseal_client.kit.spoiling import Spoiling
from foreseal_client.virtual_clock import VirtualClock
from foreseal_relay import wire
from foreseal_relay.home import Home
from foreseal_relay.relay import Relay
from foreseal_relay.serving import Settings, serving

__all__ = ["BlindError", "TestRelay", "issuer_key"]


def issuer_key(folder: Path, now: float) -> Path:
    """A file in `folder` with the key for tokens of relays that begin at `now`, Unix time in seconds. Raises
    `HomeError`."""
    home = Home(folder)
    home.issuer(now)
    return home.issuer_key


class BlindError(AssertionError):
    """Something that the relay must not know was found in what passed by it, or in what it stored."""


class TestRelay:
    """Started at once. `url`: what clients dial. `issuer_key`: taken in place of one of its own. `process`: in one of
    its own, which can be killed; it goes by the machine's clock then, and not by `clock`."""

    __test__ = False

    def __init__(
        self,
        loop: Loop,
        folder: Path,
        clock: VirtualClock,
        seed: int,
        issuer_key: Path | None,
        *,
        process: bool = False,
    ) -> None:
        if issuer_key is not None:
            shutil.copyfile(issuer_key, Home(folder).issuer_key)
        self._loop = loop
        self._folder = folder
        self._clock = clock
        self.spoiling = Spoiling(seed)
        self.proxy, self._end_proxy = loop.enter(Proxy.listening(self.spoiling))
        self.url = self.proxy.url
        self._process: SpoiledRelay | None = None
        self._relay: Relay | None = None
        if process:
            self._process = SpoiledRelay(folder, "--origin", self.url)
        self._end: Callable[[], object] | None = None
        self.start()

    @property
    def envelopes(self) -> list[wire.Send]:
        """Every envelope that was sent, in order: what the relay got of it, repeats included."""
        return self._loop.call(lambda: list(self.proxy.sent))

    def start(self) -> None:
        """Starts it where it was; what it had stored is there."""
        if self._end is not None:
            return
        if self._process is not None:
            self._loop.run(self._process.start())
            address = self._process.address
            self._end = lambda: self._loop.run(self._process.stop() if self._process else _nothing())
        else:
            settings = Settings(self._folder, origin=self.url)
            (url, self._relay), self._end = self._loop.enter(serving(settings, clock=self._clock))
            parts = urlsplit(url)
            address = (parts.hostname or "127.0.0.1", parts.port or 0)
        self._loop.call(lambda: setattr(self.proxy, "target", address))

    def stop(self) -> None:
        """Takes it down: connections break first, so that no client is told goodbye."""
        if self._end is None:
            return
        self._loop.call(lambda: setattr(self.proxy, "target", None))
        self._loop.call(self.proxy.cut)
        end, self._end = self._end, None
        end()

    def kill(self) -> None:
        """kill -9, for a relay in a process of its own. Raises `RuntimeError` for another."""
        if self._process is None:
            raise RuntimeError("only a relay in a process of its own can be killed: make_relay(process=True)")
        self._loop.call(lambda: setattr(self.proxy, "target", None))
        self._loop.run(self._process.kill())
        self._loop.call(self.proxy.cut)
        self._end = None

    def may_grow(self, may: bool) -> None:
        """Whether more fits into its store than is there now. Started anew, it may."""
        if self._process is not None:
            self._loop.run(self._process.may_grow(may))
        elif self._relay is not None:
            self._loop.run(may_grow(self._relay, may))

    def assert_blind(self, *known: bytes) -> None:
        """Raises `BlindError` where one of these stands in anything that passed by the relay, or that it has stored,
        as it is, in hexadecimal, in base64 or as UTF-16. At least 6 bytes each: shorter ones are there by chance."""
        if any(len(one) < 6 for one in known):
            raise ValueError("what is looked for has at least 6 bytes; shorter ones are found by chance")
        stored = {path.name: path.read_bytes() for path in self._folder.rglob("*") if path.is_file()}
        passed = self._loop.call(lambda: bytes(self.proxy.passed))
        hits = search([Needle(repr(one[:40]), one) for one in known], {"what passed": passed, **stored})
        if hits:
            raise BlindError("; ".join(f"{hit.needle} stands in {hit.haystack}, {hit.form}" for hit in hits))

    def close(self) -> None:
        """Takes down everything."""
        self.stop()
        self._end_proxy()


async def _nothing() -> None:
    return
