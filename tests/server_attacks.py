"""What a server can do that has no repository at all, and what goes wrong on the device itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from foreseal_client.updates.fetching import HttpFetcher, fetcher_for
from foreseal_client.updates.only_one import only_one
from foreseal_client.updates.refusals import Refusal
from foreseal_client.updates.updating import update
from foreseal_matcher.lists.writing import UPDATES
from repository_attacks import refused_as
from sample_repositories import TODAY, World

__all__: list[str] = []

# --- servers ----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def answering(answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """A server that gives one answer to everything, except that there is no newer root."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(status=404) if request.path.endswith("root.json") else await answer(request)

    app = web.Application()
    app.router.add_get("/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@refused_as(Refusal.ENDLESS)
async def a_time_stamp_without_end(here: World) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while request.transport is not None and not request.transport.is_closing():
                await response.write(b"{" * 65536)
        return response

    async with answering(endless) as url:
        await here.update(url)


@refused_as(Refusal.MALFORMED)
async def a_page_in_the_place_of_metadata(here: World) -> None:
    async def page(_: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>Please log in to this network</html>")

    async with answering(page) as url:
        await here.update(url)


@refused_as(Refusal.REDIRECTED)
async def a_redirect_to_the_true_repository(here: World) -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(here.url + request.path)

    async with answering(elsewhere) as url:
        await here.update(url)


@refused_as(Refusal.ANSWERED)
async def a_server_with_a_fault(here: World) -> None:
    async def fault(_: web.Request) -> web.StreamResponse:
        return web.Response(status=503)

    async with answering(fault) as url:
        await here.update(url)


@refused_as(Refusal.NO_REPOSITORY)
async def an_address_where_there_is_nothing(here: World) -> None:
    await here.update(here.url.removesuffix("/lists"))


@refused_as(Refusal.SLOW)
async def a_server_that_says_nothing(here: World) -> None:
    never = asyncio.Event()

    async def silent(_: web.Request) -> web.StreamResponse:
        await never.wait()
        return web.Response()

    async with answering(silent) as url:
        try:
            await asyncio.to_thread(update, url, HttpFetcher(read_wait=0.05), here.out, TODAY)
        finally:
            never.set()


@refused_as(Refusal.UNREACHABLE)
async def a_server_that_is_gone(here: World) -> None:
    async def nothing(_: web.Request) -> web.StreamResponse:
        return web.Response()

    async with answering(nothing) as url:
        pass
    await here.update(url)


@refused_as(Refusal.NOT_PRIVATE)
async def plain_http_to_another_machine(_: World) -> None:
    fetcher_for("http://lists.example/lists")


@refused_as(Refusal.NOT_PRIVATE)
async def another_protocol(_: World) -> None:
    fetcher_for("ftp://127.0.0.1/lists")


# --- this device ------------------------------------------------------------------------------------------------


@refused_as(Refusal.BUSY)
async def a_second_updater(here: World) -> None:
    with only_one(here.out / UPDATES):
        await here.update()


@refused_as(Refusal.NOT_WRITTEN)
async def a_folder_that_is_a_file(here: World) -> None:
    place = here.out.with_name("file")
    place.write_bytes(b"")
    folder = str(here.publisher.repository.folder)
    update(folder, fetcher_for(folder), place, TODAY, root=here.publisher.root)
