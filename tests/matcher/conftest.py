"""A list that holds one generated picture, and the day on which it was made."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from foreseal_matcher.core import CHOICE, compiled
from foreseal_matcher.errors import NotInstalled
from foreseal_matcher.lists import ListSet, Purpose, build_list, from_picture
from sample_pictures import encoded, picture

TODAY = date(2026, 11, 22)
LISTED = 100
"""The seed of the picture on the list."""


@pytest.fixture(params=["plain", "compiled"])
def each_core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything once by the plain twins and once by the compiled core; the second only where it was built."""
    choice = str(request.param)
    monkeypatch.setenv(CHOICE, choice)
    try:
        compiled()
    except NotInstalled:
        pytest.skip("the compiled core was not built here")
    return choice


@pytest.fixture(scope="session")
def listed_file() -> bytes:
    return encoded(picture(LISTED, 400, 300), "PNG")


@pytest.fixture(scope="session")
def list_folder(tmp_path_factory: pytest.TempPathFactory, listed_file: bytes) -> Path:
    folder = tmp_path_factory.mktemp("list")
    hashes = from_picture(listed_file, 1, category="example", source="tests")
    build_list(folder, hashes, name="test-list", version="1", made=TODAY, purpose=Purpose.SYNTHETIC)
    return folder


@pytest.fixture(scope="session")
def lists(list_folder: Path) -> ListSet:
    return ListSet.open([list_folder], TODAY)
