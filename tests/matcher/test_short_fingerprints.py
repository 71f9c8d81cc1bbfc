"""A check by the fingerprints beside PDQ: only where a policy asks and a list has them, and never silently not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from foreseal_matcher import (
    Bytes,
    Clear,
    Held,
    ListSet,
    Looks,
    Match,
    Mode,
    OnFailure,
    Policy,
    Reason,
    Unreadable,
    decide,
    screen,
)
from foreseal_matcher.decode import first_looks
from foreseal_matcher.fingerprints.known import FINGERPRINTS, LISTABLE
from foreseal_matcher.fingerprints.pdq import distance, pdq
from foreseal_matcher.lists import from_picture
from foreseal_matcher.lists.crops import SHARES, crops_of
from foreseal_matcher.lists.kinds import KINDS
from sample_lists import TODAY, build
from sample_pictures import encoded, picture

LISTED = encoded(picture(1, 400, 300), "PNG")
COPY = encoded(picture(1, 400, 300).resize((300, 225)), "JPEG")
STRANGER = encoded(picture(2, 400, 300), "PNG")


@pytest.fixture
def lists(tmp_path: Path) -> ListSet:
    """A list that knows one picture by its short fingerprints alone."""
    rows = from_picture(LISTED, 7, category="c", source="s", fingerprints=LISTABLE)
    build(tmp_path / "list", [row for row in rows if row.entry.algorithm in LISTABLE])
    return ListSet.open([tmp_path / "list"], TODAY)


@pytest.mark.parametrize("name", LISTABLE)
def test_a_copy_is_found_by_each_of_them_and_the_verdict_says_which_and_its_limit(lists: ListSet, name: str) -> None:
    found = screen(Bytes(COPY), lists, fingerprints=[name]).verdict
    assert isinstance(found, Match)
    assert (found.entry.id, found.entry.algorithm, found.limit) == (7, name, FINGERPRINTS[name].limit)
    assert found.distance <= found.limit == KINDS[name].limit


def test_without_being_asked_no_check_consults_them(lists: ListSet) -> None:
    assert screen(Bytes(COPY), lists, Looks.FULL).verdict == Clear()
    assert Policy(Mode.HOLD, OnFailure.CLOSED).fingerprints == frozenset()


def test_a_stranger_is_clear(lists: ListSet) -> None:
    assert screen(Bytes(STRANGER), lists, fingerprints=LISTABLE).verdict == Clear()


def test_a_featureless_picture_is_not_compared_by_them_either(lists: ListSet) -> None:
    from PIL import Image

    flat = Bytes(encoded(Image.new("RGB", (80, 80), "teal"), "PNG"))
    assert screen(flat, lists, fingerprints=LISTABLE).verdict == Clear((Reason.FEATURELESS,))


def test_what_computes_them_being_absent_is_unreadable_and_not_clear(
    lists: ListSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "imagehash", None)
    found = screen(Bytes(COPY), lists, fingerprints=["phash"]).verdict
    assert isinstance(found, Unreadable)
    assert found.reason is Reason.FINGERPRINT_ABSENT
    assert "foreseal[client]" in found.detail


def test_where_no_list_has_them_nothing_of_them_is_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imagehash", None)
    build(tmp_path / "pdq", from_picture(LISTED, 1, category="c", source="s"))
    lists = ListSet.open([tmp_path / "pdq"], TODAY)
    assert screen(Bytes(STRANGER), lists, fingerprints=LISTABLE).verdict == Clear()


@pytest.mark.parametrize("mode", [Mode.WARN, Mode.HOLD])
def test_a_policy_refuses_what_was_screened_without_its_fingerprints(lists: ListSet, mode: Mode) -> None:
    policy = Policy(mode, OnFailure.CLOSED, fingerprints=frozenset({"dhash", "phash"}))
    with pytest.raises(ValueError, match="phash"):
        decide(screen(Bytes(COPY), lists, policy.looks, ["dhash"]), policy)
    assert isinstance(decide(screen(Bytes(COPY), lists, policy.looks, LISTABLE), policy), Held)


@pytest.mark.parametrize("name", ["pdq", "crop-resistant", "sha256", "neural"])
def test_a_policy_can_ask_for_nothing_that_a_list_cannot_hold_beside_pdq(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Policy(Mode.HOLD, OnFailure.OPEN, fingerprints=frozenset({name}))


def test_two_policies_together_ask_for_what_either_asks_for() -> None:
    one, other = (Policy(Mode.HOLD, OnFailure.OPEN, fingerprints=frozenset({name})) for name in ("ahash", "phash"))
    assert Policy.tightest(one, other).fingerprints == {"ahash", "phash"}


def test_a_listed_picture_has_all_its_hashes_under_one_id_and_none_twice() -> None:
    rows = from_picture(LISTED, 3, category="c", source="s", fingerprints=LISTABLE, crops=True)
    assert {row.entry.id for row in rows} == {3}
    assert [row.entry.algorithm for row in rows[:6]] == ["sha256", "pdq", *LISTABLE]
    assert len({(row.entry.algorithm, row.value) for row in rows}) == len(rows) == 6 + 9 * len(SHARES)


@pytest.mark.parametrize(
    "box",
    [
        (20, 15, 380, 285),
        (10, 7, 390, 293),
        (40, 0, 400, 300),
        (0, 0, 380, 300),
        (0, 30, 400, 300),
        (0, 0, 360, 270),
        (20, 15, 400, 300),
    ],
)
def test_the_listed_parts_are_those_that_a_crop_leaves(box: tuple[int, int, int, int]) -> None:
    (whole,) = first_looks(LISTED)
    (left,) = first_looks(encoded(picture(1, 400, 300).crop(box), "PNG"))
    wanted = pdq(left.luma, left.full).bits
    assert min(distance(part.bits, wanted) for part in crops_of(whole)) <= 16


def test_a_cropped_copy_is_found_by_its_listed_part_where_the_whole_alone_does_not_reach(tmp_path: Path) -> None:
    copy = Bytes(encoded(picture(1, 400, 300).crop((40, 30, 400, 300)), "JPEG"))
    for crops, kind in ((False, Clear), (True, Match)):
        build(tmp_path / f"{crops}", from_picture(LISTED, 1, category="c", source="s", crops=crops))
        assert isinstance(screen(copy, ListSet.open([tmp_path / f"{crops}"], TODAY)).verdict, kind)


def test_a_featureless_picture_lists_its_digest_alone() -> None:
    from PIL import Image

    flat = encoded(Image.new("RGB", (80, 80), "teal"), "PNG")
    rows = from_picture(flat, 1, category="c", source="s", fingerprints=LISTABLE, crops=True)
    assert [row.entry.algorithm for row in rows] == ["sha256"]
