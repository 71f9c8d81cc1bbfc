"""The fingerprints beside PDQ behind one interface: the package's own bits and distances, chance counted exactly."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from math import comb

import imagehash
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from foreseal_matcher.decode import Look, first_looks
from foreseal_matcher.errors import NotInstalled
from foreseal_matcher.fingerprints.fingerprint import by_chance
from foreseal_matcher.fingerprints.known import FINGERPRINTS, LISTABLE
from foreseal_matcher.fingerprints.perceptual import SEGMENT_BYTES, CropResistant
from sample_pictures import encoded, picture

FUNCTIONS: dict[str, Callable[[Image.Image], object]] = {
    "ahash": imagehash.average_hash,
    "phash": imagehash.phash,
    "dhash": imagehash.dhash,
    "whash": imagehash.whash,
    "crop-resistant": imagehash.crop_resistant_hash,
}
PNG = encoded(picture(3, 400, 300), "PNG")
segments = st.lists(st.binary(min_size=8, max_size=8), min_size=1, max_size=5).map(b"".join)


def look(data: bytes = PNG) -> Look:
    return first_looks(data)[0]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_its_bits_are_those_that_the_package_gives_for_the_same_pixels(name: str) -> None:
    theirs = FUNCTIONS[name](Image.open(io.BytesIO(PNG)).convert("L"))
    assert FINGERPRINTS[name].of(look()).bits.hex() == str(theirs).replace(",", "")


@pytest.mark.parametrize("name", FINGERPRINTS)
def test_it_names_its_bits_its_limit_and_where_it_was_published(name: str) -> None:
    known = FINGERPRINTS[name]
    assert known.name == name
    assert 0 < known.limit < known.bits
    assert "20" in known.source
    assert "computed by" in known.source


@pytest.mark.parametrize("name", FINGERPRINTS)
def test_a_picture_resembles_its_copy_and_not_a_stranger(name: str) -> None:
    known = FINGERPRINTS[name]
    own, copy, stranger = (
        known.of(look(data)).bits
        for data in (
            PNG,
            encoded(picture(3, 400, 300).resize((300, 225)), "JPEG"),
            encoded(picture(4, 400, 300), "PNG"),
        )
    )
    assert known.distance(own, own) == 0
    assert known.matches(own, copy)
    assert known.distance(own, copy) < known.distance(own, stranger)


@pytest.mark.parametrize("name", LISTABLE)
def test_a_fingerprint_of_a_list_has_64_bits_and_ends_at_its_limit(name: str) -> None:
    known = FINGERPRINTS[name]
    assert known.bits == 64
    zero, at_limit, beyond = (((1 << bits) - 1).to_bytes(8) for bits in (0, known.limit, known.limit + 1))
    assert known.matches(zero, at_limit)
    assert not known.matches(zero, beyond)


@pytest.mark.parametrize("name", FINGERPRINTS)
def test_a_featureless_picture_is_not_telling(name: str) -> None:
    assert not FINGERPRINTS[name].of(look(encoded(Image.new("L", (64, 64), 90), "PNG"))).telling


@given(segments, segments)
def test_the_crop_resistant_distance_counts_the_segments_that_have_none_like_them(one: bytes, other: bytes) -> None:
    def cut(bits: bytes) -> list[int]:
        return [int.from_bytes(bits[at : at + SEGMENT_BYTES]) for at in range(0, len(bits), SEGMENT_BYTES)]

    nearest = [min((mine ^ theirs).bit_count() for theirs in cut(other)) for mine in cut(one)]
    like = [bits for bits in nearest if bits <= 16]
    share = sum(like) / (64 * len(like)) if like else 0
    known = CropResistant()
    assert known.distance(one, other) == pytest.approx(len(nearest) - len(like) + share)
    assert known.matches(one, other) == bool(like)


@given(st.integers(1, 12), st.integers(0, 12), st.integers(0, 1000))
def test_chance_is_the_share_of_all_numbers_within_the_limit(bits: int, limit: int, entries: int) -> None:
    within = sum(number.bit_count() <= limit for number in range(2**bits))
    assert by_chance(bits, limit, entries) == pytest.approx(entries * within / 2**bits)


def test_64_bits_at_10_meet_one_in_a_hundred_million_by_chance() -> None:
    assert by_chance(64, 10, 3_000_000) == pytest.approx(0.0299, rel=0.01)
    assert by_chance(256, 31, 10**10) < 1e-25
    assert by_chance(64, 64, 7) == 7
    assert by_chance(64, 0, 2**64) == comb(64, 0)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_without_the_package_it_says_what_to_install(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imagehash", None)
    with pytest.raises(NotInstalled, match=r"foreseal\[client\]"):
        FINGERPRINTS[name].of(look())


def test_to_know_their_names_loads_nothing_of_what_computes_them() -> None:
    program = "import sys, foreseal_matcher.fingerprints.known; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {"imagehash", "scipy", "numpy", "PIL"} & set(ran.stdout.split()) == set()
