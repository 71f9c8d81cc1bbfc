"""A film is found by what it shows: copies, clips, films that hold it; and others are not."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from foreseal_matcher import Bytes, Clear, ListSet, Looks, Match, Overlap, Reason, Unreadable, Verdict, screen
from foreseal_matcher.fingerprints.film import PRUNED_AT, FilmPrint, compared, film_print
from foreseal_matcher.fingerprints.pdq import Pdq
from foreseal_matcher.lists import ListedHash, from_file, from_picture
from foreseal_matcher.overlap import ENOUGH, MATCH_SHARE
from sample_films import RATE, Frame, edited, encoded_film, film, frames, sound
from sample_lists import TODAY, build
from sample_pictures import animated, encoded, picture

LISTED, STRANGER = 1, 2
ID = 7


def entry(data: bytes, id: int = ID) -> list[ListedHash]:
    return from_file(data, id, category="example", source="tests")


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> ListSet:
    """A list of one film of six scenes, and of a picture that nothing here shows."""
    folder = tmp_path_factory.mktemp("films")
    build(folder, [*entry(film(LISTED)), *entry(encoded(picture(900), "PNG"), 8)])
    return ListSet.open([folder], TODAY)


def verdict(data: bytes, lists: ListSet, looks: Looks = Looks.QUICK, name: str = "film.mp4") -> Verdict:
    return screen(Bytes(data, name), lists, looks).verdict


def overlap(data: bytes, lists: ListSet, looks: Looks = Looks.QUICK) -> Overlap:
    found = verdict(data, lists, looks)
    assert isinstance(found, Match)
    assert (found.entry.id, found.entry.algorithm, found.look) == (ID, "film", "film")
    assert found.distance <= found.limit
    assert found.overlap is not None
    return found.overlap


def test_the_same_file_is_an_exact_copy_and_needs_no_decoding(lists: ListSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    found = verdict(film(LISTED), lists)
    assert isinstance(found, Match)
    assert found.look == "exact"


@pytest.mark.parametrize(("kind", "codec"), [("webm", "libvpx"), ("matroska", "libx264"), ("avi", "mpeg4")])
def test_a_film_saved_otherwise_is_found_whole(lists: ListSet, kind: str, codec: str) -> None:
    assert overlap(film(LISTED, kind=kind, codec=codec), lists) == Overlap(6, 6, 6, 6)


def half_as_large(one: Frame) -> Frame:
    return one[::2, ::2]


def grey(one: Frame) -> Frame:
    return np.repeat((one @ [[0.299], [0.587], [0.114]]).astype(np.uint8), 3, axis=2)


def letterboxed(one: Frame) -> Frame:
    return np.pad(one, ((20, 20), (0, 0), (0, 0)))


@pytest.mark.parametrize("change", [half_as_large, grey, np.fliplr, letterboxed])
def test_a_film_changed_as_people_change_films_is_found_with_the_quick_looks(lists: ListSet, change: object) -> None:
    assert callable(change)
    common = overlap(edited(LISTED, change), lists)
    assert common.share >= MATCH_SHARE
    assert common.listed_share >= MATCH_SHARE


def test_a_mirrored_film_is_not_found_with_the_plain_look(lists: ListSet) -> None:
    assert verdict(edited(LISTED, np.fliplr), lists, Looks.PLAIN) == Clear()


def test_a_clip_of_a_listed_film_is_found_by_its_own_share(lists: ListSet) -> None:
    common = overlap(encoded_film(frames(LISTED)[RATE * 2 : RATE * 5]), lists)
    assert (common.matched, common.parts) == (3, 3)
    assert common.listed_share < MATCH_SHARE


def test_a_listed_film_within_a_longer_one_is_found_by_the_listed_share(lists: ListSet) -> None:
    common = overlap(encoded_film([*frames(3, 4), *frames(LISTED), *frames(4, 4)]), lists)
    assert (common.covered, common.listed) == (6, 6)
    assert common.share < MATCH_SHARE


def test_a_film_shown_at_another_rate_is_found(lists: ListSet) -> None:
    assert overlap(encoded_film(frames(LISTED, rate=24), rate=24), lists).listed_share == 1


def test_another_film_is_clear(lists: ListSet) -> None:
    assert verdict(film(STRANGER), lists) == Clear()


def test_two_films_that_share_a_title_are_two(lists: ListSet) -> None:
    assert verdict(encoded_film([*frames(LISTED)[: 2 * RATE], *frames(STRANGER, 4)]), lists) == Clear()


def test_a_single_frame_of_a_listed_film_is_no_match(lists: ListSet) -> None:
    still = Image.fromarray(frames(LISTED)[0])
    assert verdict(encoded(still, "PNG"), lists, name="still.png") == Clear()
    assert verdict(encoded_film([frames(LISTED)[0]] * 3 * RATE), lists) == Clear()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_made_of_a_listed_film_is_found(lists: ListSet, kind: str) -> None:
    stills = [Image.fromarray(one) for one in frames(LISTED)[:: RATE // 2]]
    common = overlap(animated(stills, kind, duration=500), lists)
    assert common.listed_share >= MATCH_SHARE


def test_a_film_made_of_a_listed_animation_is_found(tmp_path: Path) -> None:
    stills = [Image.fromarray(one) for one in frames(LISTED)[:: RATE // 2]]
    # Without its first frame, which is listed as a picture too.
    build(tmp_path, [one for one in entry(animated(stills, "GIF", duration=500)) if one.entry.algorithm == "film"])
    assert overlap(film(LISTED), ListSet.open([tmp_path], TODAY)).share == 1


def test_an_animation_that_goes_on_for_too_long_is_found_by_what_is_looked_at(lists: ListSet) -> None:
    strange = [picture(50 + at, 64, 48) for at in range(40)]
    stills = [Image.fromarray(one).resize((64, 48)) for one in frames(LISTED)[:: RATE // 5]]
    assert overlap(animated([*stills, *strange[:10]], "GIF", duration=200), lists).listed_share >= MATCH_SHARE
    assert isinstance(found := verdict(animated(strange, "GIF", duration=200), lists), Unreadable)
    assert found.reason is Reason.TOO_MANY_FRAMES


def test_a_listed_picture_shown_within_a_film_is_found_and_when(tmp_path: Path) -> None:
    shown = Image.fromarray(frames(LISTED)[3 * RATE])
    build(tmp_path, from_picture(encoded(shown, "PNG"), ID, category="example", source="tests"))
    found = verdict(film(LISTED), ListSet.open([tmp_path], TODAY))
    assert isinstance(found, Match)
    assert (found.entry.algorithm, found.look, found.overlap) == ("pdq", "at 0:03", None)


def test_what_matched_before_the_damage_is_a_match_and_what_did_not_is_unreadable(lists: ListSet) -> None:
    for seed, kind in ((LISTED, Match), (STRANGER, Unreadable)):
        data = bytearray(film(seed, kind="matroska", codec="ffv1"))
        at = len(data) - 40_000
        data[at : at + 2816] = bytes(range(256)) * 11
        assert isinstance(verdict(bytes(data), lists), kind)


def test_sound_alone_is_a_file_of_another_kind(lists: ListSet) -> None:
    assert verdict(sound(), lists, name="voice.m4a") == Clear((Reason.OTHER_KIND,))


def test_a_film_too_dark_to_tell_says_so(lists: ListSet) -> None:
    dark = [np.full((120, 160, 3), 9, dtype=np.uint8)] * 20
    assert verdict(encoded_film(dark), lists) == Clear((Reason.FEATURELESS,))


def test_a_film_is_unreadable_and_never_clear_where_films_cannot_be_decoded(
    lists: ListSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    found = verdict(film(STRANGER), lists, name="holiday")
    assert isinstance(found, Unreadable)
    assert found.reason is Reason.FILMS_UNCHECKED


def test_a_name_that_says_film_over_bytes_that_are_none_is_unreadable(lists: ListSet) -> None:
    found = verdict(b"nothing of the kind", lists, name="film.mp4")
    assert isinstance(found, Unreadable)
    assert found.reason is Reason.NOT_A_FILM


def test_a_film_with_too_little_in_it_is_listed_as_an_exact_copy_alone() -> None:
    dark = encoded_film([np.full((120, 160, 3), 9, dtype=np.uint8)] * 20)
    assert [one.entry.algorithm for one in entry(dark)] == ["sha256"]


def test_the_frames_of_a_listed_film_share_its_id_and_say_when_they_are_shown() -> None:
    rows = entry(film(LISTED))
    assert {one.entry.id for one in rows} == {ID}
    assert [one.time_ms for one in rows if one.entry.algorithm == "film"] == [0, 1000, 2000, 3000, 4000, 5000]


def test_a_scene_that_stands_still_counts_once() -> None:
    near = (1 << PRUNED_AT) - 1
    shown = [(Pdq(bits.to_bytes(32), 100), 1000 * at) for at, bits in enumerate([0, near, 0, 2 * near + 1, 0])]
    assert [frame.time_ms for frame in film_print(shown).frames] == [0, 3000, 4000]


def test_frames_with_too_little_in_them_are_left_out() -> None:
    assert film_print([(Pdq(bytes(32), 49), 0)]) == FilmPrint((), 1, 0)


overlaps = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)).map(
    lambda four: Overlap(min(four[:2]), max(four[:2]), min(four[2:]), max(four[2:]))
)


@given(overlaps)
def test_a_match_is_nearly_all_of_either_film_or_of_both_where_there_is_little(common: Overlap) -> None:
    shares = common.share, common.listed_share
    if common.resembles:
        assert max(shares) >= MATCH_SHARE
        assert min(common.matched, common.covered) >= ENOUGH or min(shares) >= MATCH_SHARE
    else:
        assert min(shares) < MATCH_SHARE


def test_films_without_a_frame_that_counts_have_nothing_in_common() -> None:
    nothing = FilmPrint((), 10, 1000)
    assert compared(nothing, nothing) == Overlap(0, 0, 0, 0)
    assert not compared(nothing, nothing).resembles


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 100), st.integers(1, 30))
def test_a_film_sampled_thinly_is_found_whole_in_its_list_entry(seconds: int, apart: int) -> None:
    def shown(every: int) -> FilmPrint:
        # Each second has a fingerprint of its own, far from all others.
        pdqs = ((at, Pdq((pow(3, at + 1, 2**255 - 19)).to_bytes(32), 100)) for at in range(0, seconds, every))
        return film_print((pdq, 1000 * at) for at, pdq in pdqs)

    common = compared(shown(apart), shown(1))
    assert common.share == common.listed_share == 1
