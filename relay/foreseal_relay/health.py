"""`GET /readyz`: may this relay be sent clients? `GET /healthz`: is it any use to let it run on?"""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from foreseal_relay.limits import READY_WAIT, UNAVAILABLE_RETRY
from foreseal_relay.store.interface import (
    MailboxStore,
    StoreAway,
    StoreBusy,
    StoreError,
    StoreFailed,
    StoreFull,
)

__all__ = ["health_routes"]

_RETRY: Final = {"Retry-After": str(UNAVAILABLE_RETRY)}
_ILLNESSES: Final = ((StoreFailed, "failed"), (StoreFull, "full"), (StoreAway, "away"), (StoreBusy, "busy"))
"""What ails the store, in a word; `refused` is any other."""


def health_routes(store: MailboxStore) -> list[web.RouteDef]:
    """The routes that a balancer, a supervisor and a monitor ask."""

    async def ready(_: web.Request) -> web.Response:
        # Reading alone would say "ok" on a full disk.
        try:
            async with asyncio.timeout(READY_WAIT):
                await store.check()
        except TimeoutError:
            return _unwell("slow")
        except StoreError as error:
            return _unwell(next((word for kind, word in _ILLNESSES if isinstance(error, kind)), "refused"))
        return web.json_response({"status": "ok"})

    async def health(_: web.Request) -> web.Response:
        # Only what a new start can mend: restarting a relay over a full disk, or an absent database, helps nobody.
        return _unwell("failed") if store.failed else web.json_response({"status": "ok"})

    return [web.get("/readyz", ready), web.get("/healthz", health)]


def _unwell(store: str) -> web.Response:
    return web.json_response({"status": "unavailable", "store": store}, status=503, headers=_RETRY)
