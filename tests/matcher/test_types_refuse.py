"""The one way through: nothing but `screen` makes a Screened, nothing but `decide` makes a Cleared.

Each misuse carries an ignore for the type check. Should the types ever be weakened so far that mypy accepts one,
its ignore is unused and the type check fails.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from foreseal_matcher import Bytes, Clear, Cleared, ListSet, Mode, OnFailure, Policy, Screened, decide, screen

CONTENT = Bytes(b"text", "a.txt")
HOLD = Policy(Mode.HOLD, OnFailure.CLOSED)


def test_decide_refuses_content_that_was_not_screened() -> None:
    with pytest.raises(TypeError, match="what screen made"):
        decide(CONTENT, HOLD)  # type: ignore[arg-type]


def test_decide_refuses_a_verdict_without_its_content() -> None:
    with pytest.raises(TypeError, match="what screen made"):
        decide(Clear(), HOLD)  # type: ignore[arg-type]


def test_decide_refuses_something_shaped_like_a_screened() -> None:
    class Lookalike:
        content = CONTENT
        verdict = Clear()
        digest = CONTENT.digest

    with pytest.raises(TypeError, match="what screen made"):
        decide(Lookalike(), HOLD)  # type: ignore[arg-type]


def test_decide_refuses_what_it_cleared_before(lists: ListSet) -> None:
    cleared = decide(screen(CONTENT, lists), HOLD)
    with pytest.raises(TypeError, match="what screen made"):
        decide(cleared, HOLD)  # type: ignore[arg-type]


def test_decide_refuses_a_policy_by_its_name(lists: ListSet) -> None:
    with pytest.raises(TypeError, match="needs a Policy"):
        decide(screen(CONTENT, lists), "off")  # type: ignore[arg-type]


def test_nobody_else_makes_a_screened_or_a_cleared(lists: ListSet) -> None:
    with pytest.raises(TypeError, match=r"only foreseal_matcher\.screen"):
        Screened(object(), CONTENT, Clear())
    with pytest.raises(TypeError, match=r"only foreseal_matcher\.decide"):
        Cleared(object(), screen(CONTENT, lists))


def test_replace_cannot_put_another_content_under_a_verdict(lists: ListSet) -> None:
    screened = screen(CONTENT, lists)
    cleared = decide(screened, HOLD)
    with pytest.raises(TypeError):
        replace(screened, content=Bytes(b"other"))  # type: ignore[type-var]
    with pytest.raises(TypeError):
        replace(cleared, screened=screened)  # type: ignore[type-var]


@pytest.mark.parametrize("name", ["content", "verdict", "digest"])
def test_what_was_minted_cannot_be_changed(lists: ListSet, name: str) -> None:
    screened = screen(CONTENT, lists)
    for minted in (screened, decide(screened, HOLD)):
        with pytest.raises(AttributeError):
            setattr(minted, name, None)


def test_a_screened_cannot_be_extended_at_run_time(lists: ListSet) -> None:
    with pytest.raises(AttributeError):
        screen(CONTENT, lists).trusted = True  # type: ignore[attr-defined]
