"""One content to one verdict, bound to it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
from PIL import Image

from foreseal_matcher import Bytes, Clear, Item, ListSet, Match, Reason, Unreadable, Verdict, screen
from foreseal_matcher.content import MAX_PICTURE_BYTES
from foreseal_matcher.fingerprints.pdq import MATCH_AT
from foreseal_matcher.lists import Purpose, build_list, from_picture
from sample_lists import nothing_listed
from sample_pictures import animated, encoded, picture

TODAY = date(2026, 11, 22)
STRANGER = encoded(picture(1, 200, 150), "JPEG")
DAMAGED = STRANGER[:1000]


@dataclass(frozen=True)
class Letter:
    items: Sequence[Item]
    digest: bytes = bytes(32)
    text: str = ""


@dataclass(frozen=True)
class Shifting:
    """An item that gives other bytes than its digest says."""

    name: str = "holiday.jpg"
    size: int = 10
    sha256: bytes = hashlib.sha256(b"before").digest()

    def open(self) -> BinaryIO:
        return io.BytesIO(STRANGER)


@dataclass(frozen=True)
class Gone(Shifting):
    """An item whose bytes cannot be had."""

    def open(self) -> BinaryIO:
        raise FileNotFoundError(2, "No such file or directory")


class Unplugged(io.BytesIO):
    """A reader that fails at its n-th read, as a stick does that is pulled out."""

    def __init__(self, fault: OSError, reads: int) -> None:
        super().__init__(bytes(3 * 1024 * 1024))
        self._fault = fault
        self._reads = reads

    def read(self, size: int | None = -1) -> bytes:
        self._reads -= 1
        if self._reads < 0:
            raise self._fault
        return super().read(size)


class SpoolLost(OSError):
    """A fault as somebody else's item may raise it: an `OSError` with a text and no number."""


@dataclass(frozen=True)
class Failing(Shifting):
    """An item that fails with `fault` when it is opened, or after so many reads."""

    fault: OSError = field(default_factory=OSError)
    reads: int | None = None

    def open(self) -> BinaryIO:
        if self.reads is None:
            raise self.fault
        return Unplugged(self.fault, self.reads)


def verdict_on(lists: ListSet, *files: bytes) -> Verdict:
    return screen(Letter([Bytes(file, f"{at}.jpg") for at, file in enumerate(files)]), lists).verdict


def test_an_exact_copy_matches_by_its_digest(lists: ListSet, listed_file: bytes) -> None:
    verdict = verdict_on(lists, listed_file)
    assert isinstance(verdict, Match)
    assert (verdict.entry.algorithm, verdict.distance, verdict.look) == ("sha256", 0, "exact")
    assert (verdict.list_name, verdict.list_version) == ("test-list", "1")


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "GIF"])
def test_a_resized_copy_in_another_format_matches_by_its_fingerprint(lists: ListSet, kind: str) -> None:
    verdict = verdict_on(lists, encoded(picture(100, 400, 300).resize((333, 250)), kind))
    assert isinstance(verdict, Match)
    assert verdict.entry.algorithm == "pdq"
    assert verdict.distance <= verdict.limit == MATCH_AT


def test_a_stranger_is_clear_without_limits(lists: ListSet) -> None:
    assert verdict_on(lists, STRANGER) == Clear()


def test_a_listed_frame_is_found_in_the_middle_of_an_animation(lists: ListSet) -> None:
    frames = [picture(seed, 200, 150) for seed in (1, 2, 100, 3)]
    verdict = verdict_on(lists, animated(frames, "WEBP"))
    assert isinstance(verdict, Match)
    assert verdict.look == "frame 3, plain"


def test_a_file_of_another_kind_matches_by_its_digest_alone(tmp_path: Path) -> None:
    from foreseal_matcher.lists import ListedHash
    from foreseal_matcher.verdict import Entry

    data = b"%PDF-1.7 a listed paper"
    line = ListedHash(Entry(9, "sha256", "example", "tests"), hashlib.sha256(data).digest())
    build_list(tmp_path, [line], name="papers", version="1", made=TODAY, purpose=Purpose.SYNTHETIC)
    papers = ListSet.open([tmp_path], TODAY)
    assert isinstance(screen(Bytes(data, "paper.pdf"), papers).verdict, Match)
    assert screen(Bytes(data + b"!", "paper.pdf"), papers).verdict == Clear((Reason.OTHER_KIND,))


def test_a_match_wins_over_what_could_not_be_read_which_wins_over_clear(lists: ListSet, listed_file: bytes) -> None:
    matched = verdict_on(lists, STRANGER, DAMAGED, listed_file)
    assert isinstance(matched, Match)
    assert matched.item == 2
    unreadable = verdict_on(lists, STRANGER, DAMAGED, STRANGER)
    assert isinstance(unreadable, Unreadable)
    assert unreadable.item == 1


def test_the_limits_of_all_items_are_said_once(lists: ListSet) -> None:
    flat = encoded(Image.new("RGB", (99, 99)), "PNG")
    letter = Letter([Bytes(flat, "a.png"), Bytes(b"text", "a.txt"), Bytes(flat, "b.png"), Bytes(STRANGER)])
    assert screen(letter, lists).verdict == Clear((Reason.FEATURELESS, Reason.OTHER_KIND))


def test_an_item_that_changed_since_it_was_hashed_is_unreadable(lists: ListSet) -> None:
    verdict = screen(Letter([Shifting()]), lists).verdict
    assert isinstance(verdict, Unreadable)
    assert verdict.reason is Reason.CHANGED


def test_an_item_that_cannot_be_read_again_is_unreadable(lists: ListSet) -> None:
    verdict = screen(Letter([Gone()]), lists).verdict
    assert isinstance(verdict, Unreadable)
    assert verdict.reason is Reason.CHANGED


@pytest.mark.parametrize("reads", [None, 0, 2], ids=["opening", "first read", "third read"])
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (PermissionError(13, "Permission denied", "/private/holiday.jpg"), "Permission denied"),
        (BlockingIOError(11, "Resource temporarily unavailable"), "Resource temporarily unavailable"),
        (SpoolLost("the spool ended early"), "the spool ended early"),
        (OSError(), ""),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_keeps_an_item_from_being_read_makes_it_unreadable(
    lists: ListSet, listed_file: bytes, fault: OSError, said: str, reads: int | None
) -> None:
    letter = Letter([Bytes(STRANGER), Failing(fault=fault, reads=reads)])
    assert screen(letter, lists).verdict == Unreadable(Reason.CHANGED, f"it could not be read again: {said}", 1)
    # A match elsewhere still wins: one unreadable item must not cover another.
    assert isinstance(screen(Letter([*letter.items, Bytes(listed_file)]), lists).verdict, Match)


def test_an_exact_copy_matches_even_where_it_could_not_be_decoded(tmp_path: Path) -> None:
    from foreseal_matcher.lists import ListedHash
    from foreseal_matcher.verdict import Entry

    line = ListedHash(Entry(1, "sha256", "example", "tests"), hashlib.sha256(DAMAGED).digest())
    build_list(tmp_path, [line], name="n", version="1", made=TODAY, purpose=Purpose.SYNTHETIC)
    assert isinstance(verdict_on(ListSet.open([tmp_path], TODAY), DAMAGED), Match)


def test_a_large_file_of_another_kind_is_hashed_to_its_end() -> None:
    data = bytes(MAX_PICTURE_BYTES + 5)
    assert screen(Bytes(data, "film.bin"), nothing_listed()).verdict == Clear((Reason.OTHER_KIND,))


def test_without_a_list_nothing_is_clear() -> None:
    verdict = verdict_on(ListSet.empty(), STRANGER)
    assert isinstance(verdict, Unreadable)
    assert verdict.reason is Reason.LIST_ABSENT


def test_content_without_items_is_clear_whatever_the_lists() -> None:
    assert verdict_on(ListSet.empty()) == Clear()


def test_beside_a_bad_list_the_good_one_still_matches_and_nothing_else_is_clear(
    list_folder: Path, listed_file: bytes, tmp_path: Path
) -> None:
    both = ListSet.open([tmp_path / "absent", list_folder], TODAY)
    assert isinstance(verdict_on(both, listed_file), Match)
    assert verdict_on(both, STRANGER) == Unreadable(Reason.LIST_ABSENT, "no list.json there")


def test_a_stale_list_makes_the_check_unreadable(list_folder: Path) -> None:
    later = ListSet.open([list_folder], TODAY + timedelta(days=366))
    verdict = verdict_on(later, STRANGER)
    assert isinstance(verdict, Unreadable)
    assert verdict.reason is Reason.LIST_STALE


def test_the_verdict_is_bound_to_the_content_and_its_digest(lists: ListSet) -> None:
    content = Bytes(STRANGER)
    screened = screen(content, lists)
    assert screened.content is content
    assert screened.digest == hashlib.sha256(STRANGER).digest()


def test_a_featureless_picture_is_listed_by_its_digest_alone() -> None:
    flat = encoded(Image.new("RGB", (99, 99)), "PNG")
    assert [line.entry.algorithm for line in from_picture(flat, 1, category="c", source="s")] == ["sha256"]
