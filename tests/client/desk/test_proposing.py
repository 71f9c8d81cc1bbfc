"""What becomes of a case: two people agreed, and it is listed; what is taken back or appealed is not, or comes off."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

import msgspec
import pytest

from desk_letters import Answering, handed
from desk_stage import NOW, agree, at
from foreseal_client.desk.cases import State
from foreseal_client.desk.intake import Outcome, take
from foreseal_client.desk.listing import Proposal, propose
from foreseal_client.desk.room import Desk
from foreseal_client.desk.rules import Denied, Voice
from foreseal_client.desk.tips import tip_file, tip_link
from foreseal_client.reporting import own_picture
from foreseal_client.reports.said import Appeal, Category, TakenBack, TipOff
from foreseal_matcher.lists import HashList, Purpose
from reported import Sent
from sample_pictures import encoded, picture


def proposed(desk: Desk, folder: Path) -> Proposal | Denied | str:
    return propose(desk, folder / "listed", name="desk", purpose=Purpose.SYNTHETIC)


async def test_what_is_taken_back_before_it_is_proposed_is_not_listed(desk: Desk, folder: Path) -> None:
    number = secrets.token_bytes(16)
    outcome = await take(
        handed(desk, TipOff(Category.OTHER, "", "https://x.example"), number=number), desk, Answering(Sent())
    )
    assert await take(handed(desk, TakenBack(bytes(16))), desk, Answering(Sent())) == Outcome(refused="unknown-number")
    assert await take(handed(desk, TakenBack(number)), desk, Answering(Sent())) == outcome
    assert desk.vote(outcome.case or 0, Voice.AGREE) is Denied.SETTLED


async def test_a_picture_of_oneself_is_listed_without_being_handed_over_and_comes_off_when_taken_back(
    desk: Desk, folder: Path, tmp_path: Path
) -> None:
    data, number, listed = encoded(picture(51), "PNG"), secrets.token_bytes(16), tmp_path / "listed"
    outcome = await take(handed(desk, own_picture(data, "it is me"), number=number), desk, Answering(Sent()))
    case = outcome.case or 0
    desk.close()
    agree(folder, case, clock=lambda: NOW)
    opened = at(folder, clock=lambda: NOW)
    made = proposed(opened, tmp_path)
    assert isinstance(made, Proposal)
    (said,) = [value for kind, value in own_picture(data, "").fingerprints if kind == "sha256"]
    assert HashList.of_any_age(listed).find_exact(said, "sha256") is not None
    assert await take(handed(opened, TakenBack(number)), opened, Answering(Sent())) == outcome
    assert isinstance(proposed(opened, tmp_path), Proposal)
    assert HashList.of_any_age(listed).find_exact(said, "sha256") is None
    found = opened.tables.case(case)
    assert found is not None
    assert found.state is State.WITHDRAWN
    opened.close()


async def test_what_two_people_agreed_on_is_not_taken_off_by_whoever_reported_it_first(
    desk: Desk, folder: Path, tmp_path: Path
) -> None:
    number = secrets.token_bytes(16)
    outcome = await take(
        handed(desk, TipOff(Category.OTHER, "", "https://x.example"), number=number), desk, Answering(Sent())
    )
    desk.close()
    agree(folder, outcome.case or 0, clock=lambda: NOW)
    opened = at(folder, clock=lambda: NOW)
    for state in (State.CONFIRMED, State.PROPOSED):
        if state is State.PROPOSED:
            assert isinstance(proposed(opened, tmp_path), Proposal)
        refused = await take(handed(opened, TakenBack(number)), opened, Answering(Sent()))
        assert refused == Outcome(refused="agreed-already")
        found = opened.tables.case(outcome.case or 0)
        assert found is not None
        assert found.state is state
    opened.close()


@pytest.mark.parametrize("swap", ["file", "content", "link"])
def test_what_was_put_in_the_place_of_what_two_people_saw_is_not_proposed(
    folder: Path, tmp_path: Path, swap: str
) -> None:
    """By somebody who writes into the tables and the folder after the votes."""
    seen, poster = tmp_path / "seen.png", tmp_path / "poster.png"
    seen.write_bytes(encoded(picture(61), "PNG"))
    poster.write_bytes(encoded(picture(62), "PNG"))
    desk = at(folder, clock=lambda: NOW)
    case = tip_link(desk, "https://x.example", Category.OTHER) if swap == "link" else tip_file(
        desk, seen, Category.OTHER)  # fmt: skip
    other = tip_file(desk, poster, Category.OTHER)
    desk.close()
    agree(folder, case, clock=lambda: NOW)
    desk = at(folder, clock=lambda: NOW)
    tables = desk.tables
    with tables.transaction():
        if swap == "link":
            said = msgspec.msgpack.encode(TipOff(Category.OTHER, "", "https://library.example"))
            tables._db.run("UPDATE cases SET said = ? WHERE id = ?", said, case)
        elif swap == "file":
            tables._db.run('DELETE FROM files WHERE "case" = ?', case)
            tables._db.run('UPDATE files SET "case" = ? WHERE "case" = ?', case, other)
        else:
            (row,) = tables._db.rows('SELECT path, key FROM files WHERE "case" = ?', other)
            tables._db.run('DELETE FROM files WHERE "case" = ?', other)
            tables._db.run('UPDATE files SET path = ?, key = ? WHERE "case" = ?', *row, case)
    made = proposed(desk, tmp_path)
    desk.close()
    assert isinstance(made, str), made
    assert not (tmp_path / "listed").exists()
    assert ("not the file that was voted on" in made) == (swap == "content")


async def test_an_appeal_about_another_list_takes_nothing_off_this_one(folder: Path, tmp_path: Path) -> None:
    desk = at(folder, clock=lambda: NOW)
    link = tip_link(desk, "https://x.example/page", Category.OTHER)
    desk.close()
    agree(folder, link, clock=lambda: NOW)
    desk = at(folder, clock=lambda: NOW)
    made = proposed(desk, tmp_path)
    assert isinstance(made, Proposal)
    (entry,) = made.added
    elsewhere = await take(handed(desk, Appeal("wrong", "", "another", "1", entry)), desk, Answering(Sent()))
    desk.close()
    agree(folder, elsewhere.case or 0, clock=lambda: NOW)
    desk = at(folder, clock=lambda: NOW)
    told = proposed(desk, tmp_path)
    assert isinstance(told, str)
    assert "another list (another)" in told
    desk.close()
    assert HashList.of_any_age(tmp_path / "listed").entries == 1


def test_an_id_that_was_withdrawn_and_forgotten_is_not_given_to_another_entry(folder: Path, tmp_path: Path) -> None:
    given: list[int] = []
    for address in ("https://one.example/a", "https://two.example/b"):
        desk = at(folder, clock=lambda: NOW)
        case = tip_link(desk, address, Category.OTHER)
        desk.close()
        agree(folder, case, clock=lambda: NOW)
        desk = at(folder, clock=lambda: NOW)
        made = proposed(desk, tmp_path)
        desk.close()
        assert isinstance(made, Proposal)
        given += made.added
        shutil.rmtree(tmp_path / "listed")  # as after a compaction that keeps no records, of a list with one entry
    assert given == [1, 2]


def test_one_officer_alone_lists_nothing_even_by_writing_into_the_tables(desk: Desk, tmp_path: Path) -> None:
    case = tip_link(desk, "https://x.example", Category.OTHER)
    desk.vote(case, Voice.AGREE)
    with desk.tables.transaction():
        desk.tables.move(case, State.CONFIRMED, Category.OTHER, decided=NOW)
    made = proposed(desk, tmp_path)
    assert isinstance(made, str)
    assert not (tmp_path / "listed").exists()


def test_a_file_of_which_nothing_can_be_listed_is_left_out_by_name(folder: Path, tmp_path: Path) -> None:
    plain = tmp_path / "notes.txt"
    plain.write_text("nothing to see")
    desk = at(folder, clock=lambda: NOW)
    case = tip_file(desk, plain, Category.OTHER)
    link = tip_link(desk, "https://x.example/page", Category.OTHER)
    desk.close()
    for one in (case, link):
        agree(folder, one, clock=lambda: NOW)
    desk = at(folder, clock=lambda: NOW)
    made = proposed(desk, tmp_path)
    desk.close()
    assert isinstance(made, Proposal)
    assert [left for left, _ in made.left_out] == [case]
    assert len(made.added) == 1


async def test_an_appeal_about_an_entry_that_is_gone_proposes_nothing(desk: Desk, folder: Path, tmp_path: Path) -> None:
    outcome = await take(handed(desk, Appeal("wrongly-listed", "", "desk", "1", 77)), desk, Answering(Sent()))
    desk.close()
    agree(folder, outcome.case or 0, clock=lambda: NOW)
    opened = at(folder, clock=lambda: NOW)
    assert isinstance(proposed(opened, tmp_path), str)
    opened.close()
