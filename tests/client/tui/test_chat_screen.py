"""The chat on a screen, driven by its keys: every card, every command's key, and the same person after a restart."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

from textual.binding import Binding
from textual.widgets import Button, Input, OptionList

from chat_stage import ChatStage, Typist, chat_stage, new_device, opening_of
from foreseal_client import contacts, pictures, words
from foreseal_client.chat.commands import COMMANDS
from foreseal_client.draft import Draft
from foreseal_client.receiving import tell_of_key
from foreseal_client.store import Contact, Standing, State
from foreseal_client.tui.chat.app import ChatApp
from foreseal_client.tui.chat.card_screen import CardScreen
from foreseal_client.tui.chat.files import FilePicker
from foreseal_client.tui.chat.people_list import PeopleList
from foreseal_client.tui.composer import Composer
from foreseal_client.updates.at_fence import at_fence, note_fence
from foreseal_client.updates.refusals import StoppedAtFence
from foreseal_matcher import Bytes, ListSet, Mode
from foreseal_matcher.lists import from_picture
from foreseal_matcher.lists.writing import UPDATES
from sample_lists import build, nothing_listed

SMALL = (320, 240)
HOSTILE = "[red]Bob[/red] \x1b[2J\u202egnp \U0001f468\u200d\U0001f469\u200d\U0001f467"


def listed() -> bytes:
    return pictures.generate("still-life", 11, SMALL)


async def stops_a_picture(typist: Typist, path: Path) -> None:
    await typist.write(f"/attach {path}")
    await typist.until(lambda: typist.desk.attached)
    await typist.write("look at this")
    await typist.card("Not sent")


async def test_a_person_writes_is_stopped_asks_why_and_every_key_opens_its_card(tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    build(tmp_path / "list", from_picture(listed(), 1, category="demo", source="tests"), "demo", today)
    (tmp_path / "list" / UPDATES).mkdir()
    note_fence(tmp_path / "list" / UPDATES, "gone", StoppedAtFence((f"category:{HOSTILE}", "endorser:dora:00ff")))
    lists = ListSet.open([tmp_path / "list"], today)
    (tmp_path / "copy.webp").write_bytes(pictures.edited(listed(), "sent-on"))
    async with chat_stage(tmp_path, lists) as stage, Typist.at(stage.app(), (80, 24)) as typist:
        await _a_list_at_the_fence_is_asked_about(typist, tmp_path / "list")
        await _texts_go_both_ways(typist, stage)
        await _a_listed_picture_is_stopped_and_explained_coarsely(typist, tmp_path / "copy.webp")
        await _what_arrives_hidden_can_be_asked_about(typist, stage)
        await _every_key_does_what_the_help_says(typist)
        await _a_safety_number_is_compared(typist)
        await _a_new_key_is_a_card_which_comes_again(typist)


async def _a_list_at_the_fence_is_asked_about(typist: Typist, folder: Path) -> None:
    screen = await typist.card("A list wants to cover more")
    assert typist.app.focused is screen.query_one("#choice-0", Button)
    seen = typist.seen()
    assert "New category" in seen
    assert "\x1b" not in seen
    assert ("New endorser", "dora:00ff") in screen.card.rows
    assert screen.card.rows[0][1].startswith("[red]Bob[/red] \\x1b[2J\\u202e")
    await typist.choose("accept")  # where the repository is gone, the old list stays and it is said why
    await typist.until(lambda: "Nothing was changed: a list installed before stays in force" in typist.seen())
    waiting = at_fence(folder)
    assert waiting is not None
    assert not waiting.kept


async def _texts_go_both_ways(typist: Typist, stage: ChatStage) -> None:
    await typist.write(HOSTILE)
    await typist.until(lambda: typist.states == [State.SENT])
    assert "[red]Bob[/red] \\x1b[2J\\u202egnp" in typist.seen()
    assert "\x1b" not in typist.seen()
    await stage.bob.messenger.send(stage.bob.peer, Draft("x" * 25_000))
    await typist.until(lambda: typist.states == [State.SENT, State.SHOWN])
    assert "25,000 characters in all" in typist.seen()
    assert len(typist.rows()) < 60
    seen = typist.seen()
    assert "check: hold, fail-closed - list demo-" in seen
    assert words.CHAT in seen
    assert "safety number not compared" in seen


async def _a_listed_picture_is_stopped_and_explained_coarsely(typist: Typist, path: Path) -> None:
    await stops_a_picture(typist, path)
    assert isinstance(typist.app.focused, Button)
    assert str(typist.app.focused.label) == "Don't send"
    assert "It resembles an entry on the list demo" in typist.seen()
    await typist.press("f8")  # a card is answered first
    assert isinstance(typist.app.screen, CardScreen)
    await typist.choose("why")
    await typist.card("Why")
    assert "Distance" not in typist.seen()
    assert "PDQ" in typist.seen()
    await typist.press("escape")
    await typist.card("Not sent")
    await typist.press("escape")
    await typist.until(lambda: typist.states[-1] is State.HELD)
    assert typist.app.query_one(Composer).text == "look at this"
    typist.app.query_one(Composer).text = ""


async def _what_arrives_hidden_can_be_asked_about(typist: Typist, stage: ChatStage) -> None:
    # Bob's own device stops nothing.
    stage.bob.device.policy = typist.desk.floor
    copy = Bytes(pictures.edited(listed(), "sent-on"), "look.webp")
    await stage.bob.messenger.send(stage.bob.peer, Draft("do look", (copy,)))
    await typist.until(lambda: typist.states[-1] is State.WITHHELD)
    assert "do look" not in typist.seen()
    await typist.card("Somebody new")
    assert "This is said once." in typist.seen()
    await typist.press("escape")
    await typist.press("f2")
    card = await typist.card("Hidden")
    assert [choice.name for choice in card.card.choices] == ["leave", "why", "wrong", "block"]
    assert "keeps it hidden" in typist.seen()
    await typist.press("escape")
    assert typist.states[-1] is State.WITHHELD
    await typist.write("/search do look")
    await typist.until(lambda: "Nothing that was written or shown here holds" in typist.seen())
    await typist.write("/policy warn")
    await typist.until(lambda: typist.desk.device.policy.mode is Mode.WARN)
    await typist.press("f2")
    await typist.card("Hidden")
    await typist.choose("look")
    await typist.until(lambda: typist.states[-1] is State.SHOWN)
    assert "do look" in typist.seen()
    await typist.write("/policy hold")
    await typist.until(lambda: typist.desk.device.policy.mode is Mode.HOLD)


async def _every_key_does_what_the_help_says(typist: Typist) -> None:
    await typist.press("f1")
    await typist.card("Keys and commands")
    seen = typist.seen()
    assert [name for name in COMMANDS if f"/{name}" not in seen] == []
    await typist.press("escape")
    bound = {one.id: one.key for one in ChatApp.BINDINGS if isinstance(one, Binding) and one.id}
    assert bound == {name: command.key or f"unset-{name}" for name, command in COMMANDS.items()}
    titles = {"f3": "Why", "f11": "Is somebody pressuring you?", "ctrl+f": "Search"}
    for key, title in titles.items():
        await typist.press(key)
        screen = await typist.card(title)
        assert screen.card.choices[0].name in ("close", "keep", "none", "leave")
        await typist.press("escape")
        await typist.until(lambda screen=screen: typist.app.screen is not screen)  # type: ignore[misc]
    await typist.press("ctrl+o")
    await typist.until(lambda: isinstance(typist.app.screen, FilePicker))
    await typist.press("escape")
    theme = typist.app.theme
    await typist.press("f12")
    assert typist.app.theme != theme
    assert {command.title for command in typist.app.get_system_commands(typist.app.screen)} == {
        f"/{name}" for name in COMMANDS
    }


async def _a_safety_number_is_compared(typist: Typist) -> None:
    await typist.write("/safety")
    screen = await typist.card("Safety number")
    assert "█▀▀▀▀▀█" in typist.seen()
    assert str(typist.app.focused.label) == "Close"  # type: ignore[union-attr]
    await typist.choose("same")
    await typist.until(lambda: "✓ safety number compared" in typist.seen())
    await typist.write("/safety")
    await typist.card("Safety number")
    typist.app.screen.query_one("#field", Input).value = "no code"
    typist.app.screen.query_one("#field", Input).focus()
    await typist.press("enter")
    await typist.until(lambda: "This is no safety code" in typist.seen())
    assert screen.card.code


async def _a_new_key_is_a_card_which_comes_again(typist: Typist) -> None:
    device, messenger = typist.desk.device, typist.desk.messenger
    (bob,) = device.store.people.all()
    newcomer = Contact(
        b"n" * 32, HOSTILE, bob.relay, bob.mailbox, b"t" * 32, None, None, Standing.ACCEPTED, introduced=True
    )
    with device.store.transaction():
        device.store.people.put(newcomer)
        contacts.meet(newcomer, device.store, proven=True, now=60, today=1)
    tell_of_key(newcomer, device, messenger._tell)
    screen = await typist.card("A new key")
    assert screen.card.loud
    assert "The relay now gives out another key for the mailbox of [red]Bob[/red]" in screen.card.text
    assert str(typist.app.focused.label) == "Not now"  # type: ignore[union-attr]
    await typist.press("escape")
    await typist.write("is it you?")
    await typist.card("A new key")  # again: what was written waits for it
    assert typist.states[-1] is State.PAUSED
    await typist.choose("accept")
    await typist.until(lambda: State.PAUSED not in typist.states)
    await typist.until(lambda: "You looked at the new key" in typist.seen())


async def test_the_relay_is_lost_in_mid_send_and_what_was_written_is_said_to_wait_and_is_sent(tmp_path: Path) -> None:
    async with chat_stage(tmp_path, nothing_listed()) as stage:
        app = stage.app(theme="light", keys={"why": "ctrl+g", "people": "f11"})
        async with Typist.at(app, (120, 40)) as typist:
            await stage.relay.stop()
            await typist.until(lambda: "NOT CONNECTED" in typist.seen())
            await typist.write("still here")
            await typist.until(lambda: typist.states == [State.QUEUED])
            assert "kept on this device until the relay has it" in typist.seen()
            await typist.press("f9")
            await typist.until(lambda: "cannot be reached now" in typist.seen())
            await stage.relay.start()
            await typist.until(lambda: typist.states == [State.SENT])
            # Keys that a person set, and no longer those that were there before.
            await typist.press("ctrl+g")
            await typist.card("Why")
            await typist.press("escape")
            await typist.press("f3")
            assert len(app.screen_stack) == 1
            await typist.press("f11")
            await typist.card("People and groups")
            await typist.press("escape")
            for width, height in ((200, 60), (30, 8), (5, 50), (3, 8), (80, 24)):
                await typist.pilot.resize_terminal(width, height)
            await typist.pilot.pause(0.1)
            assert "still here" in typist.seen()
            await _a_check_is_cancelled(typist, tmp_path)
            await _a_file_is_chosen(typist, tmp_path)
            typist.app.query_one(PeopleList).focus()
            await typist.press("down", "enter")
            await typist.write("/block")
            await typist.card("Block")
            await typist.press("escape")
            await typist.write("/nonsense \x1b")
            await typist.until(lambda: "There is no command /nonsense" in typist.seen())


async def _a_check_is_cancelled(typist: Typist, folder: Path) -> None:
    """A check that takes as long as it wants to: the interface goes on, and Esc gives everything back."""
    device, going, let_go = typist.desk.device, threading.Event(), threading.Event()
    measured = device.measured

    async def slow(check, content, policy):  # type: ignore[no-untyped-def]
        def held_up(*arguments):  # type: ignore[no-untyped-def]
            going.set()
            let_go.wait(30)
            return check(*arguments)

        return await measured(held_up, content, policy)

    device.measured = slow  # type: ignore[method-assign]
    (folder / "large.bin").write_bytes(b"x" * 1000)
    await typist.write(f"/attach {folder / 'large.bin'}")
    await typist.until(lambda: typist.desk.attached)
    await typist.write("with a file")
    await typist.until(going.is_set)
    assert typist.app.query_one("#busy").display
    typist.app.query_one(Composer).text = ""
    await typist.press("escape")
    await typist.until(lambda: "Nothing was sent." in typist.seen())
    assert [item.name for item in typist.desk.attached] == ["large.bin"]
    assert typist.app.query_one(Composer).text == "with a file"
    assert not typist.app.query_one("#busy").display
    let_go.set()
    device.measured = measured  # type: ignore[method-assign]
    typist.app.query_one(Composer).text = ""
    await typist.press("escape")
    assert typist.desk.attached == ()
    assert typist.states == [State.SENT]


async def _a_file_is_chosen(typist: Typist, folder: Path) -> None:
    (folder / "files").mkdir()
    (folder / "files" / "a\u202e[b].png").write_bytes(pictures.generate("reef", 3, SMALL))
    await typist.press("ctrl+o")
    await typist.until(lambda: isinstance(typist.app.screen, FilePicker))
    path = typist.app.screen.query_one(Input)
    path.focus()
    for text, answer in ((str(folder / "gone"), "No such file"), ("/dev/zero", "no ordinary file")):
        path.value = text
        await typist.press("enter")
        await typist.until(lambda answer=answer: answer in typist.seen())  # type: ignore[misc]
    path.value = str(folder / "files")
    await typist.press("enter")
    listed = typist.app.screen.query_one(OptionList)
    await typist.until(lambda: listed.option_count == 2)
    listed.focus()
    await typist.press("down")
    await typist.until(lambda: "▀▀▀" in typist.seen())
    await typist.press("enter")
    await typist.until(lambda: typist.desk.attached)
    assert "a\\u202e[b].png" in typist.seen()
    await typist.press("escape")


async def test_somebody_without_anybody_is_told_how_to_begin(tmp_path: Path) -> None:
    device = new_device(tmp_path / "alone", "Alone", "http://127.0.0.1:9", nothing_listed())
    app = ChatApp(opening_of(device), device=device)
    async with app.run_test(size=(80, 24)) as pilot:
        typist = Typist(app, pilot)
        await typist.until(lambda: "/invite makes an invitation" in typist.seen())
        typist.app.query_one(Composer).text = "to nobody"
        await typist.press("enter")
        await typist.until(lambda: "Choose somebody first" in typist.seen())
        assert app.query_one(Composer).text == "to nobody"
        await typist.write("/accept foreseal:invite:nonsense")
        await typist.until(lambda: "This is an invitation with a slip in it" in typist.seen())
        await typist.press("ctrl+q")
        await typist.until(lambda: not app.is_running)
    assert app.return_code == 0
