"""What `foreseal doctor` looks at: this machine, what is installed on it, and what a check costs here.

Each examination returns findings and raises nothing. Packages are asked for by name, not imported: a doctor must not
fall ill of what it examines.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Final

__all__ = ["Finding", "State", "examine"]

EXTRAS: Final = ("relay", "client", "film")
ASIDE: Final = {"web": "foreseal demo --web", "study": "foreseal study", "postgres": "relays that share a database"}
"""Extras that most people do without, and what each is for."""
MEASURED: Final = 5
"""Fingerprints that are timed; the median is told."""
COLUMNS, LINES = 100, 30
"""The least terminal in which two people and the relay fit beside each other."""


class State(StrEnum):
    """How a finding is to be taken."""

    OK = "ok"
    WARN = "warn"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `advice`: what to do about it, empty where there is nothing to do."""

    about: str
    state: State
    found: str
    advice: str = ""


def examine(environment: Mapping[str, str], today: date) -> Iterator[Finding]:
    """All findings, in the order to be read. `environment`: as `os.environ`; read for `FORESEAL_LIST` (directories,
    separated as in PATH) and the terminal's abilities."""
    yield Finding("foreseal", State.OK, _version("foreseal") or "not installed as a package, running from its source")
    yield Finding("python", State.OK, f"{platform.python_implementation()} {platform.python_version()}")
    yield Finding("platform", State.OK, f"{platform.system()} {platform.release()}, {platform.machine()}")
    yield from _packages()
    yield _fingerprint()
    yield _films()
    yield _sqlite()
    yield _terminal(environment)
    yield from _lists(environment, today)


def _packages() -> Iterator[Finding]:
    try:
        wanted = metadata.requires("foreseal") or []
    except metadata.PackageNotFoundError:
        yield Finding("packages", State.WARN, "foreseal itself is not installed", 'Run: pip install -e ".[demo]"')
        return
    for extra in ("", *EXTRAS, *ASIDE):
        lines = [line for line in wanted if _extra(line) == extra and _applies(line)]
        names = [name for line in lines if (name := _name(line)) != "foreseal"]
        versions = {name: _version(name) for name in names}
        missing = [name for name, version in versions.items() if version is None]
        about = f"packages ({extra or 'matcher'})"
        if missing and extra in ASIDE:
            absent = f"missing: {', '.join(missing)}; only for {ASIDE[extra]}"
            yield Finding(about, State.OK, absent, f'For that: pip install "foreseal[{extra}]"')
        elif missing:
            state = State.WARN if extra else State.PROBLEM
            whole = f"foreseal[{extra}]" if extra else "foreseal"
            yield Finding(about, state, f"missing: {', '.join(missing)}", f'Run: pip install "{whole}"')
        else:
            yield Finding(about, State.OK, ", ".join(f"{name} {version}" for name, version in versions.items()))


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]


def _extra(requirement: str) -> str:
    found = re.search(r"extra == ['\"]([^'\"]+)['\"]", requirement)
    return found.group(1) if found else ""


def _applies(requirement: str) -> bool:
    """The one marker that pyproject.toml uses: uvloop does not exist for Windows."""
    return not ("sys_platform != " in requirement and sys.platform == "win32")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _fingerprint() -> Finding:
    about = "fingerprint"
    try:
        from foreseal_client.pictures import generate
        from foreseal_matcher.core import compiled
        from foreseal_matcher.decode import looks_at
        from foreseal_matcher.errors import NotInstalled
        from foreseal_matcher.fingerprints.pdq import pdq
    except ImportError as error:
        return Finding(about, State.PROBLEM, f"the matcher cannot be loaded: {error}", "Run: pip install foreseal")
    try:
        core = compiled()
    except NotInstalled as absent:
        return Finding(about, State.PROBLEM, str(absent), "Unset FORESEAL_CORE to use what there is.")
    picture = generate("poster", 1)
    spent: list[float] = []
    for _ in range(MEASURED):
        began = time.perf_counter()
        for look in looks_at(picture):
            pdq(look.luma, look.full)
        spent.append((time.perf_counter() - began) * 1000)
    cost = f"{statistics.median(spent):.1f} ms for a JPEG of 960x720 (decode and PDQ, median of {MEASURED}, now)"
    if core is not None:
        return Finding(about, State.OK, f"compiled core, {cost}")
    advice = "It finds the same and takes longer. To have it compiled: install a C compiler, then foreseal again."
    return Finding(about, State.OK, f"plain (numpy), {cost}", advice)


def _films() -> Finding:
    """Hands a broken film to a process of its own: that it comes back as damaged shows that the way there works."""
    about = "films"
    from foreseal_matcher.errors import Undecodable
    from foreseal_matcher.films import frames_of
    from foreseal_matcher.verdict import Reason

    began = time.perf_counter()
    try:
        list(frames_of(b"\0\0\0\x10ftypisom\0\0\0\0"))
    except Undecodable as problem:
        if problem.reason is Reason.FILMS_UNCHECKED:
            advice = 'Each is unreadable, and the policy says what follows. To check them: pip install "foreseal[film]"'
            return Finding(about, State.WARN, "they cannot be checked here", advice)
        if problem.reason is Reason.FILM_DAMAGED and "broke down" not in problem.detail:
            spent = (time.perf_counter() - began) * 1000
            return Finding(about, State.OK, f"decoded in a process of their own, which starts in {spent:.0f} ms")
        return Finding(about, State.PROBLEM, str(problem), "Install foreseal[film] again.")
    return Finding(about, State.PROBLEM, "a broken film was taken for a whole one", "Install foreseal[film] again.")


def _sqlite() -> Finding:
    about = "sqlite"
    try:
        with tempfile.TemporaryDirectory() as directory:
            connection = sqlite3.connect(Path(directory) / "trial.sqlite")
            try:
                (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
            finally:
                connection.close()
    except (OSError, sqlite3.Error) as error:
        return Finding(about, State.PROBLEM, str(error), "The relay needs a directory that it can write to.")
    if mode != "wal":
        advice = "A write-ahead log needs a local disk: set TMPDIR to one, and give the relay a local --data."
        return Finding(about, State.PROBLEM, f"{sqlite3.sqlite_version}, no write-ahead log here", advice)
    return Finding(about, State.OK, f"{sqlite3.sqlite_version} with write-ahead log")


def _terminal(environment: Mapping[str, str]) -> Finding:
    about = "terminal"
    if not sys.stdout.isatty():
        return Finding(about, State.OK, "none; the demo runs as plain text")
    columns, lines = shutil.get_terminal_size()
    encoding = (sys.stdout.encoding or "unknown").lower()
    found = f"{columns}x{lines}, {_colours(environment)}, {encoding}"
    if environment.get("TERM") == "dumb":
        return Finding(about, State.WARN, found, "It cannot be drawn on. Use: foreseal demo --script")
    if encoding.replace("-", "") != "utf8":
        return Finding(about, State.WARN, found, "Pictures need a UTF-8 locale: set LANG to one, e.g. C.UTF-8.")
    if columns < COLUMNS or lines < LINES:
        return Finding(about, State.WARN, found, f"The demo wants {COLUMNS}x{LINES} or more: enlarge the window.")
    return Finding(about, State.OK, found)


def _colours(environment: Mapping[str, str]) -> str:
    if environment.get("NO_COLOR"):
        return "no colours (NO_COLOR is set)"
    if environment.get("COLORTERM", "") in ("truecolor", "24bit"):
        return "16 million colours"
    return "256 colours" if "256color" in environment.get("TERM", "") else "few colours"


def _lists(environment: Mapping[str, str], today: date) -> Iterator[Finding]:
    about = "hash list"
    configured = [Path(part) for part in environment.get("FORESEAL_LIST", "").split(os.pathsep) if part]
    if not configured:
        advice = "The demo makes its own. To make one: foreseal list make FILE... --out DIR; then set FORESEAL_LIST."
        yield Finding(about, State.OK, "none configured", advice)
        return
    from foreseal_client.short_fingerprints import by_chance_in, chance_warning
    from foreseal_matcher.lists import ListSet
    from foreseal_matcher.verdict import Reason

    opened = ListSet.open(configured, today)
    for problem in opened.problems:
        detail = f" ({problem.detail})" if problem.detail else ""
        stale = problem.reason is Reason.LIST_STALE
        advice = "Get a newer one." if stale else "Make or fetch it again; until then the policy says what may pass."
        yield Finding(
            about, State.WARN if stale else State.PROBLEM, f"{problem.path}: {problem.reason}{detail}", advice
        )
    for one, facts in zip(opened.lists, opened.describe(today), strict=True):
        found = f"{facts.name} {facts.version}, {facts.entries:,} entries, {facts.age_days} d old, {facts.purpose}"
        chances = by_chance_in([one])
        yield Finding(about, State.OK, found, chance_warning(chances, "its rows") if chances else "")
