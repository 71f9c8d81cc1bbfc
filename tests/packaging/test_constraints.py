"""constraints.txt pins everything that an install brings, and nothing newer can slip in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
with (ROOT / "pyproject.toml").open("rb") as _file:
    PYPROJECT = tomllib.load(_file)
EXTRAS = tuple(PYPROJECT["project"]["optional-dependencies"])


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pinned}


def required(package: str, extras: frozenset[str], seen: set[tuple[str, frozenset[str]]]) -> Iterator[str]:
    """The packages that installing `package` with `extras` brings on this system, itself left out."""
    if (package, extras) in seen:
        return
    seen.add((package, extras))
    for line in metadata.requires(package) or []:
        wanted = Requirement(line)
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield canonicalize_name(wanted.name)
            yield from required(canonicalize_name(wanted.name), frozenset(wanted.extras), seen)


def test_every_line_is_one_exact_pin() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    odd = [line for line in lines if not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line)]
    assert odd == []


@pytest.mark.parametrize("extra", EXTRAS)
def test_everything_that_an_extra_brings_is_pinned(extra: str) -> None:
    brought = set(required("foreseal", frozenset({extra}), set())) - {"foreseal"}
    assert len(brought) > 2, "an extra brings something beside numpy and Pillow"
    assert brought - set(pins()) == set()


def test_the_build_backend_is_pinned_too() -> None:
    backend = {canonicalize_name(Requirement(line).name) for line in PYPROJECT["build-system"]["requires"]}
    assert backend - set(pins()) == set()


def test_every_pin_lies_within_what_the_project_allows() -> None:
    project = PYPROJECT["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    lines += PYPROJECT["build-system"]["requires"]
    wanted = [Requirement(line) for line in lines if Requirement(line).name != "foreseal"]
    outside = [str(one) for one in wanted if not one.specifier.contains(pins()[canonicalize_name(one.name)])]
    assert outside == []


def test_the_base_install_is_the_matcher_and_brings_numpy_and_pillow_alone() -> None:
    assert set(required("foreseal", frozenset(), set())) == {"numpy", "pillow"}
