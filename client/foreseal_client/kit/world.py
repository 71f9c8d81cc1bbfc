"""Everything of one test: relay, clients, clock, pictures and faults, made when they are first asked for."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from foreseal_client.kit.calls import Calls
from foreseal_client.kit.client import Client
from foreseal_client.kit.faults import Faults
from foreseal_client.kit.loop import Loop
from foreseal_client.kit.relay import TestRelay
from foreseal_client.kit.samples import Samples
from foreseal_client.kit.transcript import Transcript
from foreseal_client.kit.wires import InProcess, OtherProcess, Wire
from foreseal_client.rpc.service import Service, Settings
from foreseal_client.virtual_clock import VirtualClock
from foreseal_matcher import Mode, OnFailure, Policy

__all__ = ["BEGIN", "Clock", "Options", "Unsupported", "World"]

BEGIN: Final = 1_795_348_800.0
"""Where the clock of every test stands at first: 2026-11-22, noon in UTC."""
_PATIENCE: Final = 60.0


class Unsupported(Exception):
    """What is asked for cannot be had from this client or this relay."""


@dataclass(frozen=True, slots=True)
class Options:
    """`policy` and `on_failure`: of every client; `client_cmd`: somebody else's client, or our own in a process;
    `relay_url`: a relay that runs already; `seed`: of pictures, lists and schedules of faults, never of keys."""

    seed: int = 1
    policy: str = "hold"
    on_failure: str = "fail-closed"
    client_cmd: str | None = None
    relay_url: str | None = None


class Clock:
    """The time of relay and clients: it stands still until it is moved."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._now = BEGIN

    @property
    def now(self) -> float:
        """Seconds since 1970."""
        return self._now

    def advance(self, seconds: float = 0.0, *, days: float = 0.0) -> None:
        """Moves it on, for everybody. Raises `ValueError` for going back."""
        self._now += seconds + days * 86400
        self._world.set_clock(self._now)


class World:
    """`folder`: for everything that is written; `loop` and `samples` may serve many worlds, one after another;
    `issuer_key`: a file with the key for tokens, which `relay` takes a copy of."""

    def __init__(self, folder: Path, loop: Loop, samples: Samples, options: Options, issuer_key: Path) -> None:
        self.options = options
        self.samples = samples
        self.transcript = Transcript()
        self.clients: list[Client] = []
        self.clock = Clock(self)
        self._folder = folder
        self._loop = loop
        self._issuer_key = issuer_key
        self._virtual = loop.call(lambda: VirtualClock(BEGIN))
        self._relays: list[TestRelay] = []

    @cached_property
    def relay(self) -> TestRelay:
        """The relay of this world. Raises `Unsupported` where clients are at somebody else's."""
        if self.options.relay_url is not None:
            raise Unsupported("The relay runs elsewhere: it cannot be looked into, stopped or spoiled.")
        return self._started(self._issuer_key)

    @cached_property
    def faults(self) -> Faults:
        """What can go wrong. Raises as `relay` does."""
        return Faults(self._loop, self.relay, self.samples, self._folder)

    def make_relay(self, *, process: bool = False) -> TestRelay:
        """One more relay, with keys of its own."""
        return self._started(None, process=process)

    def _started(self, issuer_key: Path | None, *, process: bool = False) -> TestRelay:
        folder = self._folder / f"relay-{len(self._relays)}"
        folder.mkdir(parents=True, exist_ok=True)
        made = TestRelay(self._loop, folder, self._virtual, self.options.seed, issuer_key, process=process)
        self._relays.append(made)
        return made

    def new_client(self, name: str, *, relay: TestRelay | None = None) -> Client:
        """One more person, connected. Raises `CallError`, `TimeoutError` or `OSError`."""
        at = self.options.relay_url or (relay or self.relay).url
        account = f"{re.sub('[^a-z0-9]', '', name.lower()) or 'somebody'}-{len(self.clients)}"
        wire = self._wire(account)
        calls = Calls(name, wire, self.transcript, _PATIENCE)
        try:
            client = Client(name, account, calls, at)
            self._prepare(client)
        except BaseException:
            calls.close()
            raise
        self.clients.append(client)
        return client

    def set_policy(self, mode: str, on_failure: str = "fail-closed") -> None:
        """Of everybody there is."""
        for client in self.clients:
            client.set_policy(mode, on_failure)

    def set_clock(self, now: float) -> None:
        """Tells everybody the time."""
        self._loop.call(lambda: self._virtual.set(now))
        for client in self.clients:
            if self.options.client_cmd is not None and "test.setClock" in client.capabilities:
                client.call("test.setClock", dict[str, bool], now=now)

    def close(self) -> None:
        """Ends clients and relays."""
        for end in [*(c.close for c in self.clients), *(r.close for r in self._relays)]:
            end()

    def _wire(self, account: str) -> Wire:
        profiles = self._folder / "profiles" / account
        profiles.mkdir(parents=True, exist_ok=True)
        options = self.options
        if options.client_cmd is not None:
            words = [part.replace("{folder}", str(profiles)) for part in shlex.split(options.client_cmd)]
            return OtherProcess(self._loop, words)
        policy = Policy(Mode(options.policy), OnFailure(options.on_failure))
        settings = Settings(profiles, (self.samples.list_folder,), policy, test_methods=True)
        make: Callable[[], Service] = lambda: Service(settings, clock=self._virtual)  # noqa: E731
        return InProcess(self._loop, make)

    def _prepare(self, client: Client) -> None:
        """Somebody else's client is told what ours is started with, as far as it can be."""
        if self.options.client_cmd is None:
            return
        if "test.setClock" in client.capabilities and self.options.relay_url is None:
            client.call("test.setClock", dict[str, bool], now=self.clock.now)
        if "test.setLists" in client.capabilities:
            client.set_lists(self.samples.list_folder)
        if "test.setPolicy" in client.capabilities:
            client.set_policy(self.options.policy, self.options.on_failure)
