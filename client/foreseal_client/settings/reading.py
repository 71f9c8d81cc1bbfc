"""Settings from flags, environment and files, each value with the place it came from.

Flags count over the environment (`FORESEAL_*`), that over `./foreseal.toml`, that over the user's own file, and that
over what is built in. Two things are joined instead: lists, and the policy, of which the tightest parts count. So no
place can take away a list that another one named, or loosen what another one tightened.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from foreseal_client.errors import SettingError as SafeguardError
from foreseal_client.safeguards.asked import ENVIRONMENT, Asked, read_asked
from foreseal_client.settings.setting import KEY_PREFIX, SAFEGUARD_PREFIX, SETTINGS, SettingError, Value, key_value
from foreseal_client.shown import visible
from foreseal_matcher import Looks, Mode, OnFailure, Policy

__all__ = ["BUILT_IN", "FILE_NAME", "MAX_FILE", "Given", "Problem", "Settings", "read_settings", "user_file"]

FILE_NAME: Final = "foreseal.toml"
MAX_FILE: Final = 256 * 1024
"""Longest file of settings, in bytes."""
BUILT_IN: Final = "built in"


@dataclass(frozen=True, slots=True)
class Given:
    """A value and where it came from."""

    value: Value
    origin: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in one place that cannot be used, in words. It counts as not being there. `hides`: nobody can tell
    whether a proxy was set there."""

    origin: str
    text: str
    hides: bool = False

    def __str__(self) -> str:
        return f"{self.origin}: {self.text}"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings by name, keys of commands by command, what is asked of the safeguards, and what was wrong on the
    way."""

    values: Mapping[str, Given]
    keys: Mapping[str, Given]
    asked: tuple[Asked, ...]
    problems: tuple[Problem, ...]

    def text(self, name: str) -> str:
        """A setting that is a text."""
        return str(self.values[name].value)

    @property
    def lists(self) -> tuple[Path, ...]:
        """The folders of hash lists, each once."""
        value = self.values["lists"].value
        return tuple(Path(part) for part in value) if isinstance(value, tuple) else ()

    @property
    def plain(self) -> bool:
        """Whether lines are wanted instead of a screen."""
        return self.values["plain"].value is True

    @property
    def floor(self) -> Policy:
        """The loosest policy that these settings allow."""
        return Policy(
            Mode(self.text("policy.mode")),
            OnFailure(self.text("policy.on-failure")),
            Looks(self.text("policy.looks")),
        )


def user_file() -> Path:
    """The user's own file of settings."""
    import platformdirs

    return platformdirs.user_config_path("foreseal") / FILE_NAME


def read_settings(flags: Mapping[str, object], environment: Mapping[str, str], files: tuple[Path, ...]) -> Settings:
    """The settings that count. `flags`: by setting's name, None where not given; `files`: the nearest first; one that
    is not there is nothing."""
    problems: list[Problem] = []
    asked: list[Asked] = []
    places: list[tuple[str, Path | Mapping[str, object]]] = [*_places(flags, environment)]
    places += [(str(path), path) for path in files]
    found: dict[str, list[Given]] = {name: [] for name in SETTINGS}
    keys: dict[str, Given] = {}
    for origin, place in places:
        table: Mapping[str, object] = _table(place, origin, problems) if isinstance(place, Path) else place
        for name, raw in table.items():
            try:
                if name.startswith(KEY_PREFIX):
                    keys.setdefault(name.removeprefix(KEY_PREFIX), Given(key_value(raw), origin))
                elif name.startswith(SAFEGUARD_PREFIX):
                    asked.append(read_asked(origin, {name.removeprefix(SAFEGUARD_PREFIX): raw}))
                elif name in SETTINGS:
                    found[name].append(Given(SETTINGS[name].read(raw), origin))
                else:
                    problems.append(
                        Problem(origin, f"there is no setting {visible(name)!r}", hides=name.startswith("proxy"))
                    )
            except SettingError as fault:
                problems.append(Problem(origin, f"{visible(name)} takes {fault}"))
            except SafeguardError as fault:
                problems.append(Problem(origin, visible(str(fault)).removeprefix(f"{origin}: ")))
    counting = {name: _counting(name, given) for name, given in found.items()}
    return Settings(counting, keys, tuple(asked), tuple(problems))


def _places(flags: Mapping[str, object], environment: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, object]]]:
    yield "flag", {name: value for name, value in flags.items() if value not in (None, ())}
    for name, setting in SETTINGS.items():
        if environment.get(setting.variable):
            yield setting.variable, {name: environment[setting.variable]}
    for variable, value in environment.items():
        if variable.startswith(ENVIRONMENT):
            yield variable, {SAFEGUARD_PREFIX + variable.removeprefix(ENVIRONMENT).lower(): value}


def _table(path: Path, origin: str, problems: list[Problem]) -> Mapping[str, object]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            problems.append(
                Problem(origin, f"it is longer than the {MAX_FILE >> 10} KiB that settings may take", hides=True)
            )
            return {}
        return dict(_flat(tomllib.loads(data.decode()), ""))
    except FileNotFoundError:
        return {}
    except OSError as fault:
        problems.append(Problem(origin, f"it cannot be read: {fault.strerror}", hides=True))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as fault:
        problems.append(Problem(origin, f"it is no TOML: {visible(str(fault))}", hides=True))
    return {}


def _flat(table: Mapping[str, object], prefix: str) -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        if isinstance(value, dict) and not prefix:
            yield from _flat(value, f"{name}.")
        else:
            yield prefix + name, value


def _counting(name: str, given: list[Given]) -> Given:
    setting = SETTINGS[name]
    if not given:
        return Given(setting.default, BUILT_IN)
    if setting.joined:
        folders = [part for one in given if isinstance(one.value, tuple) for part in one.value]
        return Given(tuple(dict.fromkeys(folders)), ", ".join(dict.fromkeys(one.origin for one in given)))
    if name in _TIGHTER:
        return max(given, key=lambda one: _TIGHTER[name].index(str(one.value)))
    return given[0]


_TIGHTER: Final[Mapping[str, list[str]]] = {
    "policy.mode": list(Mode), "policy.on-failure": list(OnFailure), "policy.looks": list(Looks),
}  # fmt: skip
