"""Files that are cut, lying, huge or hostile: a reason for each, in bounded time and memory, and never clear."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from foreseal_matcher import Bytes, Clear, ListSet, Match, Reason, Unreadable, Verdict, screen
from foreseal_matcher.content import MAX_PICTURE_BYTES, MAX_SCANS
from sample_lists import nothing_listed
from sample_pictures import FORMATS, animated, encoded, gif_repeating, picture, png_claiming

NOTHING_LISTED = nothing_listed()


def verdict_on(data: bytes, name: str = "holiday.jpg") -> Verdict:
    return screen(Bytes(data, name), NOTHING_LISTED).verdict


def reason_for(data: bytes, name: str = "holiday.jpg") -> Reason:
    verdict = verdict_on(data, name)
    assert isinstance(verdict, Unreadable)
    return verdict.reason


@pytest.mark.parametrize("kind", FORMATS)
def test_a_truncated_picture_is_unreadable_wherever_it_was_cut(kind: str) -> None:
    whole = encoded(picture(1, 200, 150), kind)
    assert verdict_on(whole) == Clear()
    reasons = {reason_for(whole[: len(whole) * cut // 16]) for cut in range(1, 16)}
    assert reasons == {Reason.DAMAGED}


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_a_truncated_animation_is_unreadable(kind: str) -> None:
    whole = animated([picture(seed, 96, 64) for seed in range(4)], kind)
    assert {reason_for(whole[: len(whole) * cut // 16]) for cut in (5, 9, 15)} == {Reason.DAMAGED}


@pytest.mark.parametrize("size", [(60_000, 60_000), (2**31 - 1, 2**31 - 1), (12_000, 12_000), (64_000_001, 1)])
def test_a_bomb_that_claims_billions_of_pixels_gets_no_memory(size: tuple[int, int]) -> None:
    tracemalloc.start()
    try:
        assert reason_for(png_claiming(*size)) is Reason.TOO_MANY_PIXELS
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_webp_and_a_gif_that_claim_too_much_are_refused_by_their_headers() -> None:
    webp = b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0" + (16_382).to_bytes(3, "little") * 2 + bytes(20)
    gif = b"GIF89a\xff\xff\xff\xff\0\0\0" + bytes(50)
    assert reason_for(webp) is Reason.TOO_MANY_PIXELS
    assert reason_for(gif) is Reason.TOO_MANY_PIXELS


def test_a_frame_that_outgrows_its_gif_is_refused() -> None:
    frames = gif_repeating(picture(1, 64, 64), 2)
    second = frames.rindex(b",\0\0\0\0\x40\0\x40\0")
    outgrown = frames[: second + 5] + b"\xff\xff\xff\xff" + frames[second + 9 :]
    assert reason_for(outgrown) is Reason.TOO_MANY_PIXELS


def test_ten_thousand_frames_are_too_many_and_cost_no_more_than_thirty_two() -> None:
    assert reason_for(gif_repeating(picture(1, 32, 32), 10_000)) is Reason.TOO_MANY_FRAMES


def test_a_listed_frame_at_the_beginning_is_found_in_an_animation_that_goes_on_and_on(lists: ListSet) -> None:
    verdict = screen(Bytes(gif_repeating(picture(100, 160, 120), 1_000)), lists).verdict
    assert isinstance(verdict, Match)


def test_a_zip_called_jpg_is_not_a_picture() -> None:
    assert reason_for(b"PK\x03\x04" + bytes(500), "holiday.JPG") is Reason.NOT_A_PICTURE


def test_a_file_of_another_kind_is_clear_with_its_limit_said() -> None:
    assert verdict_on(b"PK\x03\x04" + bytes(500), "papers.zip") == Clear((Reason.OTHER_KIND,))


@pytest.mark.parametrize("name", ["holiday.jpg", "notes.txt", ""])
def test_zero_bytes_are_unreadable(name: str) -> None:
    assert reason_for(b"", name) is Reason.EMPTY


@pytest.mark.parametrize("size", [(1, 1), (15, 400), (400, 15)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_of_a_few_pixels_is_unreadable(kind: str, size: tuple[int, int]) -> None:
    assert reason_for(encoded(Image.new("RGB", size, "red"), kind)) is Reason.TOO_SMALL


def test_a_flat_picture_is_clear_with_its_limit_said() -> None:
    assert verdict_on(encoded(Image.new("RGB", (200, 200), "grey"), "PNG")) == Clear((Reason.FEATURELESS,))


@pytest.mark.parametrize(
    ("kind", "told"), [("TIFF", "TIFF"), ("BMP", "BMP"), ("ICO", "ICO"), ("JPEG2000", "JPEG 2000")]
)
def test_a_picture_of_a_kind_that_is_not_decoded_is_named_whatever_it_is_called(kind: str, told: str) -> None:
    file = encoded(picture(1, 64, 64), kind)
    assert verdict_on(file, "papers.txt") == Unreadable(Reason.UNKNOWN_FORMAT, told)


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50), "HEIC"),
        (b"\xff\x0a" + bytes(50), "JPEG XL"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"8BPS" + bytes(50), "Photoshop"),
    ],
)
def test_picture_kinds_that_nothing_here_encodes_are_named_too(head: bytes, told: str) -> None:
    assert verdict_on(head, "x") == Unreadable(Reason.UNKNOWN_FORMAT, told)


def test_a_picture_file_larger_than_the_limit_is_unreadable() -> None:
    file = encoded(picture(1, 64, 64), "PNG")
    assert reason_for(file + bytes(MAX_PICTURE_BYTES + 1 - len(file))) is Reason.TOO_LARGE


def test_a_jpeg_of_very_many_passes_is_refused_before_it_is_decoded() -> None:
    file = encoded(picture(1, 64, 64), "JPEG", progressive=True)
    scan = file.rindex(b"\xff\xda")
    assert reason_for(file[:-2] + file[scan:-2] * MAX_SCANS + file[-2:]) is Reason.DAMAGED


MAGIC = (
    b"\xff\xd8\xff\xe0",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x40",
    b"GIF89a\x40\0\x40\0",
    b"RIFF\xff\0\0\0WEBPVP8 ",
    b"RIFF\xff\0\0\0WEBPVP8X",
    b"\0\0\0\x1cftypavif\0\0\0\0avifmif1",
)


@settings(max_examples=150, deadline=None)
@given(magic=st.sampled_from(MAGIC), rest=st.binary(max_size=400))
def test_random_bytes_after_a_pictures_first_ones_are_never_clear_and_never_raise(magic: bytes, rest: bytes) -> None:
    assert isinstance(verdict_on(magic + rest), Unreadable)


_WHOLE = {kind: encoded(picture(2, 64, 48), kind) for kind in FORMATS}


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(FORMATS), at=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_a_flipped_byte_anywhere_gives_a_verdict_and_no_exception(kind: str, at: float, flip: int) -> None:
    file = bytearray(_WHOLE[kind])
    file[int(at * len(file))] ^= flip
    assert isinstance(verdict_on(bytes(file)), Clear | Unreadable)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200), name=st.text(max_size=20))
def test_any_bytes_under_any_name_give_a_verdict(data: bytes, name: str) -> None:
    assert isinstance(verdict_on(data, name), Clear | Unreadable)
