"""The chat in lines: the same commands, cards as numbers, nothing that moves a cursor. It is typed into as a pipe."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from chat_stage import ChatStage, chat_stage, new_device, opening_of
from foreseal_client import pictures, words
from foreseal_client.chat.card import Card, Choice
from foreseal_client.chat.commands import COMMANDS
from foreseal_client.chat.running import running
from foreseal_client.demo.stage import write_list
from foreseal_client.draft import Draft
from foreseal_client.plain.line_face import LineFace
from foreseal_client.sealing.passphrases import Stretching
from foreseal_client.store.key import KeyRecord
from foreseal_client.updates.at_fence import at_fence, leave_fence, note_fence
from foreseal_client.updates.refusals import StoppedAtFence
from foreseal_matcher import Bytes, Mode
from foreseal_matcher.lists.writing import UPDATES
from sample_lists import nothing_listed

PASSPHRASE = "correct horse battery"  # noqa: S105
CHEAP = Stretching.fresh(passes=1, memory=8192)


class Lines:
    """What was written, and what is typed."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.typed: asyncio.Queue[str | None] = asyncio.Queue()
        self._read = 0

    async def until(self, text: str) -> str:
        """What was written since the last call, up to a line with this text."""
        for _ in range(1500):
            for number in range(self._read, len(self.written)):
                if text in self.written[number]:
                    part = self.written[self._read : number + 1]
                    self._read = number + 1
                    return "\n".join(part)
            await asyncio.sleep(0.01)
        pytest.fail(f"{text!r} was never written, but: {self.written[self._read :]}")

    async def say(self, typed: str, answer: str) -> str:
        self.typed.put_nowait(typed)
        return await self.until(answer)


@asynccontextmanager
async def typing(stage: ChatStage) -> AsyncIterator[Lines]:
    lines = Lines()
    face = LineFace(lines.written.append, lines.typed)
    record = KeyRecord.of(CHEAP.key(PASSPHRASE), CHEAP)
    async with running(replace(opening_of(stage.device), record=record), lambda: face, device=stage.device) as desk:
        task = asyncio.create_task(face.run(desk))
        await lines.until("connected")
        yield lines
        lines.typed.put_nowait(None)
        await task


async def test_a_conversation_in_lines(tmp_path: Path) -> None:
    listed = pictures.generate("still-life", 11, (320, 240))
    copy = tmp_path / "copy.webp"
    copy.write_bytes(pictures.edited(listed, "sent-on"))
    lists = write_list(tmp_path / "list", "demo", [listed])
    (tmp_path / "list" / UPDATES).mkdir()
    note_fence(tmp_path / "list" / UPDATES, "gone", StoppedAtFence(("category:c",)))
    async with chat_stage(tmp_path, lists) as stage, typing(stage) as lines:
        await lines.say("hello", "Choose somebody first")
        await lines.say("/to nobody at all", "Nobody here is called")
        assert "Nothing was written yet" in await lines.say("/to bob", "Nothing was written yet")
        await _a_list_at_the_fence_waits_to_be_asked(lines, tmp_path / "list")
        await lines.say("hello \x1b[31m\u202e[b]", "hello \\x1b[31m\\u202e[b]")
        await lines.until("** sent: hello")
        await stage.bob.messenger.send(stage.bob.peer, Draft("one\ntwo"))
        assert "    one\n    two" in await lines.until("two")
        await _a_picture_is_stopped(lines, copy)
        await _it_is_reviewed_by_whoever_knows_the_passphrase(lines)
        await _loosening_asks(lines, stage)
        await _hidden(lines, stage, copy)
        for name in COMMANDS:
            assert f"/{name}" in "\n".join(lines.written) or name in await lines.say("/help", "/quit")
        await lines.say("/search TWO", "Enter alone is 1")
        await lines.say("2", "received")
        await lines.say("/theme", "There are no colours")
        await lines.say("/older", "Nothing older")
        await lines.say("/7", "There is no card to answer")
        await lines.say("/lists", "demo: version")
        await _the_ledger_is_found_and_asked_for(lines, stage)
        await lines.say("/relay", "can open none of them")
        assert "█" not in await lines.say("/invite", "which the screen shows")
        await lines.say("/attach /nowhere/at/all", "cannot be attached: No such file")
        everything = "".join(lines.written)
        assert not [c for c in everything if unicodedata.category(c) in ("Cc", "Cf") and c != "\u200d"]


async def _the_ledger_is_found_and_asked_for(lines: Lines, stage: ChatStage) -> None:
    ledger = stage.device.store.ledger
    assert "State: off" in await lines.say("/ledger", "Enter alone is 1")
    assert "outlives the messages" in await lines.say("2", "Enter alone is 1")
    lines.typed.put_nowait("1")
    await lines.say("/ledger on", "Enter alone is 1")
    assert ledger.head.lines == 0
    await lines.say("2", "The ledger is on.")
    assert "1 line" in await lines.say("/ledger", "Enter alone is 1")
    await lines.say("2", "The ledger is off.")
    await lines.say("/ledger off", "off already")
    await lines.say("/ledger perhaps", "It is on or off")
    assert ledger.head.lines == 2


async def _a_picture_is_stopped(lines: Lines, copy: Path) -> None:
    await lines.say(f"/attach {copy}", "attached: copy.webp")
    card = await lines.say("look", "Enter alone is 1")
    assert "== Not sent ==" in card
    assert words.NOTHING_LEFT in card
    assert "1. Don't send" in card
    await lines.say("seven", "Type a number from 1 to 3")
    why = await lines.say("2", "Enter alone is 1")
    assert "the relay was not asked" in why
    assert "Distance" not in why
    appeal = await lines.say("3", "Enter alone is 1")
    assert "To review it, a person has to see the picture." in appeal
    await lines.say("2 it is my kitchen", "to be reviewed here")
    await lines.until("it stands above")


async def _it_is_reviewed_by_whoever_knows_the_passphrase(lines: Lines) -> None:
    await lines.say("/review", "Enter alone is 1")
    await lines.say("2 wrong", "That is not the passphrase")
    await lines.say("/review", "Enter alone is 1")
    assert "it is my kitchen" in await lines.say(f"2 {PASSPHRASE}", "Enter alone is 1")
    await lines.say("3", words.OVERTURNED)
    await lines.say("/send", "** sent: look")
    await lines.say("/review", "Nothing waits")
    await lines.say("/send", "Nothing here was stopped")


async def _a_list_at_the_fence_waits_to_be_asked(lines: Lines, folder: Path) -> None:
    """Said at the start; the card comes by a command, so that no line goes to it that was meant for somebody."""
    (notice,) = [line for line in lines.written if "goes beyond what was accepted" in line]
    assert (
        notice == "** The list demo has an update that goes beyond what was accepted on this device. /lists shows it."
    )
    card = await lines.say("/lists", "Enter alone is 1")
    assert "New category: c" in card
    await lines.say("2", "The old list stays in force")
    waiting = at_fence(folder)
    assert waiting is not None
    assert waiting.kept
    leave_fence(folder / UPDATES)


async def _loosening_asks(lines: Lines, stage: ChatStage) -> None:
    await lines.say("/policy nonsense", "A policy is off, observe, warn, hold")
    await lines.say("/policy warn", "== Passphrase ==")
    await lines.say("", "Enter alone is 1")
    assert stage.device.policy.mode is Mode.HOLD
    await lines.say("/policy warn", "Enter alone is 1")
    await lines.say("2 no", "That is not the passphrase")
    assert stage.device.policy.mode is Mode.HOLD
    await lines.say("/policy warn", "Enter alone is 1")
    await lines.say(f"2 {PASSPHRASE}", "Policy warn")
    await lines.say("/policy hold", "Policy hold")  # tightening asks nobody
    assert stage.device.store.preferences.get("policy") == "hold fail-closed quick"


async def _hidden(lines: Lines, stage: ChatStage, copy: Path) -> None:
    stage.bob.device.policy = replace(stage.bob.device.policy, mode=Mode.OFF)
    await stage.bob.messenger.send(stage.bob.peer, Draft("see this", (Bytes(copy.read_bytes(), "p.webp"),)))
    shown = await lines.until(words.HIDDEN)
    assert "see this" not in shown
    assert "Do you know who it is?" in await lines.until("Enter alone is 1")  # once, of somebody new
    lines.typed.put_nowait("")
    assert "Look at it" not in await lines.say("/reveal", "Enter alone is 1")
    lines.typed.put_nowait("1")
    stage.bob.device.policy = replace(stage.bob.device.policy, mode=Mode.HOLD)


@pytest.mark.parametrize("answer", ["", "1", "1 more"])
async def test_an_empty_line_and_the_number_one_are_the_safe_choice(answer: str) -> None:
    lines = Lines()
    face = LineFace(lines.written.append, lines.typed)
    lines.typed.put_nowait(answer)
    card = Card("T", "text", (Choice("safe", "Leave it"), Choice("other", "Go on")))
    assert (await face.ask(card)).choice == "safe"


async def test_input_that_ends_while_a_card_is_open_ends_the_chat(tmp_path: Path) -> None:
    device = new_device(tmp_path / "alone", "Alone", "http://127.0.0.1:9", nothing_listed())
    lines = Lines()
    face = LineFace(lines.written.append, lines.typed)
    async with running(opening_of(device), lambda: face, device=device) as desk:
        for typed in ("/policy", None):
            lines.typed.put_nowait(typed)
        async with asyncio.timeout(10):
            await face.run(desk)
    assert "== Policy ==" in lines.written


@pytest.mark.parametrize("nonsense", ["0", "3", "-1", "²", "\u0661", "1.5", "9" * 5000, "other", "[1]"])
async def test_what_is_no_choice_is_asked_again_and_the_end_of_input_is_the_safe_choice(nonsense: str) -> None:
    lines = Lines()
    face = LineFace(lines.written.append, lines.typed)
    lines.typed.put_nowait(nonsense)
    lines.typed.put_nowait(None)
    card = Card("T", "text", (Choice("safe", "Leave it"), Choice("other", "Go on")))
    assert (await face.ask(card)).choice == "safe"
    assert "** Type a number from 1 to 2." in lines.written
