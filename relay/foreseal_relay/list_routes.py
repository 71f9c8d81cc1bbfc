"""`GET /lists/...`: signed hash lists, served as files. The relay does not read them: whoever fetches them checks."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from aiohttp import web

from foreseal_relay.downloads import Places
from foreseal_relay.limits import MAX_LIST_DOWNLOADS

__all__ = ["list_routes"]

# Only these three folders of a repository, and only names without a leading dot: no way up, nothing hidden, and none of
# what waits for signatures.
_PATH: Final = "/lists/{path:(metadata|targets|log)(/[A-Za-z0-9][A-Za-z0-9._-]{0,199}){1,3}}"
_MOVING: Final = ("timestamp.json", "checkpoint")
"""Files whose content changes under their name, and so do those in `_MOVING_FOLDER`."""
_MOVING_FOLDER: Final = "positions"
_KEPT: Final = "public, max-age=31536000, immutable"


def list_routes(folder: Path) -> list[web.RouteDef]:
    """The routes of a repository in `folder`: GET and HEAD, ranges, no listing."""
    top = folder.resolve()
    places = Places(MAX_LIST_DOWNLOADS)

    async def get(request: web.Request) -> web.StreamResponse:
        path = await asyncio.to_thread(_found, top, request.match_info["path"])
        if path is None:
            raise web.HTTPNotFound
        moving = path.name in _MOVING or path.parent.name == _MOVING_FOLDER
        kept = "no-cache" if moving else _KEPT
        return places.of(path, {"Cache-Control": kept, "X-Content-Type-Options": "nosniff"})

    return [web.get(_PATH, get)]


def _found(top: Path, path: str) -> Path | None:
    """The file at this path; None where there is none, where it is no file, and where a link leads out of `top`."""
    try:
        found = (top / path).resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    return found if found.is_relative_to(top) and found.is_file() else None
