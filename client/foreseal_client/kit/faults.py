"""What can go wrong in a test, in the words of a test: on the wire, at the relay, and inside a client."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

from foreseal_client.kit.client import Client
from foreseal_client.kit.loop import Loop
from foreseal_client.kit.relay import TestRelay
from foreseal_client.kit.samples import Samples
from foreseal_client.kit.spoiling import Fault, Rule

__all__ = ["Faults"]

_LONG_AGO: Final = date(2020, 1, 1)
_STORM: Final = (
    ("send", Fault.DROP), ("send", Fault.CUT), ("send", Fault.DUPLICATE), ("accepted", Fault.DROP),
    ("deliver", Fault.DUPLICATE), ("deliver", Fault.DROP), ("ack", Fault.CUT),
)  # fmt: skip


class Faults:
    """On the wire each concerns the next frames of a name in `foreseal_relay.wire`: `send` on its way to the relay,
    `deliver` on its way from it, `ack`, `accepted` and so on. `of`: only those of this client's inbox, or to it."""

    def __init__(self, loop: Loop, relay: TestRelay, samples: Samples, folder: Path) -> None:
        self._loop = loop
        self._relay = relay
        self._samples = samples
        self._folder = folder

    # --- on the wire -------------------------------------------------------------------------------------------------

    def drop(self, frame: str = "send", times: int = 1, of: Client | None = None) -> None:
        """Frames are lost, and their connections break."""
        self._add(Fault.DROP, frame, times, of)

    def cut(self, frame: str = "send", times: int = 1, of: Client | None = None) -> None:
        """Frames arrive, and their connections break before there is an answer."""
        self._add(Fault.CUT, frame, times, of)

    def duplicate(self, frame: str = "deliver", times: int = 1, of: Client | None = None) -> None:
        """Frames come twice."""
        self._add(Fault.DUPLICATE, frame, times, of)

    def corrupt(self, frame: str = "deliver", times: int = 1, of: Client | None = None) -> None:
        """A byte in the middle of each is another one."""
        self._add(Fault.CORRUPT, frame, times, of)

    def reorder(self, frame: str = "deliver", times: int = 2, of: Client | None = None) -> None:
        """So many frames wait for each other, and go on the last first."""
        self._add(Fault.REORDER, frame, times, of)

    def delay(self, seconds: float, frame: str = "deliver", times: int = 1, of: Client | None = None) -> None:
        """Each takes so much longer, in seconds of the machine's clock."""
        self._add(Fault.DELAY, frame, times, of, seconds)

    def slow(self, bytes_a_second: float | None) -> None:
        """Everything comes at this rate; None: as fast as it can."""
        self._loop.call(lambda: self._relay.spoiling.slow(bytes_a_second))

    def storm(self, rate: float = 0.2, times: int = 20) -> None:
        """Frames are lost, repeated and cut off by chance, from the kit's seed: of each kind at most `times`."""
        for frame, fault in _STORM:
            self._loop.call(
                lambda frame=frame, fault=fault: self._relay.spoiling.add(  # type: ignore[misc]
                    Rule(frame, fault, times, rate=rate)
                )
            )

    def disconnect(self, client: Client | None = None) -> None:
        """Breaks the connections of this client's inbox, and those that send to it; all with None."""
        self._loop.call(lambda: self._relay.proxy.cut(None if client is None else client.mailbox))

    def clear(self) -> None:
        """Nothing on the wire goes wrong any more."""
        self._loop.call(self._relay.spoiling.clear)

    @property
    def happened(self) -> list[tuple[str, Fault]]:
        """Frames that met with a fault, in order: a test that asked for one can see that it came about."""
        return self._loop.call(lambda: list(self._relay.spoiling.happened))

    # --- the relay, and inside a client ------------------------------------------------------------------------------

    @contextmanager
    def relay_down(self) -> Iterator[None]:
        """Within the block there is no relay; then it starts again with what it had stored."""
        self._relay.stop()
        try:
            yield
        finally:
            self._relay.start()

    def list_missing(self, client: Client) -> None:
        """There is no list where this client looks for one."""
        client.set_lists(self._folder / "nowhere")

    def list_stale(self, client: Client) -> None:
        """The list of this client is years too old."""
        old = self._folder / "stale-list"
        self._samples.write_list(old, iter(()), made=_LONG_AGO)
        client.set_lists(old)

    def list_tampered(self, client: Client) -> None:
        """A byte of this client's list was changed on its disk."""
        spoiled = self._folder / f"tampered-{client.name}"
        shutil.copytree(self._samples.list_folder, spoiled, dirs_exist_ok=True)
        column = next(iter(spoiled.rglob("pdq.bin")))
        data = bytearray(column.read_bytes())
        data[7] ^= 1
        column.write_bytes(data)
        client.set_lists(spoiled)

    @contextmanager
    def check_hangs(self, client: Client) -> Iterator[None]:
        """Within the block no check of a file comes to its end at this client; then those that hang go on."""
        with _fault(client, "check", "hangs", "none"):
            yield

    @contextmanager
    def check_fails(self, client: Client) -> Iterator[None]:
        """Within the block the check of each file breaks off with a fault at this client."""
        with _fault(client, "check", "fails", "none"):
            yield

    @contextmanager
    def disk_full(self, of: Client | TestRelay | None = None) -> Iterator[None]:
        """Within the block nothing more fits into the store of a client or a relay; None: of the relay of this test."""
        if isinstance(of, Client):
            with _fault(of, "disk", "full", "free"):
                yield
            return
        relay = of or self._relay
        relay.may_grow(False)
        try:
            yield
        finally:
            relay.may_grow(True)

    def list_mended(self, client: Client) -> None:
        """This client has the kit's list again."""
        client.set_lists(self._samples.list_folder)

    def _add(self, fault: Fault, frame: str, times: int, of: Client | None, seconds: float = 0.0) -> None:
        rule = Rule(frame, fault, times, None if of is None else of.mailbox, seconds=seconds)
        self._loop.call(lambda: self._relay.spoiling.add(rule))


@contextmanager
def _fault(client: Client, what: str, within: str, after: str) -> Iterator[None]:
    client.call("test.setFault", dict[str, bool], **{what: within})
    try:
        yield
    finally:
        client.call("test.setFault", dict[str, bool], **{what: after})
