"""Two and five people over a relay that loses, repeats, reorders, alters, swaps, and serves stale keys, on devices that
are put back to older states and stolen from. `hostile_machine` has the rules, and plays for longer on demand."""

from __future__ import annotations

from hostile_machine import FivePeople, TwoPeople, play


def test_what_two_people_are_shown_was_written_by_whom_it_says_once_and_every_conversation_recovers() -> None:
    play(TwoPeople, number=7, steps=40, examples=5)


def test_and_so_for_five_people() -> None:
    play(FivePeople, number=7, steps=40, examples=2)
