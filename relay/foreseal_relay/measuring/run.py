"""One run: the floor, the echo, the relay and what stands beside it, one after the other on the same disk."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from foreseal_relay.measuring.floor import Floor, at_share, sync_floor
from foreseal_relay.measuring.held import held_memory
from foreseal_relay.measuring.nats import nats_accepts
from foreseal_relay.measuring.plan import A_MAILBOX, Load, Told
from foreseal_relay.measuring.processes import cpu_of, echoing, loaded, relaying
from foreseal_relay.measuring.stores import callers_per_s, make_mailboxes

__all__ = ["Asked", "measure"]

_MOST_A_SECOND: Final = 12_000
"""More accepts a second than any machine so far; mailboxes are made for so many."""
CALLERS: Final = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be measured. `held`: connections to hold open (0: none); `store`: a PostgreSQL to measure beside;
    `processes`: from how many the load comes; `nats`: a nats-server to measure beside, as a path."""

    clients: int = 50
    in_flight: int = 8
    seconds: float = 5.0
    processes: int = 1
    held: int = 0
    store: str | None = None
    nats: str | None = None


def measure(folder: Path, asked: Asked, tell: Callable[[str], None]) -> dict[str, object]:
    """All of it, in `folder`, which should be on the disk in question. `tell` hears what is going on."""

    def begin(what: str) -> None:
        tell(what)
        _settled()

    begin("floor: synced appends")
    floor = sync_floor(folder, asked.seconds)
    begin("echo: the server without a store")
    with echoing() as (url, pid):
        echo, by_echo = _costing(pid, _loads(replace(_load(asked), urls=(url,), answers="echo"), asked.processes))
    begin("relay: durable accepts")
    full, by_relay, half = _relay(folder, asked)
    accepts, beside = _rate(full), sync_floor(folder, asked.seconds)
    with echoing() as (url, _):
        paced = loaded(
            _loads(replace(_load(asked), urls=(url,), answers="echo", a_second=accepts / 2), asked.processes)
        )
    floor_per_s = max(floor.per_s, beside.per_s)
    begin(f"store: {CALLERS} callers in groups, and one by one")
    grouped = callers_per_s(folder / "grouped", CALLERS, asked.seconds / 2, grouped=True)
    _settled()
    single = callers_per_s(folder / "single", CALLERS, asked.seconds / 2, grouped=False)
    figures: dict[str, object] = {
        "accepts_per_s": round(accepts),
        "p50_ms": _ms(full, 0.5),
        "p99_ms": _ms(full, 0.99),
        "fsync_floor_per_s": round(floor_per_s),
        "echo_per_s": round(_rate(echo)),
        "of_floor": round(accepts / floor_per_s, 2),
        "of_echo": round(accepts / _rate(echo), 2),
        "cpu_us": {
            "an_accept": by_relay, "an_accept_for_the_load": _each(full.cpu, full),
            "an_echo": by_echo, "an_echo_for_the_load": _each(echo.cpu, echo),
        },
        "refused": full.refused + half.refused,
        "half_load": _half_load(half, paced, (floor, beside)),
        "group_commit": {"callers": CALLERS, "per_s": round(grouped), "one_by_one_per_s": round(single),
                         "ratio": round(grouped / single, 2)},
    }  # fmt: skip
    if asked.nats is not None:
        begin("nats-server: R1, synced at every message")
        theirs = nats_accepts(folder, asked.nats, asked.clients, asked.in_flight, asked.seconds)
        figures["nats"] = {"per_s": round(theirs), "ratio": round(accepts / theirs, 2)}
    if asked.store is not None:
        begin("PostgreSQL: one relay, and two")
        figures["postgres"] = _postgres(folder, asked, asked.store, accepts)
    if asked.held:
        begin("memory of connections that are held")
        figures["held"] = held_memory(folder, asked.held)
    return figures


def _settled() -> None:
    """What came before is on the disk and is not written during what comes next. The system's own `sync`, where it has
    one."""
    if hasattr(os, "sync"):
        os.sync()


def _relay(folder: Path, asked: Asked) -> tuple[Told, float | None, Told]:
    """At full load, with what an accept costs then, and at half of what that came to."""
    load = _load(asked)
    make_mailboxes(folder / "relay", asked.clients, load.mailboxes)
    with relaying(folder / "relay") as (url, pid):
        full, cost = _costing(pid, _loads(replace(load, urls=(url,)), asked.processes))
    make_mailboxes(folder / "half", asked.clients, load.mailboxes)
    _settled()
    with relaying(folder / "half") as (url, _):
        paced = replace(load, urls=(url,), a_second=_rate(full) / 2)
        half = loaded(_loads(paced, asked.processes))
    return full, cost, half


def _costing(pid: int, loads: list[Load]) -> tuple[Told, float | None]:
    """What the loads told, and the microseconds of processor that an answer cost the server."""
    before = cpu_of(pid)
    told = loaded(loads)
    return told, _each(cpu_of(pid) - before, told)


def _each(seconds: float, told: Told) -> float | None:
    """Microseconds for each answer; None where the system does not say how many seconds there were."""
    return None if math.isnan(seconds) else round(seconds / max(told.answered + told.refused, 1) * 1e6, 1)


def _postgres(folder: Path, asked: Asked, store: str, sqlite: float) -> dict[str, object]:
    load = _load(asked)
    make_mailboxes(folder / "database", asked.clients, load.mailboxes, store)
    shared = ("--store", store, "--blobs", str(folder / "blobs"))
    first, second = folder / "one", folder / "two"
    with relaying(first, *shared) as (one, _):
        alone = _rate(loaded(_loads(replace(load, urls=(one,)), asked.processes)))
        second.mkdir(mode=0o700)
        for key in ("stamp.key", "issuer.key"):
            (second / key).write_bytes((first / key).read_bytes())
        with relaying(second, *shared) as (two, _):
            both = _rate(loaded(_loads(replace(load, urls=(one, two)), asked.processes)))
    return {
        "per_s": round(alone), "of_sqlite": round(alone / sqlite, 2),
        "two_relays_per_s": round(both), "two_of_one": round(both / alone, 2),
    }  # fmt: skip


def _load(asked: Asked) -> Load:
    needed = math.ceil(asked.seconds * _MOST_A_SECOND / asked.clients / A_MAILBOX) + 1
    return Load((), asked.clients, asked.in_flight, asked.seconds, mailboxes=needed)


def _loads(load: Load, processes: int) -> list[Load]:
    share = load.clients // processes
    return [replace(load, clients=share, first=place * share, a_second=load.a_second / processes)
            for place in range(processes)]  # fmt: skip


def _half_load(half: Told, echo: Told, floors: tuple[Floor, ...]) -> dict[str, float]:
    """`echo`: at the same pace, by which server and load cannot be quicker here, whatever the disk."""
    p99, floor, by_echo = _ms(half, 0.99), max(floor.p99_ms for floor in floors), _ms(echo, 0.99)
    return {
        "per_s": round(_rate(half)), "p50_ms": _ms(half, 0.5), "p99_ms": p99,
        "floor_p99_ms": round(floor, 3), "p99_of_floor": round(p99 / floor, 2),
        "echo_p50_ms": _ms(echo, 0.5), "echo_p99_ms": by_echo, "p99_of_echo": round(p99 / by_echo, 2),
    }  # fmt: skip


def _rate(told: Told) -> float:
    return max(told.answered, 1) / told.seconds


def _ms(told: Told, share: float) -> float:
    return round(at_share(list(told.took_ms), share), 2)
