"""Scenarios: files that are a presenter's script, a recording and a test at once; checked when read."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from foreseal_client.demo.steps import AnyStep
from foreseal_client.errors import ClientError
from foreseal_client.shown import visible

__all__ = ["Scenario", "ScenarioError", "named", "parse", "shipped"]

_FOLDER: Final = "scenarios"
_NTH: Final = re.compile(r"\$\.step\[(\d+)\](?:\.([\w-]+))?")
_TOP: Final = re.compile(r"\$\.([\w-]+)")


class ScenarioError(ClientError):
    """This scenario cannot be played as it is written. The text says in which file and line, and why. Nothing was
    done."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"steps": "step"}):
    """`name`: as in `--script NAME`; `number`: its place in the list; `shows`: one sentence; `limits`: what it does not
    show. Steps are carried out in their order."""

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z-]{2,39}$")]
    number: Annotated[int, Meta(ge=1, le=99)]
    title: Annotated[str, Meta(min_length=1, max_length=60)]
    shows: Annotated[str, Meta(min_length=1, max_length=300)]
    limits: Annotated[str, Meta(min_length=1, max_length=600)]
    steps: Annotated[tuple[AnyStep, ...], Meta(min_length=1, max_length=40)]


def shipped() -> list[Scenario]:
    """Those that come with the client, in their order. Raises `ScenarioError`."""
    files = (file for file in resources.files(__package__).joinpath(_FOLDER).iterdir() if file.name.endswith(".toml"))
    return sorted((parse(file.read_text("utf-8"), file.name) for file in files), key=lambda one: one.number)


def named(name: str) -> Scenario:
    """The one of this name. Raises `ScenarioError`."""
    known = {one.name: one for one in shipped()}
    if name not in known:
        raise ScenarioError(f"There is no scenario {visible(name)!r}. There are: {', '.join(known)}.")
    return known[name]


def parse(text: str, file: str) -> Scenario:
    """A scenario from the text of a file. Raises `ScenarioError`, which names `file` and line."""
    try:
        return msgspec.convert(tomllib.loads(text), Scenario)
    except tomllib.TOMLDecodeError as fault:
        place = re.search(r"line (\d+)", str(fault))
        line = int(place[1]) if place else text.count("\n") + 1
        raise ScenarioError(f"{file}, line {line}: this is no TOML: {visible(str(fault))}.") from fault
    except msgspec.ValidationError as fault:
        reason, _, path = str(fault).partition(" - at ")
        raise ScenarioError(f"{file}, line {_line_of(path.strip('`'), reason, text)}: {visible(reason)}.") from fault


def _line_of(path: str, reason: str, text: str) -> int:
    """The line that a fault is in, as far as it can be told: that of the key, or of the step, or the first."""
    lines = text.splitlines()
    first, last = 0, next((n for n, line in enumerate(lines) if line.strip() == "[[step]]"), len(lines))
    key = ""
    if nth := _NTH.search(path):
        heads = [n for n, line in enumerate(lines) if line.strip() == "[[step]]"]
        first = heads[int(nth[1])] if int(nth[1]) < len(heads) else 0
        last = next((n for n in heads if n > first), len(lines))
        key = nth[2] or ""
    elif top := _TOP.search(path):
        key = top[1]
    quoted = re.search(r"unknown field `([^`]+)`", reason)
    key = quoted[1] if quoted else key or ("do" if "Invalid value '" in reason else "")
    pattern = re.compile(rf"\s*{re.escape(key)}\s*=") if key else None
    found = next((n for n in range(first, last) if pattern and pattern.match(lines[n])), first)
    return found + 1
