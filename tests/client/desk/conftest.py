"""A desk with two officers, made once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk_stage import NOW, at, new_desk
from foreseal_client.desk.room import Desk


@pytest.fixture(scope="package")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    new_desk(folder, clock=lambda: NOW)
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template, tmp_path / "desk")
    return tmp_path / "desk"


@pytest.fixture
def desk(folder: Path) -> Iterator[Desk]:
    opened = at(folder, clock=lambda: NOW)
    yield opened
    opened.close()
