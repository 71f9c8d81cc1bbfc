"""Films become sampled frames, and a film that is made to break this becomes a reason."""

from __future__ import annotations

import struct
import sys
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foreseal_matcher import Reason, Undecodable
from foreseal_matcher.film_formats import FilmFormat, film_format, named_as_film, other_film
from foreseal_matcher.film_limits import CHECKING, LISTING, Effort
from foreseal_matcher.film_sampling import Pace, Shown
from foreseal_matcher.films import FilmFrame, frames_of, time_shown
from foreseal_matcher.fingerprints.pdq import MATCH_AT, distance, pdq
from sample_films import RATE, SIZE, encoded_film, film, frames, sound
from sample_pictures import pixels

KINDS = [
    ("mp4", "mpeg4"), ("mov", "libx264"), ("matroska", "libx264"), ("webm", "libvpx"), ("avi", "mpeg4"),
    ("mpegts", "mpeg2video"), ("vob", "mpeg2video"), ("mpeg2video", "mpeg2video"),
]  # fmt: skip


def seen(film: bytes, effort: Effort = LISTING) -> list[FilmFrame]:
    return list(frames_of(film, effort))


def refused(film: bytes, effort: Effort = CHECKING) -> tuple[Reason, str]:
    with pytest.raises(Undecodable) as problem:
        seen(film, effort)
    return problem.value.reason, problem.value.detail


def luma_pdq(of: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    luma = np.ascontiguousarray((of @ [0.299, 0.587, 0.114]).astype(np.uint8))
    return pdq(memoryview(luma.tobytes()).cast("B", shape=luma.shape)).bits


@pytest.mark.parametrize(("kind", "codec"), KINDS)
def test_a_frame_a_second_is_seen_as_it_was_filmed(kind: str, codec: str) -> None:
    found = seen(film(1, 3, kind, codec))
    assert [round(frame.time_ms / 1000) for frame in found] == [0, 1, 2]
    for frame, filmed in zip(found, frames(1, 3)[::RATE], strict=True):
        assert frame.full == frame.luma.shape == SIZE[::-1]
        assert distance(pdq(frame.luma, frame.full).bits, luma_pdq(filmed)) <= MATCH_AT


def test_a_large_film_is_reduced_to_no_more_than_a_fingerprint_takes() -> None:
    (frame,) = seen(encoded_film([pixels(1, 1100, 64)] * 2))
    assert frame.full == (64, 1100)
    assert frame.luma.shape == (64, 550)


def test_sound_alone_has_no_frames() -> None:
    assert seen(sound()) == []


def turned(film: bytes, matrix: tuple[int, int, int, int]) -> bytes:
    """The film told to be shown turned, as telephones do it (ISO/IEC 14496-12, 8.3.2)."""
    upright = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    at = film.index(upright, film.index(b"tkhd"))
    a, b, c, d = (one * 0x10000 for one in matrix)
    return film[:at] + struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000) + film[at + 36 :]


@pytest.mark.parametrize(("matrix", "quarters"), [((0, 1, -1, 0), 3), ((-1, 0, 0, -1), 2), ((0, -1, 1, 0), 1)])
def test_a_film_is_seen_the_way_up_that_a_player_shows_it(matrix: tuple[int, int, int, int], quarters: int) -> None:
    frame = seen(turned(film(1, 1), matrix))[0]
    shown = np.rot90(frames(1, 1)[0], quarters)
    assert frame.luma.shape == frame.full == shown.shape[:2]
    assert distance(pdq(frame.luma, frame.full).bits, luma_pdq(shown)) <= MATCH_AT


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x18ftypisom", FilmFormat.MP4),
        (b"\0\0\0\x08moov", FilmFormat.MP4),
        (b"\x1aE\xdf\xa3", FilmFormat.MATROSKA),
        (b"RIFF\0\0\0\0AVI LIST", FilmFormat.AVI),
        (b"\0\0\1\xba", FilmFormat.MPEG_PS),
        ((b"\x47" + bytes(187)) * 4, FilmFormat.MPEG_TS),
        ((bytes(4) + b"\x47" + bytes(187)) * 4, FilmFormat.MPEG_TS),
        ((b"\x47" + bytes(187)) * 3, None),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"OggS", None),
        (b"", None),
    ],
)
def test_what_is_a_film_is_told_by_its_bytes(head: bytes, kind: FilmFormat | None) -> None:
    assert film_format(head) is kind


def test_a_name_is_a_films_by_its_ending_and_a_program_is_none() -> None:
    assert named_as_film("Holiday.MP4")
    assert not named_as_film("index.ts")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", "playlist"),
        (b"OggS" + bytes(30) + b"\x80theora", "Ogg video"),
        (b"FLV\x01\x05", "Flash video"),
    ],
)
def test_a_film_of_another_kind_is_named_and_not_decoded(data: bytes, name: str) -> None:
    assert other_film(data) == name
    assert refused(data) == (Reason.FILM_UNKNOWN, name)


@pytest.mark.parametrize("data", [b"", b"ffconcat version 1.0\nfile /etc/hostname", b"v=0\no=- 0 0 IN IP4 127.0.0.1"])
def test_a_script_for_a_player_is_no_film(data: bytes) -> None:
    assert refused(data)[0] is Reason.NOT_A_FILM


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0\x18ftypisom" + bytes(4000),
        b"\x1aE\xdf\xa3" + bytes(range(256)) * 8,
        b"RIFF\xff\xff\xff\xffAVI LIST" + b"\xff" * 1000,
        b"\0\0\1\xba" + b"\xff" * 1000,
        (b"\x47" + b"\xff" * 187) * 9,
    ],
    ids=["mp4", "matroska", "avi", "mpeg", "mpegts"],
)
def test_a_beginning_with_nothing_after_it_is_damaged_and_never_empty(data: bytes) -> None:
    assert refused(data)[0] is Reason.FILM_DAMAGED


def test_a_film_cut_off_before_its_index_is_damaged() -> None:
    assert refused(film(1)[:-500])[0] is Reason.FILM_DAMAGED


def test_what_was_seen_before_the_damage_is_handed_out_first() -> None:
    data = bytearray(film(1, 4, "matroska", "ffv1"))
    at = len(data) * 2 // 3
    data[at : at + 2816] = bytes(range(256)) * 11
    decoding = frames_of(bytes(data), LISTING)
    assert [next(decoding).time_ms, next(decoding).time_ms] == [0, 1000]
    with pytest.raises(Undecodable) as problem:
        list(decoding)
    assert problem.value.reason is Reason.FILM_DAMAGED


def test_a_film_whose_frames_claim_to_be_enormous_is_refused() -> None:
    data = bytearray(film(1, 1, "mp4", "mjpeg"))
    at = data.find(b"\xff\xc0")
    while at > 0:
        data[at + 5 : at + 9] = struct.pack(">HH", 20000, 30000)
        at = data.find(b"\xff\xc0", at + 1)
    assert refused(bytes(data))[0] is Reason.FILM_DAMAGED


def test_a_film_too_small_to_tell_is_refused() -> None:
    assert refused(encoded_film([pixels(1, 14, 14)] * 3))[0] is Reason.TOO_SMALL


def test_a_film_with_too_many_streams_is_refused() -> None:
    assert refused(encoded_film(frames(1, 1), streams=20))[0] is Reason.FILM_DAMAGED


def test_a_film_encoded_in_a_way_that_nobody_films_is_refused() -> None:
    assert refused(encoded_film(frames(1, 1), "avi", "zmbv")) == (Reason.FILM_UNKNOWN, "encoded as zmbv")


def test_a_film_that_takes_too_long_is_refused() -> None:
    assert refused(film(1), replace(CHECKING, wall=0))[0] is Reason.FILM_TOO_COSTLY


def test_where_films_cannot_be_decoded_they_are_said_to_be_unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = film(1)
    monkeypatch.setitem(sys.modules, "av", None)
    assert refused(data) == (Reason.FILMS_UNCHECKED, "install foreseal[film]")


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=40), st.booleans())
def test_a_film_that_was_tampered_with_gives_frames_or_a_reason(changes: list[tuple[int, int]], cut: bool) -> None:
    data = bytearray(film(1, 2))
    for at, value in changes:
        data[at % len(data)] = value
    whole = bytes(data[: max(12, changes[0][0] % len(data))] if cut else data)
    # Anything but frames and this one fault fails the test, and so does a crash, a hang or a process left behind.
    with suppress(Undecodable):
        assert all(frame.luma.nbytes for frame in frames_of(b"\0\0\0\x1cftypisom" + whole[12:]))


@pytest.mark.parametrize(("ms", "shown"), [(0, "0:00"), (61_999, "1:01"), (3_723_000, "1:02:03")])
def test_a_time_is_shown_as_players_show_it(ms: int, shown: str) -> None:
    assert time_shown(ms) == shown


def paced(times: list[int | None], samples: int = 256) -> list[int]:
    shown = Shown(pixels=100)
    for at, time in enumerate(times):
        shown.add(time, key=at % 10 == 0)
    pace = Pace.of(shown, Effort(1000, samples, 10**9, 60, 60))
    return [wanted for time in times if (wanted := pace.wants(time)) is not None]


def test_a_long_film_is_sampled_evenly_and_no_more_often_than_asked() -> None:
    found = paced([40 * at for at in range(25 * 1000)], samples=100)
    assert found == [10_000 * at for at in range(100)]


def test_a_film_that_does_not_say_when_frames_are_shown_is_sampled_by_their_number() -> None:
    assert paced([None] * 100) == [0, 1000, 2000, 3000]


def test_one_frame_set_hours_behind_the_others_does_not_thin_out_the_samples() -> None:
    film: list[int | None] = [40 * at for at in range(3000)]
    assert len(paced([*film, 3_600_000])) >= 3000 // 60


@given(st.lists(st.one_of(st.none(), st.integers(-(2**40), 2**40)), min_size=1, max_size=2000))
def test_whatever_a_film_says_of_time_samples_stay_within_twice_what_was_asked(times: list[int | None]) -> None:
    assert 1 <= len(paced(times, samples=16)) <= 2 * 16 + 2


def test_a_film_with_more_pixels_than_may_be_decoded_is_sampled_by_key_frames_if_they_are_close_enough() -> None:
    close, far = Shown(100), Shown(100)
    for at in range(1000):
        close.add(40 * at, key=at % 250 == 0)
        far.add(40 * at, key=at == 0)
    tight, wide = replace(CHECKING, pixels=99_999), replace(CHECKING, pixels=100_000)
    assert Pace.of(close, tight).keys_only
    assert not Pace.of(far, tight).keys_only
    assert not Pace.of(close, wide).keys_only
