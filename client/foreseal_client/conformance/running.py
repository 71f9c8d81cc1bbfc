"""Running flows one after another, each in a world of its own, and what came of each."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import quoteattr

from foreseal_client.conformance.flow import Flow
from foreseal_client.kit.calls import CallError
from foreseal_client.kit.session import Session
from foreseal_client.kit.world import Options, Unsupported, World
from foreseal_client.rpc.methods import METHODS

__all__ = ["Came", "in_a_world", "junit", "run_flows"]


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a flow. `why`: of one that did not pass, in words; `seconds`: of the machine's clock."""

    flow: Flow
    outcome: Literal["passed", "failed", "skipped"]
    why: str
    seconds: float


def run_flows(flows: Iterable[Flow], options: Options, transcripts: Path | None = None) -> Iterator[Came]:
    """Runs each. `transcripts`: where what was said in a failed one is kept. Raises `OSError` where a client cannot be
    started."""
    with tempfile.TemporaryDirectory(prefix="foreseal-flows-") as folder:
        session = Session(Path(folder), options)
        try:
            able = _capabilities(session, Path(folder) / "first") if options.client_cmd else frozenset(METHODS)
            for n, flow in enumerate(flows):
                lacking = sorted(flow.needs - able)
                if lacking:
                    yield Came(flow, "skipped", f"the client does not answer {', '.join(lacking)}", 0.0)
                else:
                    yield _run(flow, session, Path(folder) / f"flow-{n}", transcripts)
        finally:
            session.close()


@contextmanager
def in_a_world(options: Options) -> Iterator[World]:
    """A world that lies in a folder of its own and goes with the block."""
    with tempfile.TemporaryDirectory(prefix="foreseal-world-") as folder:
        session = Session(Path(folder), options)
        world = session.world(Path(folder) / "world")
        try:
            yield world
        finally:
            world.close()
            session.close()


def junit(came: Iterable[Came]) -> str:
    """The same as JUnit's XML."""
    cases, all_of_them = [], list(came)
    for one in all_of_them:
        head = f'<testcase classname="foreseal" name={quoteattr(one.flow.name)} time="{one.seconds:.3f}"'
        inner = {"failed": "failure", "skipped": "skipped"}.get(one.outcome)
        cases.append(head + ("/>" if inner is None else f"><{inner} message={quoteattr(one.why)}/></testcase>"))
    counts = {kind: sum(one.outcome == kind for one in all_of_them) for kind in ("failed", "skipped")}
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<testsuite name="foreseal conformance" tests="{len(all_of_them)}" failures="{counts["failed"]}" '
        f'skipped="{counts["skipped"]}">\n' + "\n".join(cases) + "\n</testsuite>\n"
    )


def _capabilities(session: Session, folder: Path) -> frozenset[str]:
    world = session.world(folder)
    try:
        return world.new_client("Probe").capabilities
    finally:
        world.close()


def _run(flow: Flow, session: Session, folder: Path, transcripts: Path | None) -> Came:
    world, began = session.world(folder), time.monotonic()
    try:
        if flow.own_relay:
            _ = world.relay  # raises where it is somebody else's
        flow.carry_out(world)
    except Unsupported as why:
        return Came(flow, "skipped", str(why), time.monotonic() - began)
    except (AssertionError, CallError, TimeoutError) as fault:
        if transcripts is not None:
            world.transcript.write(transcripts / f"{flow.name}.jsonl")
        return Came(flow, "failed", str(fault), time.monotonic() - began)
    finally:
        world.close()
    return Came(flow, "passed", "", time.monotonic() - began)
