"""Demo pictures: the same seed gives the same picture, and no two of them resemble each other."""

from __future__ import annotations

import io
import itertools
from functools import cache

import pytest
from PIL import Image

from foreseal_client.pictures import DEFAULT_SIZE, EDITS, FAMILIES, edit, edited, generate
from foreseal_client.pictures.edits import SavedAs
from foreseal_matcher.decode import looks_at
from foreseal_matcher.fingerprints.pdq import MATCH_AT, Pdq, distance, pdq

SMALL = (480, 360)
SEEDS = (1, 2)


@cache
def picture(family: str, seed: int, size: tuple[int, int] = SMALL) -> bytes:
    return generate(family, seed, size)


def fingerprint(data: bytes) -> Pdq:
    look = next(looks_at(data))
    return pdq(look.luma, look.full)


@cache
def fingerprint_of(family: str, seed: int) -> Pdq:
    return fingerprint(picture(family, seed))


def test_there_are_at_least_eight_families_and_no_name_twice() -> None:
    assert len(FAMILIES) >= 8
    assert len(set(FAMILIES)) == len(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_seed_gives_the_same_bytes_every_time(family: str) -> None:
    assert generate(family, 1, SMALL) == picture(family, 1)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_picture_is_rich_enough_for_its_fingerprint(family: str) -> None:
    assert min(fingerprint_of(family, seed).quality for seed in SEEDS) >= 90


def test_no_two_pictures_come_near_each_other_within_a_family_or_across() -> None:
    made = {(family, seed): fingerprint_of(family, seed).bits for family in FAMILIES for seed in SEEDS}
    near = {pair: distance(made[pair[0]], made[pair[1]]) for pair in itertools.combinations(made, 2)}
    closest = min(near, key=lambda pair: near[pair])
    assert near[closest] > 70, closest


# The whole menu on two families, and what the demo does on all of them.
@pytest.mark.parametrize(
    ("family", "name"),
    [*itertools.product(("reef", "poster"), EDITS), *((family, "sent-on") for family in FAMILIES)],
)
def test_an_ordinary_edit_changes_the_bytes_and_is_still_recognised(family: str, name: str) -> None:
    before = picture(family, 1, (720, 540))
    after = edited(before, name)
    assert after != before
    assert distance(fingerprint(after).bits, fingerprint(before).bits) <= MATCH_AT


def test_without_a_size_a_picture_has_the_size_that_the_demo_shows() -> None:
    with Image.open(io.BytesIO(generate("quilt", 1))) as opened:
        assert opened.size == DEFAULT_SIZE


@pytest.mark.parametrize("saved_as", ["JPEG", "PNG", "WEBP"])
def test_a_picture_can_be_had_in_other_formats(saved_as: SavedAs) -> None:
    with Image.open(io.BytesIO(generate("poster", 3, (160, 120), saved_as))) as opened:
        assert opened.format == saved_as


@pytest.mark.parametrize("size", [(97, 64), (64, 301), (333, 333)])
@pytest.mark.parametrize("family", FAMILIES)
def test_odd_sizes_are_painted_to_the_pixel(family: str, size: tuple[int, int]) -> None:
    with Image.open(io.BytesIO(generate(family, 5, size))) as opened:
        assert opened.size == size


def test_an_unknown_family_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(ValueError, match="still-life"):
        generate("portrait", 1)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        generate("reef", -1)


@pytest.mark.parametrize("size", [(0, 720), (63, 720), (960, 4097), (-5, -5)])
def test_a_size_that_cannot_be_painted_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="pixels"):
        generate("reef", 1, size)


def test_an_edit_resizes_recompresses_and_converts() -> None:
    after = edit(picture("reef", 1), scale=0.5, quality=70, to_format="WEBP")
    with Image.open(io.BytesIO(after)) as opened:
        assert (opened.format, opened.size) == ("WEBP", (240, 180))


def test_an_edit_turns_the_picture_upright_and_drops_its_metadata() -> None:
    turned = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "a note that must not travel"
    Image.new("RGB", (40, 20), "teal").save(turned, "JPEG", exif=exif)
    after = edit(turned.getvalue(), to_format="PNG")
    with Image.open(io.BytesIO(after)) as opened:
        assert opened.size == (20, 40)
        assert not opened.getexif()


def test_transparency_ends_on_white() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(file, "PNG")
    with Image.open(io.BytesIO(edit(file.getvalue(), to_format="PNG"))) as opened:
        assert opened.getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize("scale", [0.0, -1.0, 0.04, 4.1, float("nan"), float("inf")])
def test_a_scale_out_of_range_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="scale"):
        edit(picture("reef", 1), scale=scale)


@pytest.mark.parametrize("quality", [0, -3, 101])
def test_a_quality_out_of_range_is_refused(quality: int) -> None:
    with pytest.raises(ValueError, match="quality"):
        edit(picture("reef", 1), quality=quality)


def test_an_edit_that_is_not_on_the_menu_is_refused() -> None:
    with pytest.raises(ValueError, match="sent-on"):
        edited(picture("reef", 1), "until-it-passes")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9])
def test_a_file_that_is_cut_off_is_refused_in_one_sentence(share: float) -> None:
    whole = picture("reef", 1)
    with pytest.raises(ValueError, match="could not be read as a picture"):
        edit(whole[: int(len(whole) * share)])
