"""A process that is killed in the middle of an update leaves the old list or the new one."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sample_repositories import world

KILLER = Path(__file__).with_name("killed_updates.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a child is killed, which takes a fork")
@pytest.mark.parametrize("way", ["full", "delta"])
async def test_killed_at_one_file_operation_after_another_it_leaves_the_old_or_the_new_list(
    tmp_path: Path, way: str
) -> None:
    async with world(tmp_path) as here:
        if way == "delta":
            here.publisher.publish(3, rows=300)
            await here.update()
        old, new = here.in_force, here.publisher.publish(4, rows=300).digest
        command = [
            sys.executable,
            str(KILLER),
            str(here.publisher.repository.folder),
            str(here.out),
            str(tmp_path),
            "9",
        ]
        paths = {"PYTHONPATH": str(KILLER.parents[2])}
        ran = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, check=False, env={**os.environ, **paths}
        )
        assert ran.returncode == 0, ran.stderr
        told = [line.split(" ", 1) for line in ran.stdout.splitlines()]
        killed = [digest for what, digest in told if what == "killed"]
        assert len(killed) > 6
        assert set(killed) == {old, new}
        # Once it is the new one it stays so: there is one moment at which it changes.
        assert killed == sorted(killed, key=lambda digest: digest == new)
        assert {digest for what, digest in told if what == "mended"} == {new}
        assert told[-1] == ["done", way]
