"""What configuration, environment and flags ask for. They can tighten what the profile keeps and never loosen it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from foreseal_client.errors import SettingError
from foreseal_client.safeguards.settings import (
    MAX_DAYS,
    MAX_FIRST_CONTACTS,
    NAMES,
    ORDINARY,
    Safeguards,
    looser,
    tightest,
)

__all__ = ["ENVIRONMENT", "Asked", "InForce", "asked_in_environment", "in_force", "read_asked", "with_values"]

ENVIRONMENT: Final = "FORESEAL_SAFEGUARDS_"
"""Before a setting's name in capitals: `FORESEAL_SAFEGUARDS_REQUESTS=invited`."""
_ASKABLE: Final = tuple(name for name in NAMES if name != "young")


class Asked(msgspec.Struct, frozen=True):
    """What one place asks for. `source`: for reading, such as a file's name; `values`: by setting."""

    source: str
    values: Mapping[str, object]


class InForce(msgspec.Struct, frozen=True):
    """What holds. `sources`: what said so, by setting; `ignored`: what was asked for and would have loosened something,
    as pairs of source and setting."""

    settings: Safeguards
    sources: Mapping[str, str]
    ignored: tuple[tuple[str, str], ...]


def read_asked(source: str, values: Mapping[str, object]) -> Asked:
    """Settings as a file, an environment or flags write them. Raises `SettingError` naming source and setting for what
    is none, so that a slip of the pen is said and not taken for a wish."""
    for name in values:
        if name not in _ASKABLE:
            raise SettingError(f"{source}: there is no safeguard {name!r}. There are: {', '.join(_ASKABLE)}.")
    return Asked(source, {name: _read(source, name, value) for name, value in values.items()})


def asked_in_environment(environ: Mapping[str, str]) -> Asked:
    """What the environment asks for. Raises `SettingError`."""
    named = {
        key.removeprefix(ENVIRONMENT).lower(): value for key, value in environ.items() if key.startswith(ENVIRONMENT)
    }
    return read_asked("environment", named)


def in_force(kept: Safeguards, asked: Iterable[Asked]) -> InForce:
    """What the profile keeps, tightened by what is asked for."""
    settings, sources, ignored = kept, dict.fromkeys(NAMES, "profile"), []
    for one in asked:
        wanted = with_values(settings, one.values)
        tighter = looser(settings, wanted)
        sources |= dict.fromkeys(tighter, one.source)
        ignored += [(one.source, name) for name in looser(wanted, kept)]
        settings = tightest(settings, wanted)
    return InForce(settings, sources, tuple(ignored))


def with_values(settings: Safeguards, values: Mapping[str, object]) -> Safeguards:
    """The settings with some replaced, written as text or as what they are. Raises `ValueError`."""
    return msgspec.convert({**msgspec.structs.asdict(settings), **values}, Safeguards, strict=False)


def _read(source: str, name: str, value: object) -> object:
    text = value.strip().lower() if isinstance(value, str) else value
    try:
        return getattr(with_values(ORDINARY, {name: text}), name)
    except ValueError as fault:
        raise SettingError(f"{source}: {name} cannot be {value!r}. {_expected(name)}") from fault


def _expected(name: str) -> str:
    match getattr(ORDINARY, name):
        case StrEnum() as one:
            return f"It is one of: {', '.join(type(one))}."
        case bool():
            return "It is true or false."
        case _:
            return f"It is a number, at most {MAX_FIRST_CONTACTS if name == 'first_contacts' else MAX_DAYS}."
