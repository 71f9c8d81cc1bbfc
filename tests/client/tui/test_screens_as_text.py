"""A handful of screens as plain text, compared with files that a person can read. After a change that is meant, write
them anew and look at what `git diff` says: FORESEAL_DRAW=1 pytest tests/client/tui/test_screens_as_text.py"""

from __future__ import annotations

import os
import re
from pathlib import Path

from chat_stage import Typist
from foreseal_client.safeguard_settings import begin_young
from foreseal_client.safeguards.passcode import Lock
from foreseal_client.sealing.passphrases import Stretching
from foreseal_client.store import State
from foreseal_client.tui.chat.card_screen import CardScreen
from foreseal_client.tui.chat.scrollback import Scrollback
from foreseal_client.tui.composer import Composer
from foreseal_matcher import Entry, ListSet, Match
from quiet_chat import acquaint, quiet_chat, quiet_device, wrote

FOLDER = Path(__file__).with_name("screens")
MATCH = Match(Entry(7, "pdq", "demo", "tests"), "demo", "1", 4, 31, 0, "plain")
HOSTILE = "\x1b[2J\u202e\u2066\U0001f468\u200d\U0001f469\u200d\U0001f467[b]\x00\u0301"
LONG = HOSTILE + "x" * 100_000 + HOSTILE


def drawn(typist: Typist) -> str:
    """What the terminal shows, without colours; what differs from day to day stands as a word."""
    rows = ["".join(segment.text for segment in row) for row in typist.app.screen._compositor.render_strips()]
    text = "\n".join(row.rstrip() for row in rows) + "\n"
    return re.sub(r"\d+ d\)", "DAYS d)", text)


async def _looks_as_in(name: str, typist: Typist) -> None:
    typist.app.query_main(Composer).cursor_blink = False
    await typist.pilot.pause()
    path, now = FOLDER / f"{name}.txt", drawn(typist)
    if os.environ.get("FORESEAL_DRAW"):
        path.write_text(now, encoding="utf-8")
    assert now == path.read_text(encoding="utf-8"), f"{name} is drawn otherwise than in {path.name}"


async def _choices_are_on_the_screen(typist: Typist) -> None:
    screen = typist.app.screen
    assert isinstance(screen, CardScreen)
    number = len(screen.card.choices) - 1
    await typist.until(lambda: screen.query(f"#choice-{number}"))
    last = screen.query_one(f"#choice-{number}")
    # Once it is laid out: a region of nothing lies in every other.
    await typist.until(lambda: last.region.area and screen.region.contains_region(last.region))


async def test_a_conversation_and_its_cards_look_as_they_did_in_a_small_terminal(tmp_path: Path) -> None:
    device = quiet_device(tmp_path / "alice")
    bob = acquaint(device, "Bob")
    wrote(device, bob, "is the library open today?")
    wrote(device, bob, "I think so", State.SENT)
    wrote(device, bob, "look at this", State.HELD, MATCH)
    wrote(device, bob, "and at this", State.WITHHELD, MATCH)
    async with quiet_chat(device, (80, 24)) as typist:
        await typist.write("/to bob")
        await typist.until(lambda: len(typist.messages) == 4)
        await _looks_as_in("conversation", typist)
        for name, line, title in (
            ("help", "/help", "Keys and commands"), ("policy", "/policy", "Policy"), ("hidden", "/reveal", "Hidden"),
            ("pressured", "/help-me", "Is somebody pressuring you?"), ("wrong", "/appeal", "It is wrong"),
        ):  # fmt: skip
            await typist.write(line)
            await typist.card(title)
            await _choices_are_on_the_screen(typist)
            await _looks_as_in(name, typist)
            await typist.press("pagedown", "escape")
            await typist.until(lambda: len(typist.app.screen_stack) == 1)


async def test_a_card_longer_than_the_terminal_is_read_by_its_pages_and_answered_all_the_same(tmp_path: Path) -> None:
    async with quiet_chat(quiet_device(tmp_path / "alice"), (80, 24), "light") as typist:
        await typist.press("f1")
        await typist.card("Keys and commands")
        await _choices_are_on_the_screen(typist)
        assert "/quit" not in drawn(typist)
        assert "There is more: Page Down and Page Up." in drawn(typist)
        await typist.press(*["pagedown"] * 6)
        assert "/quit" in drawn(typist)
        for size in ((30, 9), (200, 70), (80, 24)):
            await typist.pilot.resize_terminal(*size)
            await _choices_are_on_the_screen(typist)
        await typist.pilot.resize_terminal(200, 100)
        await typist.until(lambda: "There is more" not in drawn(typist))
        await typist.press("1")
        assert len(typist.app.screen_stack) == 1


async def test_a_small_terminal_still_says_that_safety_is_on_and_what_a_missing_list_means(tmp_path: Path) -> None:
    device = quiet_device(tmp_path / "alice")
    device.lists = ListSet.open([tmp_path / "none"], device.date)
    begin_young(device, Lock.new("Mum", "a passcode", Stretching(bytes(16), 1, 8 * 1024 * 1024)))
    async with quiet_chat(device, (80, 40)) as typist:
        await typist.press("f1")
        await typist.card("Keys and commands")
        await typist.pilot.resize_terminal(80, 24)
        await typist.press("escape")
        await typist.until(lambda: len(typist.app.screen_stack) == 1)
        await typist.pilot.pause()
        seen = " ".join(drawn(typist).split())
        assert "Extra safety is on. Passcode: Mum. /safeguards says more. /help-me needs no passcode." in seen
        assert "Texts pass; files and links are stopped until it can." in seen
        assert typist.app.screen.has_class("short"), "it became small while a card lay above it"


async def test_a_name_and_a_text_of_a_hundred_thousand_characters_are_shown_not_obeyed_and_the_screen_lives_on(
    tmp_path: Path,
) -> None:
    device = quiet_device(tmp_path / "alice")
    eve = acquaint(device, LONG)
    wrote(device, eve, LONG)
    async with quiet_chat(device, (80, 24)) as typist:
        await typist.until(lambda: len(typist.messages) == 1)
        await typist.until(lambda: "characters in all" in drawn(typist))
        seen = drawn(typist)
        for forbidden in ("\x1b", "\u202e", "\u2066", "\x00"):
            assert forbidden not in seen
        assert len(seen.splitlines()) == 24
        typist.app.query_main(Scrollback).focus()
        await typist.press("up", "enter")
        await typist.until(lambda: isinstance(typist.app.screen, CardScreen))
        await _choices_are_on_the_screen(typist)
        await typist.press("escape")
        await typist.write(LONG)
        await typist.until(lambda: "Shorten it" in typist.seen())
        composer = typist.app.query_main(Composer)
        assert composer.text == LONG
        composer.text = ""
        composer.focus()
        await typist.press("h", "i")
        assert composer.text == "hi"
