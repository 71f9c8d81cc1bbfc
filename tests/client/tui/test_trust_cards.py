"""The demo's cards about who is who: the safety number to compare and to scan, and a new key."""

from __future__ import annotations

from textual.widgets import Button, Input

from foreseal_client import contacts
from foreseal_client.receiving import tell_of_key
from foreseal_client.store import Contact, Standing, State
from foreseal_client.tui.trust import KeyCard, SafetyCard
from presenter import Presenter, presenting


async def test_a_number_is_compared_by_eye_or_scanned_and_a_new_key_is_a_card_whose_safe_choice_has_the_focus() -> None:
    async with presenting() as presenter:
        await _a_number_that_was_compared_is_marked_and_the_mark_can_be_taken_away(presenter)
        await _a_code_scanned_from_a_screen_is_compared(presenter)
        await _a_new_key_is_a_card_which_comes_again(presenter)


async def _comparing(presenter: Presenter) -> None:
    await presenter.write("/safety")
    await presenter.card(SafetyCard)


async def _a_number_that_was_compared_is_marked_and_the_mark_can_be_taken_away(presenter: Presenter) -> None:
    pane = presenter.app.pane("Alice")
    assert "not verified" in str(pane.border_title)
    await _comparing(presenter)
    assert "█▀▀▀▀▀█" in presenter.seen()
    assert "not compared yet" in presenter.seen()
    close = presenter.app.screen.query_one("#close", Button)
    await presenter.until(lambda: presenter.app.screen.focused is close)
    presenter.app.screen.query_one("#same", Button).press()
    await presenter.until(lambda: "✓ verified" in str(pane.border_title))
    await _comparing(presenter)
    assert "was compared before" in presenter.seen()
    await presenter.press("escape")
    await presenter.until(lambda: len(presenter.app.screen_stack) == 1)
    assert "✓ verified" in str(pane.border_title)
    await _comparing(presenter)
    presenter.app.screen.query_one("#differ", Button).press()
    await presenter.until(lambda: "not verified" in str(pane.border_title))


async def _a_code_scanned_from_a_screen_is_compared(presenter: Presenter) -> None:
    for whose, told in (("Alice", "NOT the same"), ("Bob", "Marked as verified")):
        person = presenter.app.pane(whose).person
        assert person is not None
        await _comparing(presenter)
        scanned = presenter.app.screen.query_one(Input)
        scanned.focus()
        scanned.value = contacts.code_to_show(person.peer, person.device)
        await presenter.press("enter")
        await presenter.until(lambda told=told: told in presenter.seen())  # type: ignore[misc]


async def _a_new_key_is_a_card_which_comes_again(presenter: Presenter) -> None:
    pane = presenter.app.pane("Alice")
    person = pane.person
    assert person is not None
    bob = person.peer
    await presenter.write("hello", "Bob")  # somebody who is written to
    await presenter.until(lambda: presenter.states("Alice") == [State.SHOWN])
    newcomer = Contact(
        b"n" * 32, "[b]Bob[/b]", bob.relay, bob.mailbox, b"t" * 32, None, None, Standing.ACCEPTED, introduced=True
    )
    store = person.device.store
    with store.transaction():
        store.people.put(newcomer)
        contacts.meet(newcomer, store, proven=True, now=60, today=1)
    tell_of_key(newcomer, person.device, person.messenger._tell)
    await presenter.card(KeyCard)
    assert "The relay now gives out another key for the mailbox of [b]Bob[/b]." in presenter.seen()
    later = presenter.app.screen.query_one("#later", Button)
    await presenter.until(lambda: presenter.app.screen.focused is later)
    await presenter.press("escape")
    await presenter.until(lambda: len(presenter.app.screen_stack) == 1)
    await presenter.write("is it you?")
    await presenter.until(lambda: State.PAUSED in presenter.states("Alice"))
    await presenter.card(KeyCard)  # again: what was written waits for it
    presenter.app.screen.query_one("#accept", Button).press()
    await presenter.until(lambda: State.SENT in presenter.states("Alice"))
    assert State.PAUSED not in presenter.states("Alice")
    assert "You looked at the new key" in presenter.seen()
