"""First answers while an index still lies on the disk: the same as from it, and from it as soon as it was read."""

from __future__ import annotations

import mmap
import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from foreseal_matcher.core.library import load
from foreseal_matcher.index.opening import search_over
from foreseal_matcher.index.warming import WarmingSearch, in_background, in_memory
from hash_columns import SMALL, buffer, by_brute_force, clusters, indexed, near, numbered

pytestmark = pytest.mark.skipif(load() is None, reason="the compiled core was not built here")
ROWS = clusters(2000, random.Random(1))
COLUMN, IDS = buffer(ROWS), numbered(list(range(2000)))
Work = Callable[[], None]


def warming(run: Callable[[Work], None]) -> WarmingSearch:
    index = indexed(COLUMN, SMALL)
    return WarmingSearch(search_over(COLUMN, IDS, None), search_over(COLUMN, IDS, index), index.body, run)


def test_answers_are_the_same_before_while_and_after_the_index_is_read() -> None:
    numbers = random.Random(2)
    waiting: list[Work] = []
    search = warming(waiting.append)
    for _ in range(3):
        for query in (near(numbers.choice(ROWS), numbers), numbers.randbytes(32)):
            expected = by_brute_force(ROWS, query, 31)
            assert search.within(query, 31) == expected
            assert search.nearest(query, 31) == min(expected, key=lambda each: (each[1], each[0]), default=None)
        while waiting:
            waiting.pop()()


def test_every_row_is_compared_until_the_index_was_read_and_not_afterwards() -> None:
    waiting: list[Work] = []
    search = warming(waiting.append)
    stranger = random.Random(3).randbytes(32)
    assert waiting == []
    search.nearest(stranger, 31)
    assert search.cost(stranger, 31).scanned
    (read,) = waiting
    read()
    assert not search.cost(stranger, 31).scanned


def test_the_index_is_read_once_however_many_answers_there_are() -> None:
    waiting: list[Work] = []
    search = warming(waiting.append)
    for _ in range(5):
        search.within(bytes(32), 31)
    assert len(waiting) == 1


def test_what_is_done_in_the_background_is_done() -> None:
    import threading

    done = threading.Event()
    in_background(done.set)
    assert done.wait(60)


def test_memory_of_our_own_is_in_memory() -> None:
    assert in_memory(memoryview(bytearray(b"1" * 1_000_000))[4096:])


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="the system lets nobody put a file out of memory")
def test_a_mapped_file_that_was_put_out_of_memory_is_noticed() -> None:
    # Beside the tests, since their own folder may lie in memory.
    with tempfile.TemporaryFile(dir=Path(__file__).parent) as file:
        file.write(os.urandom(3_000_000))
        file.flush()
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    if in_memory(mapped):
        pytest.skip("this file system keeps its files in memory")
    assert sum(mapped) > 0
    assert in_memory(mapped)
