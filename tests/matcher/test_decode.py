"""Pixels from every form a picture comes in, near those of its plain twin."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFile

from foreseal_matcher.content import MAX_FRAMES
from foreseal_matcher.decode import KEPT, SIDE, Look, first_looks, looks_at, looks_of
from foreseal_matcher.errors import Undecodable
from foreseal_matcher.fingerprints.pdq import distance, pdq
from foreseal_matcher.preview import preview
from foreseal_matcher.verdict import Reason
from sample_pictures import FORMATS, animated, encoded, gif_repeating, picture

UPRIGHT = picture(7, 640, 400)


def bits(look: Look) -> bytes:
    return pdq(look.luma, look.full).bits


TWIN = bits(looks_of(UPRIGHT, UPRIGHT.size)[0])


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_is_told_by_its_bytes(kind: str) -> None:
    (look,) = first_looks(encoded(UPRIGHT, kind))
    assert distance(bits(look), TWIN) <= 15  # of a GIF's 256 colours; the others stay under 10
    assert look.full == (400, 640)
    assert look.luma.shape == (400, 640)


@pytest.mark.parametrize(
    ("kind", "size", "decoded"),
    [
        ("JPEG", (1632, 1224), (612, 816)),
        ("JPEG", (4000, 520), (520, KEPT)),
        ("PNG", (1632, 1224), (KEPT, KEPT)),
        ("PNG", (1000, 700), (700, 1000)),
    ],
)
def test_a_picture_is_decoded_at_no_more_than_a_fingerprint_needs(
    kind: str, size: tuple[int, int], decoded: tuple[int, int]
) -> None:
    (look,) = first_looks(encoded(UPRIGHT.resize(size), kind))
    assert look.luma.shape == decoded
    assert min(decoded) >= SIDE
    assert look.full == (size[1], size[0])
    assert distance(bits(look), TWIN) <= 10


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("CMYK", "JPEG"), ("L", "JPEG"), ("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("P", "GIF"), ("RGBA", "WEBP")],
)
def test_a_picture_in_another_mode_is_near_its_rgb_twin(mode: str, kind: str) -> None:
    (look,) = first_looks(encoded(UPRIGHT.convert(mode), kind))
    assert distance(bits(look), TWIN) <= 10


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    deep = Image.fromarray(np.asarray(UPRIGHT.convert("L")).astype(np.uint16) * 257)
    (look,) = first_looks(encoded(deep, "PNG"))
    assert distance(bits(look), TWIN) <= 10
    assert np.asarray(look.luma).std() > 20


@pytest.mark.parametrize("mode", ["I", "F", "1", "YCbCr", "HSV", "RGBX", "RGBa", "La"])
def test_modes_that_other_formats_bring_are_near_their_twin(mode: str) -> None:
    through = UPRIGHT.convert("RGBA" if mode == "RGBa" else "LA" if mode == "La" else "L" if mode in "IF" else "RGB")
    assert distance(bits(looks_of(through.convert(mode), UPRIGHT.size)[0]), TWIN) <= 10


def test_lab_is_near_its_twin() -> None:
    lab = ImageCms.profileToProfile(
        UPRIGHT, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert lab is not None
    assert distance(bits(looks_of(lab, UPRIGHT.size)[0]), TWIN) <= 10


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_picture_turned_by_exif_is_seen_upright(kind: str, orientation: int) -> None:
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    exif = Image.Exif()
    exif[0x0112] = orientation
    # What a camera held that way stores: turning it as the tag says gives the picture back.
    stored = UPRIGHT if orientation == 1 else UPRIGHT.transpose(Image.Transpose(back[orientation]))
    (look,) = first_looks(encoded(stored, kind, exif=exif))
    assert look.full == (400, 640)
    assert distance(bits(look), TWIN) <= 10


def test_a_broken_exif_block_turns_nothing() -> None:
    (look,) = first_looks(encoded(UPRIGHT, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff\xff\xff"))
    assert distance(bits(look), TWIN) <= 10


def test_what_shines_through_is_looked_at_on_black_and_on_white() -> None:
    alpha = Image.linear_gradient("L").resize(UPRIGHT.size)
    through = UPRIGHT.copy()
    through.putalpha(alpha)
    looks = first_looks(encoded(through, "PNG"))
    assert [look.name for look in looks] == ["on black", "on white"]
    for look, ground in zip(looks, ("black", "white"), strict=True):
        laid = Image.new("RGB", UPRIGHT.size, ground)
        laid.paste(UPRIGHT, mask=alpha)
        assert distance(bits(look), bits(looks_of(laid, laid.size)[0])) <= 10


def test_a_picture_drawn_in_alpha_alone_can_be_seen() -> None:
    drawn = Image.new("RGBA", UPRIGHT.size)
    drawn.putalpha(UPRIGHT.convert("L"))
    on_black, on_white = first_looks(encoded(drawn, "PNG"))
    assert not pdq(on_black.luma, on_black.full).telling
    assert pdq(on_white.luma, on_white.full).telling


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_every_frame_of_a_short_animation_is_looked_at(kind: str) -> None:
    looks = list(looks_at(animated([picture(seed, 96, 64) for seed in range(4)], kind)))
    assert [look.name for look in looks] == ["plain", "frame 2, plain", "frame 3, plain", "frame 4, plain"]


def test_frames_like_the_one_before_are_not_looked_at_again() -> None:
    assert len(list(looks_at(gif_repeating(picture(1, 64, 64), MAX_FRAMES)))) == 1


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_an_animation_that_goes_on_is_refused_after_its_first_frames_were_seen(kind: str) -> None:
    looks = looks_at(animated([picture(seed, 64, 64) for seed in range(MAX_FRAMES + 1)], kind))
    seen = [next(looks) for _ in range(MAX_FRAMES)]
    assert len({bits(look) for look in seen}) == MAX_FRAMES
    with pytest.raises(Undecodable) as refused:
        next(looks)
    assert refused.value.reason is Reason.TOO_MANY_FRAMES


def test_the_programs_switches_are_as_they_were_after_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    file = encoded(UPRIGHT, "JPEG")
    with pytest.raises(Undecodable):
        first_looks(file[: len(file) // 2])
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


@pytest.mark.parametrize("blurred", [False, True])
def test_a_preview_fits_its_cells_and_keeps_its_proportions(blurred: bool) -> None:
    rows = preview(encoded(UPRIGHT, "JPEG"), 40, 40, blurred=blurred)
    assert len(rows) == 24  # 40 * 400 / 640 = 25, made even
    assert {len(row) for row in rows} == {40}


def test_a_blurred_preview_is_smoother_than_a_clear_one() -> None:
    file = encoded(UPRIGHT, "JPEG")
    clear, blurred = (np.array(preview(file, 40, 20, blurred=each)) for each in (False, True))
    assert np.abs(np.diff(blurred, axis=1)).mean() < np.abs(np.diff(clear, axis=1)).mean() / 3


def test_a_preview_of_a_turned_picture_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    left_red = Image.new("RGB", (64, 64), "blue")
    left_red.paste((255, 0, 0), (0, 0, 64, 32))
    stored = left_red.transpose(Image.Transpose.ROTATE_90)
    rows = preview(encoded(stored, "PNG", exif=exif), 4, 2)
    assert rows[0][0] == (255, 0, 0)
    assert rows[-1][-1] == (0, 0, 255)


def test_a_preview_refuses_what_a_check_refuses() -> None:
    with pytest.raises(Undecodable):
        preview(encoded(UPRIGHT, "JPEG")[:1000], 10, 10)
    with pytest.raises(ValueError, match="one cell"):
        preview(encoded(UPRIGHT, "JPEG"), 0, 10)
