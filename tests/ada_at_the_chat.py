"""Ada at the chat, whose face is a script, and Eve with a client of her own at the same relay, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chat_stage import new_device, opening_of
from foreseal_client.chat.desk import ChatDesk
from foreseal_client.chat.running import running
from foreseal_client.demo.stage import Person
from foreseal_client.demo.tap import Tap
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.events import ContactChanged
from foreseal_client.relay_link import SocketLink
from foreseal_client.safeguards.settings import ORDINARY, Safeguards
from foreseal_client.store import Contact, Message, Standing
from foreseal_matcher import ListSet
from foreseal_relay.serving import Settings, serving
from sample_lists import nothing_listed
from scripted_face import ScriptedFace

__all__ = ["Ada", "asks", "at_the_chat", "befriended"]


@dataclass
class Ada:
    """Ada at the chat, and Eve who has a client of her own at the same relay."""

    desk: ChatDesk
    face: ScriptedFace
    eve: Person
    tap: Tap
    folder: Path

    @property
    def device(self) -> Device:
        return self.desk.device

    async def line(self, text: str) -> None:
        await self.desk.line(text)

    async def says(self, text: str, answer: str) -> str:
        """What is said after this line, which holds this answer."""
        before = len(self.face.said)
        await self.line(text)
        found = [said for said in self.face.said[before:] if answer in said]
        assert found, (answer, self.face.said[before:])
        return found[0]

    def contact(self) -> Contact:
        (found,) = [one for one in self.device.store.people.all() if one.name == "Eve"]
        return found

    def history(self) -> list[Message]:
        return self.device.store.history.with_contact(self.eve.device.identity)

    async def comes(self, draft: Draft) -> Message:
        """Eve sends, and it is there."""
        known = len(self.history())
        await self.eve.messenger.send(self.eve.peer, draft)
        await self.face.until(lambda: len(self.history()) > known)
        return self.history()[-1]


@asynccontextmanager
async def at_the_chat(
    folder: Path, settings: Safeguards = ORDINARY, *, lists: ListSet | None = None
) -> AsyncIterator[Ada]:
    async with serving(Settings(folder / "relay", public=True)) as (url, _):
        parts = urlsplit(url)
        async with Tap.listening(parts.hostname or "", parts.port or 0) as tap:
            listed = lists or nothing_listed()
            eve = Person("Eve", new_device(folder / "eve", "Eve", url, listed), tap)
            await eve.come()
            device, face = new_device(folder / "ada", "Ada", url, listed), ScriptedFace()
            with device.store.transaction():
                device.store.safeguards.put(settings, None)
            async with (
                Tap.listening(parts.hostname or "", parts.port or 0) as own,
                running(
                    opening_of(device), lambda: face, device=device,
                    links=lambda relay: SocketLink(relay, dial=own.url),
                ) as desk,
            ):  # fmt: skip
                face.desk = desk
                await desk.messenger.online()
                yield Ada(desk, face, eve, own, folder)
            await eve.leave()
            eve.device.close()


async def asks(ada: Ada, *texts: str) -> None:
    """Eve has Ada's card and writes to her by it."""
    contact = await ada.eve.messenger.requests.begin(ada.device.card())
    assert isinstance(contact, Contact)
    for text in texts:
        await ada.eve.messenger.send(contact, Draft(text), rested=True)
    await ada.face.until(lambda: any(one.standing is Standing.REQUESTED for one in ada.device.store.people.all()))


async def befriended(ada: Ada) -> None:
    contact = await ada.desk.messenger.accept_invitation(await ada.eve.messenger.invite())
    await ada.desk.messenger.send(contact, Draft())
    await ada.eve.until(ContactChanged, lambda event: event.contact.bundle is not None)
    await ada.face.until(lambda: ada.contact().invitation is None)
    await ada.line("/to eve")
