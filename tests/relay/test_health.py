"""What a relay says of itself to a balancer, a supervisor and a monitor."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from foreseal_relay.store import StoreAway, StoreBusy, StoreError, StoreFailed, StoreFull, StoreRefused
from relay_peer import Running


async def said_of(running: Running, path: str) -> tuple[int, object, str | None]:
    async with aiohttp.ClientSession(running.url) as http, http.get(path) as answer:
        return answer.status, await answer.json(), answer.headers.get("Retry-After")


@pytest.mark.parametrize(
    ("fault", "word"),
    [(StoreFailed, "failed"), (StoreFull, "full"), (StoreAway, "away"), (StoreBusy, "busy"), (StoreRefused, "refused")],
)
async def test_what_ails_the_store_is_said_in_a_word_and_ends_when_it_does(
    running: Running, monkeypatch: pytest.MonkeyPatch, fault: type[StoreError], word: str
) -> None:
    async def ill() -> None:
        raise fault

    with monkeypatch.context() as sick:
        sick.setattr(running.relay.mailboxes.store, "check", ill)
        assert await said_of(running, "/readyz") == (503, {"status": "unavailable", "store": word}, "2")
    assert await said_of(running, "/readyz") == (200, {"status": "ok"}, None)


async def test_a_store_that_does_not_answer_is_slow(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foreseal_relay.health.READY_WAIT", 0.05)
    monkeypatch.setattr(running.relay.mailboxes.store, "check", asyncio.Event().wait)
    assert await said_of(running, "/readyz") == (503, {"status": "unavailable", "store": "slow"}, "2")


async def test_only_what_a_new_start_can_mend_makes_a_supervisor_start_it_again(running: Running) -> None:
    assert await said_of(running, "/healthz") == (200, {"status": "ok"}, None)
    running.relay.mailboxes.store.writer.fault(OSError(5, "Input/output error"))  # type: ignore[attr-defined]
    assert await said_of(running, "/healthz") == (503, {"status": "unavailable", "store": "failed"}, "2")
    assert await said_of(running, "/readyz") == (503, {"status": "unavailable", "store": "failed"}, "2")
