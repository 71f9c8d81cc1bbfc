"""Four people who meet letter by letter, Alice knowing the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from group_post import Post


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    post = Post(tmp_path, "Alice", "Bob", "Carol", "Dan")
    for name in ("Bob", "Carol", "Dan"):
        post.introduce(post.mates["Alice"], post.mates[name])
    yield post
    post.close()
