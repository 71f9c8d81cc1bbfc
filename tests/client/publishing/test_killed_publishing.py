"""A process that is killed in the middle of a publication leaves the log whole, and never logs a list twice."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sample_repositories import world

KILLER = Path(__file__).with_name("killed_publishing.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a child is killed, which takes a fork")
async def test_killed_at_one_file_operation_after_another_the_log_is_as_it_was_or_longer(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        command = [sys.executable, str(KILLER), str(here.publisher.folder), str(tmp_path), "17"]
        ran = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(KILLER.parents[2])},
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        told = [line.split() for line in ran.stdout.splitlines()]
        after = [int(one) for one, _, _ in told]
        assert set(after) == {1, 2}
        assert after == sorted(after)
        assert {mended for _, mended, _ in told} == {"2"}
        assert [how for _, _, how in told] == ["killed"] * (len(told) - 1) + ["done"]
        assert len(told) > 4
