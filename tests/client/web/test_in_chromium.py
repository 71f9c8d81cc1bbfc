"""The demo in a real browser: what an audience sees, and what stays behind: nothing. Skips where it is missing."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from chromium import CHROMIUM, browsing

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
SCENARIO = "list-missing"
"""The card stands at its second step."""


def those_with(mark: str) -> list[str]:
    """The processes that were started, however far down, with this in their environment. Linux alone tells."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it ended while it was looked at, or is somebody else's
    return found


@asynccontextmanager
async def served(environment: dict[str, str]) -> AsyncIterator[Process]:
    """The command itself, in a process of its own, which ends with the test however that ends."""
    command = [sys.executable, "-m", "foreseal_client.cli", "demo", "--web", "--scenario", SCENARIO]
    server = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)
    try:
        yield server
    finally:
        if server.returncode is None:
            server.terminate()
            await server.wait()


async def test_space_leads_to_the_held_card_in_a_browser_and_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    mark, made = secrets.token_hex(16), tmp_path / "made"
    made.mkdir()
    environment = os.environ | {"FORESEAL_TEST_MARK": mark, "TMPDIR": str(made)}
    async with served(environment) as server, browsing(tmp_path / "profile", 960, 640) as page:
        assert server.stdout is not None
        address = (await server.stdout.readline()).decode().strip()
        await page.open(address)
        await page.until("press space for the first step")
        await page.press_space()
        await page.until("✓ holds: ")
        await page.press_space()
        shown = await page.until("Don't send")
        assert "It resembles an entry on the list" in shown
        assert "Nothing left this device" in shown
        assert "What the relay sees" in shown
        drawn = Image.open(BytesIO(await page.picture()))
        assert len(drawn.convert("RGB").getcolors(1 << 20) or []) > 200, "the card's picture is drawn, not only written"
        outside = [one for one in page.requested if not one.replace("ws:", "http:").startswith(address)]
        assert (outside, page.complaints) == ([], [])
        assert any(one.startswith("ws:") for one in page.requested)
        if sys.platform == "linux":
            running = " ".join(those_with(mark))
            assert "in_browser" in running
            assert "foreseal_relay" in running
        server.send_signal(signal.SIGINT)
        _, said = await asyncio.wait_for(server.communicate(), 120)
        assert await page.evaluate("getComputedStyle(document.querySelector('.ended')).display") == "block"
    assert server.returncode == 0
    assert b"Traceback" not in said
    assert those_with(mark) == []
    assert list(made.iterdir()) == []
