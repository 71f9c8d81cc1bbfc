"""The page on the loopback interface. Nothing in it is fetched from anywhere else.

The address holds a random token, and all of the page lies below it. Who may speak to it is judged by `loopback.py`;
beside that, an `Origin` must be this page's own, and a window's websocket must come with one: a page of another site,
or of another port of this machine, can neither read this one nor open its socket (RFC 6455, 10.2).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from foreseal_client.loopback import ADDRESS, is_same_token, names_this_machine, new_token
from foreseal_client.web.windows import MAX_WINDOWS, Windows

__all__ = ["MissingKit", "page_kit", "serve_page"]

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The terminal in the page sets the size of its cells by styles that it writes itself."""
_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".ttf": "font/ttf"}
_OWN: Final = ("page.html", "page.css", "page.js")
_KIT: Final = {
    "textual.js": "js/textual.js", "xterm.css": "css/xterm.css", "mono.ttf": "fonts/RobotoMono-VariableFont_wght.ttf",
}  # fmt: skip
_PATIENCE: Final = 20.0
"""Seconds for which the windows' programs may take their stages down."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class MissingKit(Exception):
    """The package with the terminal for pages is not installed, or is another than this program knows. The demo in a
    terminal works without it."""


def page_kit(package: Path) -> Mapping[str, Path]:
    """The files that textual-serve brings, by the names that the page knows them by. Raises `MissingKit`."""
    kit = {name: package / "static" / path for name, path in _KIT.items()}
    missing = [path.name for path in kit.values() if not path.is_file()]
    if missing:
        raise MissingKit(f"textual-serve has no {', '.join(missing)}.")
    return kit


async def serve_page(
    command: Sequence[str], kit: Mapping[str, Path], port: int, over: asyncio.Event, listening: Callable[[str], None]
) -> None:
    """Until `over`. `listening` is told the whole address, token and all. Raises `OSError` where the port is taken."""
    token, windows = new_token(), Windows(command)
    app = web.Application(middlewares=[_guarded(token)])
    files = {name: path.read_bytes() for name, path in kit.items()}
    files |= {name: resources.files(__package__).joinpath(name).read_bytes() for name in _OWN}

    async def page(_request: web.Request) -> web.StreamResponse:
        if windows.full:
            return _told(
                503, f"This is already open in {MAX_WINDOWS} windows. Close one of them, and reload this page."
            )
        return _file("page.html", files)

    async def file(request: web.Request) -> web.StreamResponse:
        return _file(request.match_info["name"], files)

    async def window(request: web.Request) -> web.StreamResponse:
        return _told(503, "Too many windows.") if windows.full else await windows.show(request)

    app.add_routes([web.get("/{token}/", page), web.get("/{token}/socket", window), web.get("/{token}/{name}", file)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_PATIENCE)
    await runner.setup()
    try:
        await web.TCPSite(runner, ADDRESS, port).start()
        listening(f"http://{ADDRESS}:{runner.addresses[0][1]}/{token}/")
        await over.wait()
    finally:
        await windows.close()
        await runner.cleanup()


def _guarded(token: str) -> Middleware:
    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = _refused(request, token) or await handler(request)
        except web.HTTPException as fault:
            response = _told(fault.status, "There is nothing at this address.")
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    return guard


def _refused(request: web.Request, token: str) -> web.Response | None:
    host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
    if not names_this_machine(host):
        return _told(421, "This address is not answered under that name.")
    if origin not in (None, f"http://{host}") or (origin is None and "Upgrade" in request.headers):
        return _told(403, "Pages from elsewhere are not answered.")
    if not is_same_token(request.path.split("/")[1], token):
        return _told(
            403,
            "This is not the whole address. Copy all of the line that `foreseal demo --web` printed in its terminal: it"
            " ends in a long random word, which changes each time the command is started.",
        )
    return None


def _file(name: str, files: Mapping[str, bytes]) -> web.Response:
    if name not in files:
        return _told(404, "There is nothing at this address.")
    kind = _TYPES[Path(name).suffix]
    return web.Response(body=files[name], content_type=kind, charset=None if kind == "font/ttf" else "utf-8")


def _told(status: int, sentence: str) -> web.Response:
    return web.Response(status=status, text=sentence + "\n")
