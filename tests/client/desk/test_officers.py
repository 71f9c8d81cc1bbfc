"""Who sits at the desk: what a reviewer may not do, and who opens it no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk_stage import LEAD, NOW, REVIEWER, at
from foreseal_client.desk.listing import propose
from foreseal_client.desk.room import Desk
from foreseal_client.desk.rules import Denied, Role
from foreseal_client.errors import StoreError, WrongPassphraseError
from foreseal_matcher.lists import Purpose


def test_a_reviewer_proposes_nothing_and_takes_nobody_in(folder: Path, tmp_path: Path) -> None:
    desk = at(folder, REVIEWER, lambda: NOW)
    assert propose(desk, tmp_path / "listed", name="desk", purpose=Purpose.SYNTHETIC) is Denied.NOT_A_LEAD
    assert desk.add_officer("eve", Role.LEAD, "of eve at all") is Denied.NOT_A_LEAD
    assert desk.remove_officer(LEAD) is Denied.NOT_A_LEAD
    desk.close()


def test_an_officer_who_was_taken_out_opens_nothing_and_the_last_lead_stays(folder: Path) -> None:
    desk = at(folder, clock=lambda: NOW)
    desk.remove_officer(REVIEWER)
    with pytest.raises(StoreError, match="needs a lead"):
        desk.remove_officer(LEAD)
    desk.close()
    with pytest.raises(StoreError, match="Nobody called"):
        at(folder, REVIEWER)


def test_a_wrong_passphrase_opens_nothing(folder: Path) -> None:
    wrong = "of somebody"
    with pytest.raises(WrongPassphraseError):
        Desk.open(folder, officer=LEAD, passphrase=wrong, clock=lambda: NOW)
