"""Settings: which of several places counts, and what cannot be used in any."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_client.safeguards.asked import in_force
from foreseal_client.safeguards.settings import ORDINARY
from foreseal_client.settings.reading import BUILT_IN, MAX_FILE, Settings, read_settings
from foreseal_client.settings.setting import SETTINGS
from foreseal_matcher import Mode, OnFailure, Policy


def read(tmp_path: Path, *files: str, flags: dict[str, object] | None = None, **environment: str) -> Settings:
    paths = []
    for number, text in enumerate(files):
        paths.append(tmp_path / f"{number}.toml")
        paths[-1].write_text(text)
    return read_settings(flags or {}, environment, tuple(paths))


def test_the_nearest_place_counts_and_says_that_it_did(tmp_path: Path) -> None:
    nothing = read(tmp_path)
    assert {given.origin for given in nothing.values.values()} == {BUILT_IN}
    files = ('theme = "light"', 'theme = "dark"\nprofile = "far"')
    found = read(tmp_path, *files)
    assert (found.text("theme"), found.values["theme"].origin) == ("light", str(tmp_path / "0.toml"))
    assert found.text("profile") == "far"
    found = read(tmp_path, *files, FORESEAL_THEME="dark")
    assert (found.text("theme"), found.values["theme"].origin) == ("dark", "FORESEAL_THEME")
    found = read(tmp_path, *files, flags={"theme": "light", "profile": None}, FORESEAL_THEME="dark")
    assert (found.text("theme"), found.values["theme"].origin) == ("light", "flag")


def test_lists_of_every_place_are_used_so_that_no_place_can_take_one_away(tmp_path: Path) -> None:
    found = read(
        tmp_path, 'lists = ["/near"]', 'lists = ["/far", "/near"]', flags={"lists": ("/flag",)},
        FORESEAL_LIST=os.pathsep.join(["/one", "/two"]),
    )  # fmt: skip
    assert [str(path) for path in found.lists] == ["/flag", "/one", "/two", "/near", "/far"]


@given(st.lists(st.tuples(st.sampled_from(Mode), st.sampled_from(OnFailure)), min_size=1, max_size=3))
@settings(max_examples=30, deadline=None)
def test_of_policies_the_tightest_parts_count_wherever_they_stand(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[Mode, OnFailure]]
) -> None:
    files = [f'[policy]\nmode = "{mode}"\non-failure = "{failure}"' for mode, failure in parts]
    floor = read(tmp_path_factory.mktemp("settings"), *files).floor
    for mode, failure in parts:
        one = Policy(mode, failure, floor.looks)
        assert Policy.tightest(floor, one) == floor


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("thyme = 1", "there is no setting 'thyme'"),
        ('theme = "pink"', "theme takes one of dark, light, not 'pink'"),
        ('theme = ["dark"]', "theme takes one of dark, light"),
        ("plain = 3", "plain takes true or false"),
        ('relay = "ftp://x"', "relay takes http"),
        ("lists = [1]", "lists takes folders"),
        ('[policy]\nmode = "none"', "policy.mode takes one of off, observe, warn, hold"),
        ("[policy.mode]\nx = 1", "policy.mode takes one of"),
        ('[keys]\nattach = "a"', "keys.attach takes a key that is not wanted for writing"),
        ('[keys]\nattach = "ctrl+banana"', "keys.attach takes a key such as"),
        ("theme = ", "it is no TOML"),
        ('"\\u202e" = 1', "there is no setting '\\\\u202e'"),
        ("x" * (MAX_FILE + 1), "it is longer than"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_place_and_counts_as_not_there(
    tmp_path: Path, text: str, said: str
) -> None:
    found = read(tmp_path, text, 'profile = "still"')
    (problem,) = found.problems
    assert said in problem.text
    assert problem.origin == str(tmp_path / "0.toml")
    assert found.text("profile") == "still"
    assert all(found.values[name].value == SETTINGS[name].default for name in SETTINGS if name != "profile")


def test_a_file_that_is_no_text_or_no_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    found = read_settings({}, {}, (tmp_path / "binary.toml", tmp_path, tmp_path / "absent.toml"))
    assert [problem.text[:10] for problem in found.problems] == ["it is no T", "it cannot "]


@given(st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_no_bytes_of_a_file_end_in_a_fault(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(data)
    assert read_settings({}, {}, (path,)).text("theme") == "dark"


def test_safeguards_are_asked_for_in_every_place_and_what_means_nothing_is_said(tmp_path: Path) -> None:
    found = read(
        tmp_path, '[safeguards]\nmoment_days = 14\nyoung = true', flags={"safeguards.groups": "verified"},
        FORESEAL_SAFEGUARDS_REQUESTS="invited", FORESEAL_SAFEGUARDS_MOMENT_DAYS="soon",
    )  # fmt: skip
    held = in_force(ORDINARY, found.asked).settings
    assert (held.moment_days, held.groups, held.requests, held.young) == (14, "verified", "invited", False)
    assert [problem.origin for problem in found.problems] == [
        "FORESEAL_SAFEGUARDS_MOMENT_DAYS", str(tmp_path / "0.toml"),
    ]  # fmt: skip
