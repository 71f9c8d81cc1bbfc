"""An update, from what is trusted to what is in force."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from pathlib import Path

from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.api.metadata import TargetFile
from tuf.ngclient import FetcherInterface, Updater

from foreseal_client.updates.at_fence import leave_fence, note_fence
from foreseal_client.updates.logged import FollowedLog, demand_as_logged
from foreseal_client.updates.names import CATALOGUE, METADATA, TARGETS, column_target, delta_target, manifest_target
from foreseal_client.updates.only_one import only_one
from foreseal_client.updates.refusals import Refusal, StoppedAtFence, UpdateRefused
from foreseal_client.updates.trusted import Noted, reason_of, root_expired
from foreseal_matcher.errors import DeltaRefused, ListNotWritten, ListUnusable
from foreseal_matcher.lists import HashList, Manifest, apply_delta, files_of, leads_to, switch_to
from foreseal_matcher.lists.manifest import MANIFEST, MAX_BYTES
from foreseal_matcher.lists.writing import UPDATES, Demand
from foreseal_matcher.regular import read_at_most

__all__ = ["Updated", "Way", "update"]


class Way(StrEnum):
    """How the list in force came to be the newest."""

    NOTHING_NEW = "nothing new"
    DELTA = "delta"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Updated:
    """What is in force after an update. `before`: the digest of what was in force, None where there was no list.
    `fetched`: bytes that came, metadata included."""

    list: HashList
    before: str | None
    way: Way
    fetched: int


def update(
    source: str,
    fetcher: FetcherInterface,
    out: Path,
    today: date,
    *,
    root: bytes | None = None,
    name: str | None = None,
    accept: Collection[str] = (),
) -> Updated:
    """Brings the list in the folder `out` to the newest version that the endorsers of the repository at `source` have
    signed. `root`: the first root.json, needed once; it must come from the publisher by a way that is trusted. `name`:
    which list, where the repository has several and none is installed yet. `accept`: what is new to this device and
    may come all the same, as `StoppedAtFence.news` names it.

    Raises `UpdateRefused`, and of its kinds `StoppedAtFence` where the person has to be asked; whatever list stood
    there before is then in force, and `at_fence` says later what for."""
    state = out / UPDATES
    try:
        state.mkdir(parents=True, exist_ok=True)
        with only_one(state):
            try:
                done = _Update(source, Noted(fetcher), out, today, accept).run(root, name)
            except StoppedAtFence as stopped:
                note_fence(state, source, stopped)
                raise
            leave_fence(state)
            return done
    except OSError as error:
        raise UpdateRefused(Refusal.NOT_WRITTEN, error.strerror or str(error)) from error


class _Update:
    """One update under way; see `update`."""

    def __init__(self, source: str, noted: Noted, out: Path, today: date, accept: Collection[str]) -> None:
        self._source = source.rstrip("/")
        self._noted = noted
        self._out = out
        self._today = today
        self._state = out / UPDATES
        self._metadata = self._state / "metadata"
        self._staged = self._state / "staged"
        self._before = _installed(out)
        self._accept = accept

    def run(self, root: bytes | None, name: str | None) -> Updated:
        """From the root that is trusted to the list in force."""
        with self._said():
            updater = self._trusting(root)
            updater.refresh()
            log = FollowedLog(self._source, self._noted, self._state, self._accept)
            head = log.follow(self._today)
        name = self._name(updater, name)
        manifest = self._newest(updater, name)
        with self._said():
            entry = log.demand_logged(manifest, self._before, head)
        demand = partial(demand_as_logged, entry)
        if self._in_force(manifest):
            return self._done(HashList.open(self._out, self._today), Way.NOTHING_NEW)
        found = self._by_delta(updater, manifest, demand)
        if found is not None:
            return self._done(found, Way.DELTA)
        for file, digest in files_of(manifest).items():
            self._column(updater, name, manifest.folder, file, digest)
        return self._done(self._switched(demand), Way.FULL)

    def _trusting(self, root: bytes | None) -> Updater:
        """The library's client, resting on the root that was installed first and never on one that a server sent."""
        pinned = self._state / "root.json"
        known = pinned.read_bytes() if pinned.exists() else None
        if known is None and root is None:
            raise UpdateRefused(Refusal.NO_ROOT)
        if None not in (known, root) and known != root:
            raise UpdateRefused(Refusal.OTHER_ROOT)
        trusted = known or root or b""
        self._metadata.mkdir(exist_ok=True)
        try:
            updater = Updater(
                str(self._metadata), f"{self._source}/{METADATA}/", None, f"{self._source}/{TARGETS}/", self._noted,
                bootstrap=trusted,
            )  # fmt: skip
        except RepositoryError as error:
            raise UpdateRefused(Refusal.BAD_ROOT, str(error)) from error
        if known is None:
            part = pinned.with_suffix(".part")
            part.write_bytes(trusted)
            part.replace(pinned)
        return updater

    def _name(self, updater: Updater, name: str | None) -> str:
        """The list to bring: the one that is installed, the one asked for, or the only one there is."""
        if self._before is not None:
            if name not in (None, self._before.name):
                raise UpdateRefused(Refusal.OTHER_LIST, f"{name}; {self._before.name} is installed here")
            return self._before.name
        if name is not None:
            return name
        path = self._state / CATALOGUE
        self._fetch(updater, self._target(updater, CATALOGUE, Refusal.MISSING), path)
        try:
            names = [str(found) for found in json.loads(path.read_bytes())["lists"]]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UpdateRefused(Refusal.MALFORMED, CATALOGUE) from error
        if len(names) != 1:
            raise UpdateRefused(Refusal.NO_SUCH_LIST, f"it holds {', '.join(names) or 'none'}")
        return names[0]

    def _newest(self, updater: Updater, name: str) -> Manifest:
        """The newest list's manifest, beside the list. Refuses one that is another list's."""
        target, path = self._target(updater, manifest_target(name), Refusal.NO_SUCH_LIST), self._state / MANIFEST
        if updater.find_cached_target(target, str(path)) is None:
            self._fetch(updater, target, path)
        try:
            manifest = Manifest.decode(read_at_most(path, MAX_BYTES))
        except ListUnusable as error:
            raise UpdateRefused(Refusal.UNUSABLE, error.detail) from error
        if manifest.name != name:
            raise UpdateRefused(Refusal.OTHER_LIST, f"{manifest.name} instead of {name}")
        if self._before is not None and manifest.purpose is not self._before.purpose:
            raise UpdateRefused(Refusal.OTHER_PURPOSE, f"{manifest.purpose} instead of {self._before.purpose}")
        return manifest

    def _in_force(self, newest: Manifest) -> bool:
        """Whether the newest list is the one installed, and whole."""
        try:
            return HashList.open(self._out, self._today).digest == newest.digest
        except ListUnusable:
            return False

    def _by_delta(self, updater: Updater, newest: Manifest, demand: Demand) -> HashList | None:
        """The newest list, made from the one in force; None where no delta leads from there or it does not fit, and
        the whole list has to be fetched."""
        if self._before is None:
            return None
        with self._said():
            target = updater.get_targetinfo(delta_target(newest.name, self._before.digest))
        if target is None:
            return None
        path = self._state / "delta"
        try:
            self._fetch(updater, target, path)
            if leads_to(path) != newest.digest:
                return None
            apply_delta(self._out, path, self._out, self._today, demand)
            return HashList.open(self._out, self._today)
        except (DeltaRefused, ListUnusable, ListNotWritten, UpdateRefused):
            return None  # The whole list may still be had, and what is wrong with that is said.
        finally:
            path.unlink(missing_ok=True)

    def _column(self, updater: Updater, name: str, folder: str, file: str, digest: str) -> None:
        """One file of the columns, staged: what is installed already is not fetched again."""
        target = self._target(updater, column_target(name, file), Refusal.MISSING)
        path = self._staged / folder / file
        if updater.find_cached_target(target, str(path)) is not None:
            return
        if self._before is not None and files_of(self._before).get(file) == digest:
            path.parent.mkdir(parents=True, exist_ok=True)
            _share(self._out / self._before.folder / file, path)
            if updater.find_cached_target(target, str(path)) is not None:
                return
        self._fetch(updater, target, path)

    def _switched(self, demand: Demand) -> HashList:
        shutil.copyfile(self._state / MANIFEST, self._staged / MANIFEST)
        try:
            found = switch_to(self._staged, self._out, self._today, demand)
        except ListUnusable as error:
            raise UpdateRefused(Refusal.UNUSABLE, str(error)) from error
        except ListNotWritten as error:
            raise UpdateRefused(Refusal.NOT_WRITTEN, str(error)) from error
        shutil.rmtree(self._staged, ignore_errors=True)
        return found

    def _done(self, found: HashList, way: Way) -> Updated:
        return Updated(found, None if self._before is None else self._before.digest, way, self._noted.total)

    def _target(self, updater: Updater, path: str, absent: Refusal) -> TargetFile:
        with self._said():
            target = updater.get_targetinfo(path)
        if target is None:
            raise UpdateRefused(absent, path)
        return target

    def _fetch(self, updater: Updater, target: TargetFile, path: Path) -> None:
        try:
            with self._said():
                updater.download_target(target, str(path))
        except UpdateRefused as refused:
            mixed, received = refused.reason is Refusal.MIXED, self._noted.received
            if refused.reason is Refusal.ENDLESS or (mixed and received != target.length):
                detail = f"{target.path}: {target.length:,} bytes were signed, {received:,} came"
                raise UpdateRefused(Refusal.WRONG_LENGTH, detail) from refused
            if mixed:
                raise UpdateRefused(Refusal.WRONG_HASH, target.path) from refused
            raise

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Turns the library's faults into refusals."""
        try:
            yield
        except (RepositoryError, DownloadError) as error:
            self._noted.stop()
            refusal, detail = reason_of(error, self._noted, expired_root=root_expired(self._metadata))
            raise UpdateRefused(refusal, detail) from error


def _installed(out: Path) -> Manifest | None:
    try:
        return Manifest.decode(read_at_most(out / MANIFEST, MAX_BYTES))
    except (OSError, ListUnusable):
        return None


def _share(installed: Path, staged: Path) -> None:
    """A file of the list in force, in the staged one too: linked, or copied where the disk knows no links."""
    staged.unlink(missing_ok=True)
    try:
        os.link(installed, staged)
    except OSError:
        if installed.is_file():
            shutil.copyfile(installed, staged)
