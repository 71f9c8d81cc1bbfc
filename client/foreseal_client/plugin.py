"""The pytest plugin: fixtures for conversations between clients over a relay. See docs/testing/.

It is loaded by every pytest run of an environment that has Foreseal installed, so that it imports nothing of the kit
before a fixture is asked for. Synchronous; works beside any plugin for asyncio, and in parallel runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from foreseal_client.kit.client import Client
    from foreseal_client.kit.faults import Faults
    from foreseal_client.kit.relay import TestRelay
    from foreseal_client.kit.samples import Samples
    from foreseal_client.kit.session import Session
    from foreseal_client.kit.transcript import Transcript
    from foreseal_client.kit.world import Clock, World

__all__ = [
    "alice", "bob", "carol", "clock", "faults", "foreseal_session", "foreseal_world", "make_relay", "match_list",
    "new_client", "pics", "policy", "relay", "rpc", "transcript",
]  # fmt: skip

T = TypeVar("T")
_OPTIONS = ("seed", "policy", "relay", "client_cmd", "transcripts")
_USED = pytest.StashKey[str]()
_WORLD = pytest.StashKey["World"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a run can be told."""
    group = parser.getgroup("foreseal", "conversations with Foreseal")
    group.addoption("--foreseal-seed", type=int, default=1, metavar="N", help="of pictures, lists and faults")
    group.addoption("--foreseal-policy", choices=["off", "observe", "warn", "hold"], help="of every client; hold")
    group.addoption("--foreseal-relay", metavar="URL", help="a relay that runs already, in place of one a test")
    group.addoption("--foreseal-client-cmd", metavar="CMD", help="drive this client; {folder} is one of its own")
    group.addoption("--foreseal-transcripts", metavar="DIR", help="keep the transcripts of failed tests there")


def pytest_configure(config: pytest.Config) -> None:
    """Names the marker."""
    config.addinivalue_line("markers", "foreseal_policy(mode, on_failure): the policy of this test's clients")


def pytest_report_header(config: pytest.Config) -> str | None:
    """Says what a run goes by, where it was told something."""
    if not any(config.getoption(f"foreseal_{name}") not in (None, 1) for name in _OPTIONS):
        return None
    return f"foreseal: seed {config.getoption('foreseal_seed')}, policy {config.getoption('foreseal_policy') or 'hold'}"


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Says what was used: version, seed and list, so that a run can be repeated."""
    if _USED in config.stash:
        terminalreporter.write_line(config.stash[_USED])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keeps the transcript of a test that failed."""
    report = yield
    world = item.stash.get(_WORLD, None)
    if world is not None and report.failed and len(world.transcript):
        folder = item.config.getoption("foreseal_transcripts") or item.config.rootpath / ".foreseal-transcripts"
        path = Path(folder) / (re.sub(r"[^\w.-]+", "-", item.nodeid).strip("-")[-120:] + ".jsonl")
        world.transcript.write(path)
        report.sections.append(("foreseal transcript", str(path)))
    return report


@pytest.fixture(scope="session")
def foreseal_session(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """What all tests of a run share: a loop in a thread, pictures and the list."""
    from foreseal_client.kit.session import Session
    from foreseal_client.kit.world import Options

    options = Options(
        seed=pytestconfig.getoption("foreseal_seed"),
        policy=pytestconfig.getoption("foreseal_policy") or "hold",
        client_cmd=pytestconfig.getoption("foreseal_client_cmd"),
        relay_url=pytestconfig.getoption("foreseal_relay"),
    )
    session = Session(tmp_path_factory.mktemp("foreseal"), options)
    yield session
    pytestconfig.stash[_USED] = session.summary  # while its folder is there: pytest may be told to keep none
    session.close()


@pytest.fixture
def foreseal_world(request: pytest.FixtureRequest, foreseal_session: Session, tmp_path: Path) -> Iterator[World]:
    """Everything of one test; the other fixtures are parts of it."""
    marker = request.node.get_closest_marker("foreseal_policy")
    world = foreseal_session.world(tmp_path / "foreseal", marker.args if marker else ())
    request.node.stash[_WORLD] = world
    yield world
    world.close()


@pytest.fixture
def relay(foreseal_world: World) -> TestRelay:
    """The relay of this test."""
    return _or_skip(lambda: foreseal_world.relay)


@pytest.fixture
def make_relay(foreseal_world: World) -> Callable[..., TestRelay]:
    """Makes further relays: `make_relay(process=True)` gives one that can be killed."""
    return foreseal_world.make_relay


@pytest.fixture
def new_client(foreseal_world: World) -> Callable[..., Client]:
    """Makes somebody: `new_client("Dan")`, connected, and nobody's contact yet."""
    return foreseal_world.new_client


@pytest.fixture
def alice(foreseal_world: World) -> Client:
    """Somebody, connected."""
    return foreseal_world.new_client("Alice")


@pytest.fixture
def bob(foreseal_world: World) -> Client:
    """Somebody else."""
    return foreseal_world.new_client("Bob")


@pytest.fixture
def carol(foreseal_world: World) -> Client:
    """A third."""
    return foreseal_world.new_client("Carol")


@pytest.fixture
def pics(foreseal_world: World) -> Samples:
    """Pictures: `listed(distance)`, `near_miss()`, `benign(n)`, `false_match()`."""
    return foreseal_world.samples


@pytest.fixture
def match_list(foreseal_world: World) -> Path:
    """The folder of the list that every client checks against."""
    return foreseal_world.samples.list_folder


@pytest.fixture
def policy(foreseal_world: World) -> Callable[..., None]:
    """Sets the policy of everybody there is: `policy("warn")`, `policy("hold", "fail-open")`."""
    return foreseal_world.set_policy


@pytest.fixture
def faults(foreseal_world: World) -> Faults:
    """What can go wrong: on the wire, at the relay, with the check."""
    return _or_skip(lambda: foreseal_world.faults)


@pytest.fixture
def clock(foreseal_world: World) -> Clock:
    """The time of relay and clients: it stands still until `clock.advance(days=1)`."""
    return foreseal_world.clock


@pytest.fixture
def rpc(foreseal_world: World) -> Callable[..., Any]:
    """Calls any method of a client: `rpc(alice, "listHolds")`, parameters by name."""
    return lambda client, method, **params: client.call(method, Any, **params)


@pytest.fixture
def transcript(foreseal_world: World) -> Transcript:
    """What was said so far; kept as JSON lines when the test fails."""
    return foreseal_world.transcript


def _or_skip(make: Callable[[], T]) -> T:
    from foreseal_client.kit.world import Unsupported

    try:
        return make()
    except Unsupported as why:
        pytest.skip(str(why))
