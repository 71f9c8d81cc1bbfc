"""Our PDQ against the reference's answers, and what a fingerprint must be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from foreseal_matcher.decode import first_looks
from foreseal_matcher.fingerprints.pdq import BITS, MATCH_AT, distance, pdq
from sample_pictures import FORMATS, encoded, picture, pixels

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "pdq.json").read_text())["vectors"]
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
pytestmark = pytest.mark.usefixtures("each_core")


def luma(image: Image.Image) -> memoryview:
    return np.asarray(image.convert("L")).data


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['width']}x{vector['height']}")
def test_the_fingerprint_is_the_references(vector: dict[str, int | str]) -> None:
    seed, width, height = (int(vector[name]) for name in ("seed", "width", "height"))
    found = pdq(np.rint(pixels(seed, width, height).astype(np.float32) @ LUMA).astype(np.uint8).data)
    assert distance(found.bits, bytes.fromhex(str(vector["pdq"]))) <= 2
    assert abs(found.quality - int(vector["quality"])) <= 1


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['width']}x{vector['height']}")
def test_decoding_and_reducing_move_it_by_ten_bits_at_most(vector: dict[str, int | str]) -> None:
    seed, width, height = (int(vector[name]) for name in ("seed", "width", "height"))
    (look,) = first_looks(encoded(picture(seed, width, height), "PNG"))
    assert distance(pdq(look.luma, look.full).bits, bytes.fromhex(str(vector["pdq"]))) <= 10


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_and_size_of_a_picture_resembles_it(kind: str) -> None:
    original = pdq(luma(picture(3, 800, 600)))
    (look,) = first_looks(encoded(picture(3, 800, 600).resize((500, 375)), kind))
    assert distance(pdq(look.luma, look.full).bits, original.bits) <= MATCH_AT


def test_pictures_of_different_seeds_are_strangers() -> None:
    found = [pdq(luma(picture(seed))).bits for seed in range(12)]
    assert min(distance(one, other) for at, one in enumerate(found) for other in found[:at]) > 2 * MATCH_AT


def test_half_of_the_bits_are_set() -> None:
    assert int.from_bytes(pdq(luma(picture(1))).bits).bit_count() == BITS // 2


def test_brightness_and_contrast_do_not_move_it() -> None:
    dimmed = (np.asarray(picture(5).convert("L")) // 2 + 40).astype(np.uint8)
    assert distance(pdq(luma(picture(5))).bits, pdq(dimmed.data).bits) <= 6


@pytest.mark.parametrize("level", [0, 127, 255])
def test_a_flat_picture_has_no_quality_and_tells_nothing(level: int) -> None:
    found = pdq(np.full((100, 100), level, dtype=np.uint8).data)
    assert found.quality == 0
    assert not found.telling


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (5,), (5, 5, 3), (3000, 5), (5, 3000)])
def test_an_array_that_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="rows and columns"):
        pdq(np.zeros(shape, dtype=np.uint8).data)
