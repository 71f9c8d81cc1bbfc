"""The settings there are, and what each may hold."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from foreseal_client.addresses import is_relay_url
from foreseal_client.shown import visible
from foreseal_matcher import Looks, Mode, OnFailure

__all__ = ["KEY_PREFIX", "SAFEGUARD_PREFIX", "SETTINGS", "THEMES", "Setting", "SettingError", "Value", "key_value"]

Value = str | bool | tuple[str, ...]
THEMES: Final = ("dark", "light")
KEY_PREFIX: Final = "keys."
"""`keys.attach` is the key that does what `/attach` does."""
SAFEGUARD_PREFIX: Final = "safeguards."
"""`safeguards.requests` asks for that safeguard to be at least so tight."""
_KEY: Final = re.compile(r"((ctrl|shift|alt)\+)*(f([1-9]|1[0-2])|[a-z0-9]|escape|pageup|pagedown|home|end)", re.ASCII)


class SettingError(ValueError):
    """A setting cannot have this value. The text says which values it can have."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `read`: makes its value of what a file or a variable holds, or raises `SettingError`. `variable`:
    its place in the environment. `joined`: values from several places are all used instead of the nearest one."""

    name: str
    read: Callable[[object], Value]
    default: Value
    variable: str
    meaning: str
    joined: bool = False


def _one_of(*allowed: str) -> Callable[[object], Value]:
    def read(value: object) -> Value:
        if value not in allowed:
            raise SettingError(f"one of {', '.join(allowed)}, not {_quoted(value)}")
        return str(value)

    return read


def _text(value: object) -> Value:
    if not isinstance(value, str) or not value.strip() or "\0" in value or len(value) > 4096:
        raise SettingError(f"a text, not {_quoted(value)}")
    return value


def _relay(value: object) -> Value:
    if not isinstance(value, str) or not is_relay_url(value):
        raise SettingError(f"http:// or https://, a host and perhaps a port, not {_quoted(value)}")
    return value


def _as_written(value: object) -> Value:
    # Judged by who uses it: what cannot be used counts as not being there, and a proxy with a slip in its address must
    # not become none.
    return value if isinstance(value, str) else repr(value)


def _switch(value: object) -> Value:
    known: Mapping[object, bool] = {True: True, False: False, "1": True, "0": False, "true": True, "false": False}
    if not isinstance(value, bool | str) or value not in known:
        raise SettingError(f"true or false, not {_quoted(value)}")
    return known[value]


def _folders(value: object) -> Value:
    parts = [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) and "\0" not in part for part in parts):
        raise SettingError(f"folders of lists, not {_quoted(value)}")
    return tuple(parts)


def key_value(value: object) -> str:
    """A key such as `ctrl+o` or `f3`. Raises `SettingError`."""
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        raise SettingError(f"a key such as ctrl+o, alt+w or f3, not {_quoted(value)}")
    if len(value) == 1:
        raise SettingError(f"a key that is not wanted for writing, as {value!r} is; try ctrl+{value}")
    return value


def _quoted(value: object) -> str:
    return visible(repr(value)[:60])


_ALL: Final = (
    Setting("profile", _text, "default", "FORESEAL_PROFILE", "the profile, a name or a folder"),
    Setting("relay", _relay, "", "FORESEAL_RELAY", "the relay that a new profile is made at"),
    Setting("proxy", _as_written, "", "FORESEAL_PROXY", "a SOCKS5 proxy that every connection to a relay goes through"),
    Setting("lists", _folders, (), "FORESEAL_LIST", "hash lists; those of every place are used", joined=True),
    Setting("theme", _one_of(*THEMES), "dark", "FORESEAL_THEME", "colours of the screen; light has high contrast"),
    Setting("plain", _switch, False, "FORESEAL_PLAIN", "lines instead of a screen, as for a screen reader"),
    Setting("policy.mode", _one_of(*Mode), "off", "FORESEAL_POLICY_MODE", "at least this policy; it can only tighten"),
    Setting(
        "policy.on-failure", _one_of(*OnFailure), "fail-open", "FORESEAL_POLICY_ON_FAILURE",
        "what follows at least when the check cannot run; it can only tighten",
    ),
    Setting("policy.looks", _one_of(*Looks), "plain", "FORESEAL_POLICY_LOOKS", "how thoroughly to look, at least"),
)  # fmt: skip
SETTINGS: Final[Mapping[str, Setting]] = MappingProxyType({setting.name: setting for setting in _ALL})
"""By name, as in the file: `policy.mode` is `mode` in the table `[policy]`."""
