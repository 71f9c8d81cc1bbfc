"""A wrong order is a type error: what must not be sent unchecked cannot be written down."""

from __future__ import annotations

from pathlib import Path

import pytest

from architecture.sources import ROOT
from architecture.typecheck import errors_after, errors_in, errors_without

OUTBOUND = ROOT / "client" / "foreseal_client" / "outbound.py"
INBOUND = ROOT / "client" / "foreseal_client" / "inbound.py"
MATCHER = """\
from datetime import date

from foreseal_matcher import Bytes, Cleared, Held, ListSet, Mode, OnFailure, Policy, Screened, decide, screen

policy = Policy(Mode.HOLD, OnFailure.CLOSED)
draft = Bytes(b"a draft")
lists = ListSet.open([], date(2026, 11, 1))
"""


def test_screen_then_decide_is_accepted() -> None:
    assert errors_in(MATCHER + "outcome: Cleared[Bytes] | Held = decide(screen(draft, lists), policy)\n") == []


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        ("decide(draft, policy)", "arg-type"),
        ("decide(screen(draft, lists).verdict, policy)", "arg-type"),
        ("decide(screen(draft, lists).content, policy)", "arg-type"),
        ("decide(screen(draft, lists))", "call-arg"),
        ("decide(decide(screen(draft, lists), policy), policy)", "arg-type"),
        ("passed: Cleared[Bytes] = screen(draft, lists)", "assignment"),
        ("passed: Cleared[Bytes] = decide(screen(draft, lists), policy)", "assignment"),
        ("screened: Screened[Bytes] = draft", "assignment"),
        ("decide(screen(draft, lists), policy).content", "union-attr"),
        ("screen(draft, lists).verdict = screen(draft, lists).verdict", "misc"),
    ],
)
def test_any_shortcut_is_refused(line: str, refusal: str) -> None:
    errors = errors_in(f"{MATCHER}{line}\n")
    assert len(errors) == 1
    assert errors[0].endswith(f"[{refusal}]")


@pytest.mark.parametrize("module", [OUTBOUND, INBOUND], ids=["outbound", "inbound"])
def test_left_as_they_are_the_two_ways_have_no_errors(module: Path) -> None:
    assert errors_after(module, "from __future__ import annotations", "from __future__ import annotations") == []


@pytest.mark.parametrize("module", [OUTBOUND, INBOUND], ids=["outbound", "inbound"])
@pytest.mark.parametrize(("step", "wanted"), [("screen", "Screened["), ("decide", "Cleared[")])
def test_deleting_a_step_fails_the_type_check(module: Path, step: str, wanted: str) -> None:
    errors = errors_without(step, module)
    assert any(f'expected "{wanted}' in error and error.endswith("[arg-type]") for error in errors), errors


def test_a_step_that_is_not_there_cannot_be_deleted() -> None:
    with pytest.raises(LookupError, match="does not call weigh exactly once"):
        errors_without("weigh", OUTBOUND)
