"""One profile, opened and connected: what a face of the chat is put onto."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from foreseal_client.chat.desk import ChatDesk
from foreseal_client.chat.face import Face
from foreseal_client.chat.fence import watch_fence
from foreseal_client.chat.following import follow
from foreseal_client.chat.opening import Opening
from foreseal_client.chat.passcode import Passcode
from foreseal_client.device import Device
from foreseal_client.messenger import Links, Messenger
from foreseal_client.relay_link import SocketLink
from foreseal_matcher.lists import FollowedLists

__all__ = ["running"]


@asynccontextmanager
async def running(
    opening: Opening, face: Callable[[], Face], *, links: Links | None = None, device: Device | None = None
) -> AsyncIterator[ChatDesk]:
    """The desk of an opened profile, connected; it follows what happens until the block ends. `face`: what shows it.
    `links`: makes a link for a relay's URL, if not over sockets. `device`: one that is open already; it is closed all
    the same."""
    links = links or partial(SocketLink, proxy=opening.proxy)
    async with AsyncExitStack() as stack:
        device = device or opening.device()
        stack.callback(device.close)
        if opening.lists:
            await device.follow(FollowedLists(opening.lists))
        messenger = await stack.enter_async_context(Messenger.running(device, links, code=opening.code))
        desk = ChatDesk(messenger, face(), Passcode(opening.record), opening.floor, links)
        desk.fetches_lists = opening.proxy is None
        following = asyncio.create_task(follow(desk, stack.enter_context(messenger.events())))
        stack.callback(following.cancel)
        stack.push_async_callback(desk.close)
        await messenger.first_contact.keep_in_step()
        desk.spawn(watch_fence(desk))
        yield desk
