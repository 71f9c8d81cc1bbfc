"""Searching by an index finds what comparing every row finds, whatever the list looks like."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foreseal_matcher.index.bands import POSITIONS, bands_for, reach
from foreseal_matcher.index.opening import Index, search_over
from hash_columns import (
    SHORT,
    SMALL,
    buffer,
    by_brute_force,
    clusters,
    identical,
    indexed,
    near,
    numbered,
    sharing_bands,
    strangers,
)

pytestmark = pytest.mark.usefixtures("each_core")
each_shape = pytest.mark.parametrize("made", [strangers, clusters, sharing_bands, identical])
Made = Callable[[int, random.Random], list[bytes]]
# The fixture only sets which core is used, and that holds for every example.
examples = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@each_shape
@examples
@given(seed=st.integers(0, 2**32), count=st.integers(0, 400), radius=st.sampled_from([0, 1, 15, 30, 31, 32, 60, 256]))
def test_an_index_finds_what_brute_force_finds(made: Made, seed: int, count: int, radius: int) -> None:
    numbers = random.Random(seed)
    rows = made(count, numbers)
    query = near(numbers.choice(rows), numbers) if rows and seed % 4 else numbers.randbytes(32)
    ids = numbers.sample(range(2**40), count)
    column = buffer(rows)
    expected = by_brute_force(rows, query, radius)
    nearest = min(expected, key=lambda each: (each[1], ids[each[0]]), default=None)
    for index in (indexed(column, SMALL), None):
        search = search_over(column, numbered(ids), index)
        assert search.within(query, radius) == expected
        assert search.nearest(query, radius) == nearest


@pytest.mark.parametrize("made", [strangers, clusters])
def test_the_bands_of_a_short_list_find_the_same(made: Made) -> None:
    numbers = random.Random(3)
    rows = made(3000, numbers)
    column = buffer(rows)
    search = search_over(column, numbered(list(range(3000))), indexed(column, SHORT))
    for _ in range(20):
        query = near(numbers.choice(rows), numbers)
        assert search.within(query, 31) == by_brute_force(rows, query, 31)


def test_a_fingerprint_at_the_limit_in_the_worst_places_is_found() -> None:
    """Exactly the radius of each band differs, and one more in all bands but one: the proof has no slack left."""
    numbers = random.Random(5)
    rows = strangers(2000, numbers)
    column = buffer(rows)
    search = search_over(column, numbered(list(range(2000))), indexed(column, SMALL))
    for spared in range(len(SMALL)):
        flips: list[int] = []
        position = 0
        for at, band in enumerate(SMALL):
            flips += POSITIONS[position : position + band.radius + (at != spared)]
            position += band.bits
        assert len(flips) == 31
        value = int.from_bytes(rows[77], "little")
        for bit in flips:
            value ^= 1 << bit
        assert (77, 31) in search.within(value.to_bytes(32, "little"), 31)


@pytest.mark.parametrize("count", [1, 999_999, 1_000_000, 5_999_999, 6_000_000, 10_000_000, 2**32 - 1])
def test_every_table_of_bands_is_exact_to_31_and_uses_each_bit_once(count: int) -> None:
    bands = bands_for(count)
    assert reach(bands) == 31
    assert sum(band.bits for band in bands) == 256
    assert sorted(POSITIONS) == list(range(256))


def test_a_lookup_compares_few_rows_of_a_list_of_strangers() -> None:
    numbers = random.Random(7)
    column = buffer(strangers(5000, numbers))
    search = search_over(column, numbered(list(range(5000))), indexed(column, SHORT))
    compared, scanned = search.cost(numbers.randbytes(32), 31)
    assert not scanned
    assert compared < 200


def test_where_too_many_rows_share_buckets_all_are_compared_instead() -> None:
    numbers = random.Random(11)
    rows = sharing_bands(2000, numbers)
    column = buffer(rows)
    search = search_over(column, numbered(list(range(2000))), indexed(column, SHORT))
    query = near(rows[5], numbers, 20)
    assert search.cost(query, 31).scanned
    assert search.within(query, 31) == by_brute_force(rows, query, 31)


def test_a_radius_beyond_the_bands_is_answered_by_comparing_all() -> None:
    numbers = random.Random(13)
    column = buffer(strangers(500, numbers))
    search = search_over(column, numbered(list(range(500))), indexed(column, SMALL))
    assert not search.cost(bytes(32), 31).scanned
    assert search.cost(bytes(32), 32).scanned


def test_more_rows_than_a_search_has_room_for_at_first_are_all_found() -> None:
    rows = [bytes(32)] * 1500 + strangers(40_000, random.Random(1))
    column = buffer(rows)
    for index in (indexed(column, SMALL), None):
        found = search_over(column, numbered(list(range(len(rows)))), index).within(bytes(32), 31)
        assert [each.row for each in found] == list(range(1500))


def test_of_equally_near_rows_the_one_with_the_lowest_id_is_taken() -> None:
    column = buffer([bytes(32)] * 3)
    for index in (indexed(column, SMALL), None):
        search = search_over(column, numbered([2**63, 5, 2**64 - 1]), index)
        assert search.nearest(bytes(32), 31) == (1, 0)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_query_of_another_length_is_refused(length: int) -> None:
    column = buffer([bytes(32)])
    search = search_over(column, numbered([1]), None)
    with pytest.raises(ValueError, match="32 bytes"):
        search.within(bytes(length), 31)


def test_many_threads_may_search_at_once() -> None:
    numbers = random.Random(17)
    rows = clusters(4000, numbers)
    column = buffer(rows)
    search = search_over(column, numbered(list(range(4000))), indexed(column, SMALL))
    queries = [near(numbers.choice(rows), numbers) for _ in range(64)]
    alone = [search.within(query, 31) for query in queries]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda query: search.within(query, 31), queries)) == alone


@examples
@given(seed=st.integers(0, 2**32), level=st.sampled_from([0.0001, 0.01, 0.5]))
def test_a_damaged_body_is_never_read_outside_and_never_gives_a_row_that_is_not_near(seed: int, level: float) -> None:
    numbers = random.Random(seed)
    rows = clusters(300, numbers)
    column = buffer(rows)
    whole = indexed(column, SMALL)
    damaged = bytearray(whole.body)
    for _ in range(max(1, int(len(damaged) * level / 8))):
        damaged[numbers.randrange(len(damaged))] = numbers.choice((0, 1, 255, numbers.randrange(256)))
    search = search_over(column, numbered(list(range(300))), Index(whole.bands, memoryview(damaged)))
    for query in (near(rows[0], numbers), numbers.randbytes(32)):
        assert set(search.within(query, 31)) <= set(by_brute_force(rows, query, 31))
