"""Reporting from the chat: what is disclosed is told before, the safe choice reports nothing, and one message goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chat_stage import ChatStage, chat_stage, opening_of
from desk_stage import at, new_desk
from foreseal_client.chat.running import running
from foreseal_client.desk.running import collect
from foreseal_client.draft import Draft
from foreseal_client.plain.line_face import LineFace
from foreseal_client.relay_link import SocketLink
from foreseal_client.reporting import set_desk
from foreseal_client.reports.proof import Finding
from foreseal_client.reports.said import Category, Report
from sample_lists import nothing_listed


class Typist:
    """Somebody at the chat in lines: a line is typed, and read until an answer comes."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.typed: asyncio.Queue[str | None] = asyncio.Queue()

    async def say(self, typed: str, answer: str) -> str:
        self.written.clear()
        self.typed.put_nowait(typed)
        return await self.until(answer)

    async def until(self, answer: str) -> str:
        for _ in range(3000):
            if any(answer in line for line in self.written):
                return "\n".join(self.written)
            await asyncio.sleep(0.01)
        pytest.fail(f"{answer!r} was never written, but: {self.written}")


@asynccontextmanager
async def typing(stage: ChatStage) -> AsyncIterator[Typist]:
    typist = Typist()
    face = LineFace(typist.written.append, typist.typed)
    async with running(opening_of(stage.device), lambda: face, device=stage.device) as desk:
        task = asyncio.create_task(face.run(desk))
        await typist.until("connected")
        yield typist
        typist.typed.put_nowait(None)
        await task


async def test_a_message_is_reported_from_the_chat_and_the_one_before_it_is_not(tmp_path: Path) -> None:
    async with chat_stage(tmp_path, nothing_listed()) as stage:
        await asyncio.to_thread(new_desk, tmp_path / "desk", stage.relay.url)
        desk = at(tmp_path / "desk")
        async with SocketLink(stage.relay.url) as link:
            await collect(desk, link)
            card = desk.account.card()
            async with typing(stage) as lines:
                await lines.say("/to bob", "Nothing was written yet")
                await lines.say("/report", "Nothing here can be reported")
                await stage.bob.messenger.send(stage.bob.peer, Draft("a harmless one"))
                await lines.until("a harmless one")
                await stage.bob.messenger.send(stage.bob.peer, Draft("a bad one"))
                await lines.until("a bad one")
                await lines.say("/report", "No desk is named")
                set_desk(stage.device, card)
                told = await lines.say("/report", "1. ")
                assert "a bad one" in told
                assert "a harmless one" not in told
                assert "Don't report" in told
                assert "Report: threat" in await lines.until("Report: other")
                lines.typed.put_nowait("1")
                await lines.say("/report", "Report: other")
                await lines.say("3 please look", "The relay has it for the desk")
            await collect(desk, link)
        (waiting,) = desk.tables.queue()
        case = desk.tables.case(waiting.id)
        assert case is not None
        assert isinstance(case.said, Report)
        assert (case.category, case.said.words) == (Category.THREAT, "please look")
        assert [(one.finding, one.text) for one in case.evidence] == [(Finding.PROVEN, "a bad one")]
        desk.close()
