"""The sweep outlives whatever goes wrong in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreseal_relay.home import occupied
from foreseal_relay.serving import Settings, serving
from relay_peer import NOON, Clock, until


async def test_a_sweep_that_meets_what_nobody_expected_says_so_and_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("foreseal_relay.serving.SWEEP_EVERY", 0.0)
    caplog.set_level("INFO", "foreseal.relay")
    with occupied(tmp_path / "data") as home:
        home.issuer(NOON)  # made at another start, when the clock still went
    clock = Clock(float("nan"))
    async with serving(Settings(tmp_path / "data"), clock=clock):
        await until(lambda: any(line.startswith("fault ValueError at hour_of:") for line in caplog.messages))
        assert not any(line.startswith("swept") for line in caplog.messages)
        clock.now = NOON
        await until(lambda: any(line.startswith("swept: 0 rows") for line in caplog.messages))
