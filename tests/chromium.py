"""A real Chromium without a window, driven by its own protocol over a websocket: enough to open a page, press keys and
read what the terminal in it shows. It can reach nothing but this machine."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

import aiohttp

__all__ = ["CHROMIUM", "Page", "browsing"]

CHROMIUM: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_FLAGS: Final = (
    "--headless", "--remote-debugging-port=0", "--no-first-run", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--disable-extensions", "--disable-gpu", "--disable-dev-shm-usage",
    "--disable-breakpad",
    # Root has no use for its sandbox and many containers refuse it; what is opened here is our own page.
    "--no-sandbox",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
_PATIENCE: Final = 120.0
# The terminal of the page is nobody's property: it is met where its additions are put into a list. What it shows is
# drawn on a canvas, and read from its rows here.
_EYES: Final = """
const push = Array.prototype.push;
Array.prototype.push = function (...all) {
  if (all[0]?.instance?.proposeDimensions) window.fitted = all[0].instance;
  return push.apply(this, all);
};
window.shown = () => {
  const rows = window.fitted?._terminal?.buffer.active;
  return rows ? Array.from({ length: rows.length }, (_, n) => rows.getLine(n).translateToString(true)).join("\\n") : "";
};
window.until = (text) => new Promise((done) => {
  const look = () => (shown().includes(text) ? done(shown()) : setTimeout(look, 20));
  look();
});
"""


class Page:
    """One page. `requested`: every address that it asked for; `complaints`: what the browser said against it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.requested: list[str] = []
        self.complaints: list[str] = []
        self._socket = socket
        self._ids = count(1)
        self._calls: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def open(self, address: str) -> None:
        """Goes there."""
        for domain in ("Page", "Network", "Runtime", "Log"):
            await self.call(f"{domain}.enable")
        await self.call("Page.addScriptToEvaluateOnNewDocument", source=_EYES)
        await self.call("Page.navigate", url=address)

    async def until(self, text: str) -> str:
        """What the terminal shows once this text is on it."""
        try:
            return str(await asyncio.wait_for(self.evaluate(f"until({json.dumps(text)})"), _PATIENCE))
        except TimeoutError:
            raise AssertionError(f"{text!r} never came; shown:\n{await self.evaluate('shown()')}") from None

    async def press_space(self) -> None:
        """Presses and lets go."""
        for kind in ("keyDown", "keyUp"):
            await self.call(
                "Input.dispatchKeyEvent", type=kind, key=" ", code="Space", text=" ", windowsVirtualKeyCode=32
            )

    async def picture(self) -> bytes:
        """What is seen, as a PNG."""
        return base64.b64decode((await self.call("Page.captureScreenshot"))["data"])

    async def evaluate(self, script: str) -> object:
        """The value of an expression, or of what it promises."""
        found = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        return found["result"].get("value")

    async def call(self, method: str, **params: object) -> dict[str, Any]:
        """A call of the protocol, and its result."""
        id = next(self._ids)
        self._calls[id] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": id, "method": method, "params": params})
        return await self._calls[id]

    async def listen(self) -> None:
        """Takes what the browser says, until it is closed."""
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" in said:
                self._calls.pop(said["id"]).set_result(said.get("result", said))
                continue
            match said["method"], said["params"]:
                case "Network.requestWillBeSent", {"request": {"url": url}}:
                    self.requested.append(url)
                case "Network.webSocketCreated", {"url": url}:
                    self.requested.append(url)
                case "Log.entryAdded", {"entry": {"level": "error", "text": text}}:
                    self.complaints.append(text)
                case "Runtime.exceptionThrown", {"exceptionDetails": details}:
                    self.complaints.append(json.dumps(details))


@asynccontextmanager
async def browsing(profile: Path, width: int = 1280, height: int = 720) -> AsyncIterator[Page]:
    """An empty page in a browser of its own, which is gone afterwards."""
    assert CHROMIUM is not None
    flags = [*_FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"]
    browser = await asyncio.create_subprocess_exec(CHROMIUM, *flags, "about:blank", stdout=DEVNULL, stderr=PIPE)
    try:
        assert browser.stderr is not None
        async with asyncio.timeout(_PATIENCE):
            while b"DevTools listening on" not in (line := await browser.stderr.readline()):
                assert line, "Chromium ended before it listened"
        draining = asyncio.create_task(browser.stderr.read())
        root = line.decode().split()[-1].replace("ws://", "http://").partition("/devtools")[0]
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{root}/json/list") as told:
                target = next(one for one in await told.json() if one["type"] == "page")
            async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                page = Page(socket)
                listening = asyncio.create_task(page.listen())
                yield page
                listening.cancel()
    finally:
        browser.terminate()
        await browser.wait()
    await draining
