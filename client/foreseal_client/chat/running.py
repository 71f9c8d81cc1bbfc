"""One profile, opened and connected: what a face of the chat is put onto."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from foreseal_client.chat.desk import ChatDesk
from foreseal_client.chat.face import Face
from foreseal_client.chat.following import follow
from foreseal_client.chat.passcode import Passcode
from foreseal_client.chat.policies import chosen_policy
from foreseal_client.chat.strangers import keep_in_step
from foreseal_client.device import Device
from foreseal_client.safeguards.asked import Asked
from foreseal_client.store.key import KeyRecord
from foreseal_matcher import ListSet, Policy
from foreseal_matcher.lists import FollowedLists

if TYPE_CHECKING:
    from foreseal_client.messenger import Links, Messenger

__all__ = ["Opening", "running"]


@dataclass(frozen=True, slots=True)
class Opening:
    """How a profile is opened. `key`: 32 bytes, which fit `record`; `floor`: the loosest policy that the settings
    allow; `keys`: of commands, by command, where a person set them; `asked`: what the settings ask of the safeguards;
    `code`: a registration code, as bytes; `proxy`: a SOCKS5 proxy's URL, which may hold a password."""

    profile: Path
    key: bytes = field(repr=False)
    record: KeyRecord = field(repr=False)
    lists: tuple[Path, ...]
    floor: Policy
    keys: dict[str, str]
    theme: str = "dark"
    asked: tuple[Asked, ...] = ()
    code: bytes | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)

    def device(self) -> Device:
        """The device, with the policy of the profile and at least that of the settings. Raises what `Device` does."""
        device = Device(self.profile, self.key, lists=ListSet.empty(), policy=self.floor, clock=time.time)
        device.policy = Policy.tightest(chosen_policy(device.store), self.floor)
        device.asked = self.asked
        return device


@asynccontextmanager
async def running(
    opening: Opening, face: Callable[[], Face], *, links: Links | None = None, device: Device | None = None
) -> AsyncIterator[ChatDesk]:
    """The desk of an opened profile, connected; it follows what happens until the block ends. `face`: what shows it.
    `links`: makes a link for a relay's URL, if not over sockets. `device`: one that is open already; it is closed all
    the same."""
    async with AsyncExitStack() as stack:
        device = device or opening.device()
        stack.callback(device.close)
        if opening.lists:
            await device.follow(FollowedLists(opening.lists))
        # The network's libraries take a third of a start. They are loaded in a thread, behind the first screen.
        messenger_class, network = await asyncio.to_thread(_network, opening, links)
        messenger = await stack.enter_async_context(messenger_class.running(device, network, code=opening.code))
        desk = ChatDesk(messenger, face(), Passcode(opening.record), opening.floor, network)
        following = asyncio.create_task(follow(desk, stack.enter_context(messenger.events())))
        stack.callback(following.cancel)
        stack.push_async_callback(desk.close)
        await keep_in_step(desk)
        yield desk


def _network(opening: Opening, links: Links | None) -> tuple[type[Messenger], Links]:
    from foreseal_client.messenger import Messenger
    from foreseal_client.relay_link import SocketLink

    return Messenger, links or partial(SocketLink, proxy=opening.proxy)
