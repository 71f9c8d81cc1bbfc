"""`foreseal bench relay`: that it measures what it says, and counts what was really accepted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from foreseal_client.cli.bench import bench
from foreseal_relay.measuring.floor import at_share, sync_floor
from foreseal_relay.measuring.load import run
from foreseal_relay.measuring.plan import Load, mailbox, token
from foreseal_relay.measuring.stores import make_mailboxes
from foreseal_relay.wire import token_digest
from relay_peer import Running

KEYS = ("accepts_per_s", "p50_ms", "p99_ms", "fsync_floor_per_s", "echo_per_s")


def test_the_bench_prints_its_figures_as_one_object_and_nothing_else_on_stdout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")  # no nats-server beside it
    arguments = ["relay", "--clients", "2", "--seconds", "0.2", "--json", "--hold", "4", "--work", str(tmp_path)]
    result = CliRunner().invoke(bench, arguments, catch_exceptions=False)
    figures = json.loads(result.stdout)
    assert result.exit_code == 0
    assert all(figures[key] > 0 for key in KEYS)
    assert figures["p50_ms"] <= figures["p99_ms"]
    assert figures["refused"] == 0
    assert 0 < figures["half_load"]["echo_p50_ms"] <= figures["half_load"]["echo_p99_ms"]
    assert all(cost is None or cost > 0 for cost in figures["cpu_us"].values())
    assert (figures["held"]["held"], figures["held"]["welcome"]) == (4, 4)
    assert not list(tmp_path.iterdir()), "what it made is removed"


def test_clients_that_cannot_be_shared_out_are_refused() -> None:
    result = CliRunner().invoke(bench, ["relay", "--clients", "3", "--processes", "2"])
    assert result.exit_code == 2
    assert "evenly" in result.stderr


async def test_a_load_counts_what_lies_in_the_mailboxes(running: Running) -> None:
    store = running.relay.mailboxes.store
    for client in range(2):
        await store.register(mailbox(client, 0), bytes(32), token_digest(token(client, 0)), 0, 20_000)
    told = await run(Load((running.url,), clients=2, in_flight=3, seconds=0.2))
    waiting = [await store.waiting(mailbox(client, 0), (), 2000, 0) for client in range(2)]
    assert told.answered == sum(map(len, waiting)) > 0
    assert (len(told.took_ms), told.refused) == (told.answered, 0)


async def test_a_load_whose_mailboxes_are_not_there_counts_no_accept(running: Running) -> None:
    told = await run(Load((running.url,), clients=1, in_flight=2, seconds=0.1, a_second=50))
    assert told.answered == 0
    assert 0 < told.refused < 20, "at its pace, and not as fast as it can"


def test_mailboxes_for_a_load_are_those_that_it_sends_to(tmp_path: Path) -> None:
    make_mailboxes(tmp_path / "data", clients=2, each=2)
    assert {path.name for path in (tmp_path / "data").iterdir()} == {"relay.sqlite"}
    assert len({mailbox(client, place) for client in range(2) for place in range(2)}) == 4


def test_the_floor_leaves_nothing_and_its_shares_are_in_order(tmp_path: Path) -> None:
    floor = sync_floor(tmp_path, 0.05)
    assert floor.per_s > 0
    assert floor.p50_ms <= floor.p99_ms
    assert not list(tmp_path.iterdir())
    assert [at_share([3.0, 1.0, 2.0], share) for share in (0.0, 0.5, 0.99)] == [1.0, 2.0, 3.0]
    with pytest.raises(ValueError, match="nothing"):
        at_share([], 0.5)
