"""Many looks at one picture: what each set finds, what it does not, and what a policy makes of that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from foreseal_matcher import Bytes, Clear, ListSet, Looks, Match, Mode, OnFailure, Policy, Reason, decide, screen
from foreseal_matcher.canvas import Canvas
from foreseal_matcher.decode import Look, first_looks
from foreseal_matcher.fingerprints.pdq import BYTES, MATCH_AT, POSITIONS, dihedral, distance, pdq
from foreseal_matcher.fingerprints.sampled import both_ways, of_samples
from foreseal_matcher.letters import painted_over
from foreseal_matcher.lists import from_picture
from foreseal_matcher.looks import seen
from sample_lists import TODAY, build
from sample_pictures import encoded, picture

LISTED = picture(100, 400, 300)
Change = Callable[[Image.Image], Image.Image]


def on_a_screen(image: Image.Image) -> Image.Image:
    screen = Image.new("RGB", (480, 1000), (18, 20, 24))
    screen.paste((36, 40, 48), (0, 40, 480, 110))
    screen.paste("white", (20, 60, 60, 100))
    screen.paste(image, (40, 330))
    screen.paste("white", (20, 930, 400, 980))
    return screen


def between_blurred_bars(image: Image.Image) -> Image.Image:
    behind = ImageOps.fit(image, (400, 700)).filter(ImageFilter.GaussianBlur(16))
    behind.paste(image, (0, 200))
    return behind


def under_a_bar(image: Image.Image) -> Image.Image:
    whole = Image.new("RGB", (400, 360), "white")
    whole.paste("black", (30, 20, 260, 40))
    whole.paste(image, (0, 60))
    return whole


def with_outlined_letters(image: Image.Image) -> Image.Image:
    written = ImageEnhance.Contrast(image).enhance(0.5)
    font = ImageFont.load_default(30)
    place = (200, 270)
    ImageDraw.Draw(written).text(place, "WHEN YOU ONLY CAME", "white", font, "mm", stroke_width=3, stroke_fill="black")
    return written


QUICK: dict[str, Change] = {
    "mirrored": ImageOps.mirror,
    "upside down": ImageOps.flip,
    "turned 90": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "turned 180": lambda image: image.transpose(Image.Transpose.ROTATE_180),
    "turned 270": lambda image: image.transpose(Image.Transpose.ROTATE_270),
    "transposed": lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    "transversed": lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    "white border": lambda image: ImageOps.expand(image, 20, "white"),
    "border, mirrored": lambda image: ImageOps.expand(ImageOps.mirror(image), 20, "black"),
}
FULL: dict[str, Change] = {
    "cropped": lambda image: image.crop((10, 8, 390, 292)),
    "cropped and mirrored": lambda image: ImageOps.mirror(image.crop((10, 8, 390, 292))),
    "cropped at a corner": lambda image: image.crop((20, 15, 400, 300)),
    "turned a little": lambda image: image.rotate(2, Image.Resampling.BICUBIC),
    "turned a little the other way": lambda image: image.rotate(-3, Image.Resampling.BICUBIC),
    "a whole screen": on_a_screen,
    "blurred bars": between_blurred_bars,
    "a bar with letters": under_a_bar,
    "outlined letters": with_outlined_letters,
}


def checked(lists: ListSet, image: Image.Image, looks: Looks) -> Match | None:
    verdict = screen(Bytes(encoded(image, "PNG")), lists, looks).verdict
    assert isinstance(verdict, Match | Clear)
    return verdict if isinstance(verdict, Match) else None


@pytest.mark.parametrize("change", QUICK.values(), ids=QUICK)
def test_the_quick_looks_find_what_the_plain_one_misses(lists: ListSet, change: Change) -> None:
    assert checked(lists, change(LISTED), Looks.PLAIN) is None
    found = checked(lists, change(LISTED), Looks.QUICK)
    assert found is not None
    assert found.look != "plain"
    assert found.distance <= found.limit == MATCH_AT


@pytest.mark.parametrize("change", FULL.values(), ids=FULL)
def test_the_full_looks_find_what_the_quick_ones_miss(lists: ListSet, change: Change) -> None:
    assert checked(lists, change(LISTED), Looks.QUICK) is None
    assert checked(lists, change(LISTED), Looks.FULL) is not None


@pytest.mark.parametrize("looks", Looks)
def test_an_unchanged_picture_is_found_by_the_plain_look(lists: ListSet, looks: Looks) -> None:
    found = checked(lists, LISTED.resize((300, 225)), looks)
    assert found is not None
    assert found.look == "plain"


@pytest.mark.parametrize(
    ("image", "look"),
    [
        (ImageOps.mirror(LISTED), "mirrored"),
        (LISTED.transpose(Image.Transpose.ROTATE_90), "turned 90"),
        (LISTED.transpose(Image.Transpose.ROTATE_270), "turned 270"),
    ],
    ids=["mirrored", "turned to the left", "turned to the right"],
)
def test_the_verdict_names_the_look_that_undoes_the_change(lists: ListSet, image: Image.Image, look: str) -> None:
    found = checked(lists, image, Looks.QUICK)
    assert found is not None
    assert found.look == look


def test_a_picture_that_shines_through_names_ground_and_look(lists: ListSet) -> None:
    mirrored = ImageOps.mirror(LISTED).convert("RGBA")
    mirrored.putpixel((0, 0), (0, 0, 0, 0))
    found = checked(lists, mirrored, Looks.QUICK)
    assert found is not None
    assert found.look == "on black, mirrored"


@pytest.mark.parametrize("seed", range(4))
def test_no_look_takes_strangers_for_each_other(lists: ListSet, seed: int) -> None:
    assert checked(lists, on_a_screen(picture(seed, 400, 300)), Looks.FULL) is None


def faint(image: Image.Image, contrast: float) -> Image.Image:
    """Smooth and with little contrast: not telling as it is."""
    return ImageEnhance.Contrast(image.filter(ImageFilter.GaussianBlur(6))).enhance(contrast)


def test_a_copy_with_little_contrast_is_compared_once_its_contrast_is_given_back(lists: ListSet) -> None:
    copy = faint(LISTED, 0.35)
    assert screen(Bytes(encoded(copy, "PNG")), lists, Looks.QUICK).verdict == Clear((Reason.FEATURELESS,))
    found = checked(lists, copy, Looks.FULL)
    assert found is not None
    assert found.look == "contrast stretched"


def test_what_has_almost_none_stays_featureless_however_thoroughly_it_is_looked_at(lists: ListSet) -> None:
    for image in (faint(LISTED, 0.1), Image.new("RGB", (300, 300), "teal")):
        assert screen(Bytes(encoded(image, "PNG")), lists, Looks.FULL).verdict == Clear((Reason.FEATURELESS,))


@pytest.mark.parametrize("size", [(400, 300), (400, 225), (300, 300), (300, 400), (360, 240)])
def test_between_blurred_bars_every_common_shape_is_found_whatever_its_edges(
    size: tuple[int, int], tmp_path: Path
) -> None:
    image = picture(7, *size)
    build(tmp_path / "one", from_picture(encoded(image, "PNG"), 1, category="c", source="s"))
    screen_size = (450, 800) if size[0] >= size[1] else (800, 450)
    behind = ImageOps.fit(image, screen_size).filter(ImageFilter.GaussianBlur(20))
    shown = ImageOps.contain(image, screen_size)
    behind.paste(shown, ((behind.width - shown.width) // 2, (behind.height - shown.height) // 2))
    assert checked(ListSet.open([tmp_path / "one"], TODAY), behind, Looks.FULL) is not None


def test_letters_are_painted_over_with_what_stands_around_them() -> None:
    cells = np.full((60, 80), 120, np.float32)
    cells[20:30, 20:60:6], cells[19:31, 22:60:6] = 255, 0
    painted = painted_over(cells)
    assert painted is not None
    assert np.allclose(painted, 120, atol=1)


@pytest.mark.parametrize("levels", [(120, 120), (0, 200), (60, 255)])
def test_what_has_no_white_beside_black_has_no_letters(levels: tuple[int, int]) -> None:
    cells = np.where(np.indices((50, 50)).sum(axis=0) % 9 < 4, *levels).astype(np.float32)
    assert painted_over(cells) is None


def test_a_picture_that_is_all_letters_is_left_alone() -> None:
    assert painted_over(np.where(np.indices((50, 50)).sum(axis=0) % 2, 0, 255).astype(np.float32)) is None


def test_each_set_looks_in_all_the_ways_of_the_one_before() -> None:
    (look,) = first_looks(encoded(on_a_screen(LISTED), "PNG"))
    plain, quick, full = ([name for name, _ in seen(look, looks)] for looks in Looks)
    assert plain == ["plain"]
    assert set(plain) < set(quick) < set(full)
    assert len(set(full)) == len(full)
    assert full[0] == quick[0] == "plain"


def undone(pixels: NDArray[np.uint8], form: str) -> NDArray[np.uint8]:
    return {
        "plain": pixels,
        "mirrored": pixels[:, ::-1],
        "flipped": pixels[::-1],
        "turned 180": pixels[::-1, ::-1],
        "transposed": pixels.T,
        "turned 90": np.rot90(pixels, -1),
        "turned 270": np.rot90(pixels),
        "transposed, turned 180": pixels.T[::-1, ::-1],
    }[form]


@pytest.mark.parametrize(("at", "form"), list(enumerate(POSITIONS)), ids=str)
def test_each_position_has_the_fingerprint_of_the_turned_pixels(at: int, form: str) -> None:
    pixels = np.asarray(picture(7, 400, 300).convert("L"))
    assert dihedral(pixels.data)[at] == pdq(np.ascontiguousarray(undone(pixels, form)).data)


def test_one_transform_of_samples_gives_the_mirrored_fingerprint_too() -> None:
    taken = np.asarray(picture(7, 64, 64).convert("L"), dtype=np.float32)
    plain, mirrored = both_ways(taken)
    assert plain == of_samples(taken)
    assert distance(mirrored.bits, of_samples(taken[:, ::-1]).bits) <= 2
    assert distance(mirrored.bits, plain.bits) > MATCH_AT


def test_samples_give_the_fingerprint_that_their_picture_has() -> None:
    # At 64 a side PDQ's box is one pixel wide, so that its samples are the pixels.
    pixels = np.asarray(picture(7, 64, 64).convert("L"))
    made, expected = of_samples(pixels.astype(np.float32)), pdq(pixels.data)
    assert distance(made.bits, expected.bits) <= 2
    assert abs(made.quality - expected.quality) <= 1


@settings(max_examples=25, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(16, 80), st.integers(16, 80)), elements=st.integers(0, 255)))
def test_any_picture_can_be_looked_at_fully(luma: NDArray[np.uint8]) -> None:
    for name, fingerprint in seen(Look(luma.data, (luma.shape[0], luma.shape[1]), 0, "plain"), Looks.FULL):
        assert name
        assert len(fingerprint.bits) == BYTES
        assert 0 <= fingerprint.quality <= 100


@pytest.mark.parametrize("mode", [Mode.WARN, Mode.HOLD])
def test_a_policy_refuses_what_was_looked_at_less_thoroughly(lists: ListSet, mode: Mode) -> None:
    screened = screen(Bytes(encoded(LISTED, "PNG")), lists, Looks.QUICK)
    with pytest.raises(ValueError, match="full"):
        decide(screened, Policy(mode, OnFailure.CLOSED, Looks.FULL))


def test_a_policy_takes_what_was_looked_at_more_thoroughly(lists: ListSet) -> None:
    screened = screen(Bytes(encoded(picture(1), "PNG")), lists, Looks.FULL)
    assert decide(screened, Policy(Mode.HOLD, OnFailure.CLOSED, Looks.PLAIN)).digest == screened.digest


@pytest.mark.parametrize("one", Looks)
@pytest.mark.parametrize("other", Looks)
def test_of_two_policies_the_more_thorough_looks_remain(one: Looks, other: Looks) -> None:
    first, second = (Policy(Mode.HOLD, OnFailure.OPEN, looks) for looks in (one, other))
    assert Policy.tightest(first, second).looks is max(one, other, key=list(Looks).index)


@given(st.integers(255, 520) | st.sampled_from([1025, 2049]), st.sampled_from([22, 233]))
def test_what_is_even_stays_exactly_even_however_it_is_reduced(side: int, level: int) -> None:
    """What is white, what is black and what has an edge is asked of exact levels."""
    for full in ((side, 300), (300, side)):
        canvas = Canvas.of(np.full(full, level, dtype=np.uint8).data, full)
        assert canvas.cells.min() == canvas.cells.max() == level
        assert canvas.smooth.min() == canvas.smooth.max() == level


@given(arrays(np.uint8, st.tuples(st.integers(1, 600), st.integers(1, 40)), elements=st.integers(0, 255)))
def test_a_canvas_is_the_mean_of_even_parts(luma: NDArray[np.uint8]) -> None:
    cells = Canvas.of(luma.data, luma.shape).cells
    rows = luma.astype(np.float64)
    while len(rows) >= 512 and len(rows) % 2 == 0:
        rows = (rows[::2] + rows[1::2]) / 2
    if len(rows) > 256:
        sums = np.vstack([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
        edges = np.linspace(0, len(rows), 257)
        at_edges = np.array([np.interp(edges, np.arange(len(rows) + 1), column) for column in sums.T]).T
        rows = np.diff(at_edges, axis=0) / (len(rows) / 256)
    assert cells == pytest.approx(rows, abs=1e-3)
