"""One profile, opened and connected: what a face of the chat is put onto."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from foreseal_client.chat.desk import ChatDesk
from foreseal_client.chat.face import Face
from foreseal_client.chat.passcode import Passcode
from foreseal_client.chat.policies import chosen_policy
from foreseal_client.device import Device
from foreseal_client.messenger import Links, Messenger
from foreseal_client.relay_link import SocketLink
from foreseal_client.store.key import KeyRecord
from foreseal_matcher import ListSet, Policy
from foreseal_matcher.lists import FollowedLists

__all__ = ["Opening", "running"]


@dataclass(frozen=True, slots=True)
class Opening:
    """How a profile is opened. `key`: 32 bytes, which fit `record`; `floor`: the loosest policy that the settings
    allow; `keys`: of commands, by command, where a person set them; `name`, `relay`: for a profile that is made now."""

    profile: Path
    key: bytes = field(repr=False)
    record: KeyRecord = field(repr=False)
    lists: tuple[Path, ...]
    floor: Policy
    keys: dict[str, str]
    theme: str = "dark"

    def device(self) -> Device:
        """The device, with the policy of the profile and at least that of the settings. Raises what `Device` does."""
        device = Device(self.profile, self.key, lists=ListSet.empty(), policy=self.floor, clock=time.time)
        device.policy = Policy.tightest(chosen_policy(device.store), self.floor)
        return device


@asynccontextmanager
async def running(
    opening: Opening, face: Callable[[], Face], *, links: Links = SocketLink, device: Device | None = None
) -> AsyncIterator[ChatDesk]:
    """The desk of an opened profile, connected; it follows what happens until the block ends. `face`: what shows it.
    `device`: one that is open already; it is closed all the same."""
    async with AsyncExitStack() as stack:
        device = device or opening.device()
        stack.callback(device.close)
        if opening.lists:
            await device.follow(FollowedLists(opening.lists))
        messenger = await stack.enter_async_context(Messenger.running(device, links))
        desk = ChatDesk(messenger, face(), Passcode(opening.record), opening.floor)
        following = asyncio.create_task(desk.follow(stack.enter_context(messenger.events())))
        stack.callback(following.cancel)
        stack.push_async_callback(desk.close)
        yield desk
