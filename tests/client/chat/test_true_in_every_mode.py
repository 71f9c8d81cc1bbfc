"""Every sentence on the screen is true in every mode it can appear in: what the words say is held against what the
gate does. A sentence that is not in the table fails the last test."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from foreseal_client import list_words, words
from foreseal_client.chat.sending import held_card, why_card
from foreseal_client.device import HELD_DAYS
from foreseal_client.draft import Draft
from foreseal_client.outbound import NotSent
from foreseal_client.sealing.safety_number import Comparison
from foreseal_client.store import Cost, Direction, Evidence, KeyChange, Message, State
from foreseal_client.transparency.heads import Judgement
from foreseal_client.updates.at_fence import AtFence
from foreseal_matcher import (
    Bytes,
    Clear,
    Cleared,
    Entry,
    Held,
    ListSet,
    Match,
    Mode,
    OnFailure,
    Policy,
    Reason,
    Undecodable,
    Unreadable,
    Verdict,
    decide,
)
from foreseal_matcher.verdict import _MINT, Screened

MATCH = Match(Entry(77_123, "pdq", "category-q", "source-q"), "demo", "1", 29, 31, 0, "mirrored")
LINK = Match(Entry(88_123, "link", "c", "s"), "demo", "1", 0, 0, span=(0, 4))
FAILED = Unreadable(Reason.DAMAGED, "a detail")
COST = Cost(("demo, version 1, 2 days old",), 1204, 4.1)
PICTURE = Bytes(b"x", "x.jpg")


@dataclass(frozen=True)
class Mood:
    """One state of everything that a sentence could depend on."""

    policy: Policy
    found: Verdict
    reviewed: bool = False

    @property
    def outcome(self) -> Cleared[Draft] | Held:
        draft = Draft("link", (PICTURE,))
        screened = Screened(_MINT, draft, self.found)
        reviewed = frozenset([draft.digest]) if self.reviewed else frozenset[bytes]()
        return decide(
            screened, Policy(self.policy.mode, self.policy.on_failure, looks=screened.looks), reviewed=reviewed
        )

    @property
    def held(self) -> Held | None:
        return self.outcome if isinstance(self.outcome, Held) else None

    @property
    def revealed(self) -> bool:
        draft = Draft("link", (PICTURE,))
        screened = Screened(_MINT, draft, self.found)
        policy = Policy(self.policy.mode, self.policy.on_failure, looks=screened.looks)
        return isinstance(decide(screened, policy, acknowledged=True), Cleared)


FOUND: list[Verdict] = [Clear(), MATCH, LINK, FAILED]
MOODS = [
    Mood(Policy(mode, failure), found, reviewed)
    for mode, failure in itertools.product(Mode, OnFailure)
    for found, reviewed in itertools.product(FOUND, (False, True))
]
HELD = [mood for mood in MOODS if mood.held is not None]


def card_text(mood: Mood) -> str:
    held = mood.held
    assert held is not None
    message = Message(1, bytes(32), None, Direction.OUT, 0, "link", State.HELD, held.verdict, bytes(32), "", COST, ())
    card = held_card(NotSent(message, held), Draft("link", (PICTURE,)))
    return "\n".join([card.title, card.text, *(choice.label for choice in card.choices)])


@pytest.mark.parametrize("mood", HELD, ids=str)
def test_the_card_says_not_sent_and_offers_sending_anyway_only_where_the_gate_would_send(mood: Mood) -> None:
    text = card_text(mood)
    assert "was not sent" in text
    assert ("Send anyway" in text) is mood.revealed
    assert ("This is wrong" in text) is isinstance(mood.found, Match)
    assert text.splitlines()[-1] != "Don't send"
    if isinstance(mood.found, Unreadable):
        assert mood.policy.on_failure is OnFailure.CLOSED
        assert "could not be checked" in text
        assert "resembles" not in text


@pytest.mark.parametrize("mood", [mood for mood in HELD if isinstance(mood.found, Match)], ids=str)
def test_nothing_that_the_chat_says_is_a_gauge(mood: Mood) -> None:
    message = Message(1, bytes(32), None, Direction.OUT, 0, "link", State.HELD, mood.found, bytes(32), "", COST, ())
    rows = "\n".join(f"{name}: {value}" for name, value in why_card(message).rows)
    said = f"{card_text(mood)}\n{rows}\n{words.hidden(mood.found, mood.policy, revealable=True)}"
    for gauge in ("29", "31 bits", "77123", "77,123", "88123", "category-q", "source-q", "mirrored", "Distance"):
        assert gauge not in said
    assert "the relay was not asked" in rows
    assert "1,204 entries" in rows


@pytest.mark.parametrize("mood", [mood for mood in MOODS if mood.held is not None and not mood.reviewed], ids=str)
def test_the_card_of_something_hidden_says_what_the_gate_would_do(mood: Mood) -> None:
    said = words.hidden(mood.found, mood.policy, revealable=mood.revealed)
    assert ("You can look at it" in said) is mood.revealed
    assert (f"The policy {mood.policy.mode} keeps it hidden" in said) is not mood.revealed


@pytest.mark.parametrize("mood", [mood for mood in MOODS if mood.found == FAILED], ids=str)
def test_where_the_check_cannot_run_it_says_what_follows(mood: Mood) -> None:
    said = words.cannot_check(ListSet.empty(), mood.policy)
    assert "there is no hash list" in said
    assert ("are stopped until it can" in said) is (mood.held is not None)
    assert ("pass unchecked" in said) is (mood.held is None and mood.policy.stops)
    assert ("stops nothing" in said) is not mood.policy.stops


def test_a_review_lifts_a_match_alone_as_its_words_say() -> None:
    for mood in MOODS:
        if mood.reviewed and isinstance(mood.found, Match):
            assert mood.held is None
    assert "this one message passes on this device, and no other" in words.REVIEW
    assert "no other" in words.OVERTURNED


def test_files_are_let_go_of_after_as_long_as_is_said() -> None:
    assert f"after {HELD_DAYS} days" in words.FILES_LET_GO


def test_the_figure_of_the_appeal_is_one_that_was_measured_here() -> None:
    measured = (Path(__file__).parents[3] / "docs" / "measuring.md").read_text(encoding="utf-8")
    assert "5,402" in words.APPEAL
    assert "none among 5,402" in measured
    assert "two screenshots, did match each other" in measured


EVERYWHERE = MOODS
AT_FENCE = AtFence("there", ("category:c",), None, None)
CHANGE = KeyChange(bytes(32), bytes(32), Evidence.NAME, 1)
TABLE: dict[str, tuple[Callable[[Mood], object], list[Mood]]] = {
    "APPEAL": (lambda _: words.APPEAL, EVERYWHERE),
    "BEGUN_ANEW": (lambda _: words.BEGUN_ANEW, EVERYWHERE),
    "CHAT": (lambda _: words.CHAT, EVERYWHERE),
    "CHECKED_NOW": (lambda _: words.CHECKED_NOW, [m for m in MOODS if m.found == Clear()]),
    "DEMO": (lambda _: words.DEMO, EVERYWHERE),
    "FILES_LET_GO": (lambda _: words.FILES_LET_GO, EVERYWHERE),
    "GROUNDS": (lambda _: " ".join(words.GROUNDS.values()), HELD),
    "HIDDEN": (lambda _: words.HIDDEN, HELD),
    "INFERRED": (lambda _: words.INFERRED, EVERYWHERE),
    "LISTED_SINCE": (lambda _: words.LISTED_SINCE, [m for m in MOODS if isinstance(m.found, Match)]),
    "NOTHING_LEFT": (lambda _: words.NOTHING_LEFT, HELD),
    "OVERTURNED": (lambda _: words.OVERTURNED, [m for m in MOODS if m.reviewed and isinstance(m.found, Match)]),
    "OWN_PICTURES": (lambda _: words.OWN_PICTURES, EVERYWHERE),
    "RELAY_SEES": (lambda _: words.RELAY_SEES, EVERYWHERE),
    "REVIEW": (lambda _: words.REVIEW, HELD),
    "SENDABLE": (lambda _: words.SENDABLE, [m for m in MOODS if m.held is None]),
    "UPHELD": (lambda _: words.UPHELD, HELD),
    "WITHDRAWN": (lambda _: words.WITHDRAWN, [m for m in MOODS if m.found == Clear()]),
    "cannot_check": (lambda m: words.cannot_check(ListSet.empty(), m.policy), EVERYWHERE),
    "compared": (lambda _: " ".join(words.compared(found, "Bob") for found in Comparison), EVERYWHERE),
    "consequence": (lambda m: words.consequence(m.policy), EVERYWHERE),
    "explained": (lambda m: str(words.explained(m.found, COST)), EVERYWHERE),
    "explained_coarsely": (lambda m: str(words.explained_coarsely(m.found, COST)), EVERYWHERE),
    "hidden": (lambda m: words.hidden(m.found, m.policy, revealable=m.revealed), HELD),
    "key_changed": (lambda _: words.key_changed(CHANGE, "Bob", was_verified=True), EVERYWHERE),
    "key_looked_at": (lambda _: words.key_looked_at(), EVERYWHERE),
    "key_noticed": (lambda _: words.key_noticed(CHANGE, "Bob", was_verified=True), EVERYWHERE),
    "lasting": (lambda _: words.lasting(3600), EVERYWHERE),
    "lists_differ": (lambda _: " ".join(words.lists_differ(one, "Bob", "demo") for one in Judgement), EVERYWHERE),
    "outcome": (lambda m: words.outcome(m.found), EVERYWHERE),
    "status": (lambda m: words.status(m.policy, (), ListSet.empty(), 1.0), EVERYWHERE),
    "stopped": (lambda m: words.stopped(m.found), HELD),  # type: ignore[arg-type]
    "thing": (lambda m: words.thing(m.found), HELD),  # type: ignore[arg-type]
    "time_of": (lambda _: words.time_of(0), EVERYWHERE),
    "timer_set": (lambda _: words.timer_set("Bob", 3600) + words.timer_set("", 0), EVERYWHERE),
    "transferred": (lambda _: words.transferred(Direction.OUT, 1, 2), EVERYWHERE),
    "unlisted": (lambda _: words.unlisted(Undecodable(Reason.NOT_A_PICTURE)), EVERYWHERE),
    "unopened": (lambda _: words.unopened("Bob"), EVERYWHERE),
    "visible": (lambda _: words.visible("x"), EVERYWHERE),
}  # fmt: skip
TABLE |= {
    "lists: CANNOT_FETCH": (lambda _: list_words.CANNOT_FETCH, EVERYWHERE),
    "lists: KEPT": (lambda _: list_words.KEPT, EVERYWHERE),
    "lists: NOT_KEPT": (lambda _: list_words.NOT_KEPT, EVERYWHERE),
    "lists: beyond": (lambda _: list_words.beyond(AT_FENCE, "demo", "1"), EVERYWHERE),
    "lists: title": (lambda _: list_words.title(AT_FENCE), EVERYWHERE),
    "lists: changes": (lambda _: str(list_words.changes(AT_FENCE)), EVERYWHERE),
    "lists: noticed": (lambda _: list_words.noticed("demo"), EVERYWHERE),
    "lists: taken": (lambda _: list_words.taken("demo", "2"), EVERYWHERE),
}
"""Each sentence of the catalogue, and the moods in which it can appear."""

CLAIMS: dict[str, Callable[[Mood], bool]] = {
    "Everything passes": lambda m: not m.policy.stops,
    "is stopped": lambda m: m.policy.stops,
    "you can send it anyway": lambda m: m.policy.mode is Mode.WARN,
    "was not sent": lambda m: m.held is not None,
    "Nothing left this device": lambda m: m.held is not None,
    "Hidden by your device": lambda m: m.held is not None,
    "You can look at it": lambda m: m.revealed,
    "You can send it with /send": lambda m: m.held is None,
    "resembles no listed entry": lambda m: m.found == Clear(),
    "resembles an entry": lambda m: isinstance(m.found, Match),
    "could not be checked": lambda m: isinstance(m.found, Unreadable),
    "stops nothing": lambda m: not m.policy.stops,
    "is no longer listed": lambda m: m.found == Clear(),
    "This message passes here": lambda m: m.held is None,
}
"""What a phrase promises, and when that holds."""
NEVER = ("guilty", "innocent", "illegal", "verdict", "criminal", " AI ", "suspicious", "violat")


@pytest.mark.parametrize("name", TABLE)
def test_a_sentence_is_true_in_every_mode_it_can_appear_in(name: str) -> None:
    sentence, moods = TABLE[name]
    assert moods
    for mood in moods:
        said = str(sentence(mood))
        assert not [word for word in NEVER if word in said]
        for phrase, holds in CLAIMS.items():
            assert phrase not in said or holds(mood), (phrase, mood)


def test_no_sentence_is_left_out_of_the_table() -> None:
    assert set(TABLE) == {*words.__all__, *(f"lists: {name}" for name in list_words.__all__)}
    everything = " ".join(str(sentence(mood)) for sentence, moods in TABLE.values() for mood in moods)
    assert [phrase for phrase in CLAIMS if phrase not in everything] == []
