"""Passes over a JPEG's picture: counted where a decoder meets them, and nowhere else."""

from __future__ import annotations

import random

import pytest

from foreseal_matcher import Bytes, Clear, ListSet, Match, Reason, Unreadable, Verdict, screen
from foreseal_matcher.content import MAX_SCANS, MAX_SEGMENTS
from foreseal_matcher.errors import Undecodable
from foreseal_matcher.jpeg import passes
from sample_lists import nothing_listed
from sample_pictures import animated, encoded, picture

NOTHING_LISTED = nothing_listed()
ONE_PASS = encoded(picture(1, 96, 64), "JPEG")
TEN_PASSES = encoded(picture(1, 96, 64), "JPEG", progressive=True)
SCAN = b"\xff\xda"
FILM = random.Random(1).randbytes(12_000_000)
"""As long as the film behind a motion photo, and as unlike a JPEG."""


def verdict_on(data: bytes) -> Verdict:
    return screen(Bytes(data, "holiday.jpg"), NOTHING_LISTED).verdict


def reason_for(data: bytes) -> Reason:
    verdict = verdict_on(data)
    assert isinstance(verdict, Unreadable)
    return verdict.reason


def repeated(file: bytes, times: int, between: bytes = b"") -> bytes:
    """A progressive JPEG whose last pass comes so many times more, with something in front of each."""
    last = file.rindex(SCAN)
    return file[:-2] + (between + file[last:-2]) * times + file[-2:]


def behind_start(file: bytes, segment: bytes) -> bytes:
    """A JPEG with another segment at its beginning."""
    return file[:2] + segment + file[2:]


def test_a_motion_photo_is_looked_at_whatever_its_film_holds() -> None:
    assert FILM.count(SCAN) > MAX_SCANS
    assert verdict_on(ONE_PASS + FILM) == Clear()
    assert verdict_on(TEN_PASSES + FILM) == Clear()


def test_a_listed_picture_is_found_in_front_of_a_film(lists: ListSet) -> None:
    listed = encoded(picture(100, 400, 300), "JPEG")
    assert isinstance(screen(Bytes(listed + FILM), lists).verdict, Match)


def test_a_film_in_front_of_the_end_of_the_picture_hides_no_pass() -> None:
    with pytest.raises(Undecodable, match="passes"):
        passes(repeated(TEN_PASSES, MAX_SCANS) + FILM)


def test_as_many_passes_as_are_allowed_are_looked_at_and_one_more_is_refused() -> None:
    assert passes(TEN_PASSES) == 10
    assert verdict_on(repeated(TEN_PASSES, MAX_SCANS - 10)) == Clear()
    assert verdict_on(repeated(TEN_PASSES, MAX_SCANS - 9)) == Unreadable(
        Reason.DAMAGED, f"more than {MAX_SCANS} passes over the picture"
    )


def test_a_thumbnail_inside_a_segment_is_not_counted() -> None:
    thumbnail = SCAN * (MAX_SCANS + 1)
    assert passes(behind_start(ONE_PASS, b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail)) == 1


@pytest.mark.parametrize("marker", [0x00, 0x01, 0x05, 0xBF, 0xD0, 0xD7, 0xFF])
def test_no_pass_is_hidden_behind_a_marker_that_has_no_length(marker: int) -> None:
    file = repeated(TEN_PASSES, MAX_SCANS, between=bytes([0xFF, marker, 0x7F, 0xFE]))
    assert isinstance(verdict_on(file), Unreadable)
    with pytest.raises(Undecodable, match="passes"):
        passes(file)


@pytest.mark.parametrize("length", [0, 1])
def test_no_pass_is_hidden_behind_a_length_that_is_too_small(length: int) -> None:
    assert passes(behind_start(TEN_PASSES, b"\xff\xe1" + length.to_bytes(2, "big"))) == 10


@pytest.mark.parametrize("cut", [2, 3, 20, -1, -2, -3])
def test_a_file_that_ends_anywhere_is_counted_to_its_end(cut: int) -> None:
    assert passes(TEN_PASSES[:cut]) <= 10


def test_a_picture_in_very_many_segments_is_refused_before_it_is_opened() -> None:
    comments = b"\xff\xfe\0\2" * MAX_SEGMENTS
    assert verdict_on(behind_start(ONE_PASS, comments)) == Unreadable(
        Reason.DAMAGED, f"more than {MAX_SEGMENTS} segments"
    )


def test_all_pictures_of_one_file_are_looked_at(lists: ListSet) -> None:
    file = animated([picture(1, 96, 64), picture(2, 96, 64), picture(100, 400, 300)], "MPO")
    verdict = screen(Bytes(file, "stereo.jpg"), lists).verdict
    assert isinstance(verdict, Match)
    assert verdict.look == "frame 3, plain"


def test_very_many_passes_over_a_later_picture_of_one_file_are_refused() -> None:
    frames = [picture(1, 96, 64), picture(2, 96, 64)]
    file = encoded(frames[0], "MPO", save_all=True, append_images=frames[1:], progressive=True)
    assert verdict_on(file) == Clear()
    assert verdict_on(repeated(file, MAX_SCANS)) == Unreadable(
        Reason.DAMAGED, f"more than {MAX_SCANS} passes over the picture"
    )


def in_one_pass_for_each_component(file: bytes, times: int) -> bytes:
    """A sequential JPEG whose passes say that they hold one component alone, so many times."""
    at = file.index(SCAN)
    behind = at + 4 + int.from_bytes(file[at + 2 : at + 4], "big") - 2
    alone = SCAN + b"\0\x08\x01\x01\0\0\x3f\0" + file[behind:-2]
    return file[:at] + alone * times + file[-2:]


def test_a_sequential_picture_is_counted_where_its_first_pass_does_not_hold_all_of_it() -> None:
    assert verdict_on(in_one_pass_for_each_component(ONE_PASS, MAX_SCANS + 1)) == Unreadable(
        Reason.DAMAGED, f"more than {MAX_SCANS} passes over the picture"
    )


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_passes_behind_a_picture_whose_first_one_holds_all_of_it_are_damage(mode: str) -> None:
    whole = encoded(picture(1, 96, 64).convert(mode), "JPEG")
    assert verdict_on(whole) == Clear()
    assert reason_for(repeated(whole, 1)) is Reason.DAMAGED
    assert reason_for(repeated(whole, MAX_SCANS + 1)) is Reason.DAMAGED


def test_a_second_frame_header_hides_no_pass() -> None:
    """A sequential one in front of the progressive one, as a decoder never sees them."""
    frame = ONE_PASS.index(b"\xff\xc0")
    lying = behind_start(repeated(TEN_PASSES, MAX_SCANS), ONE_PASS[frame : frame + 19])
    assert verdict_on(lying) == Unreadable(Reason.DAMAGED, f"more than {MAX_SCANS} passes over the picture")
