"""What publishers, endorsers and servers of the game have: keys, a repository, notes of what was served; and a device.

The rules by which they play stand in `publishing_machine`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tuf.api.metadata import Metadata, Targets

from foreseal_client.publishing.keys import name_of
from foreseal_client.publishing.listed import add_list
from foreseal_client.updates.fetching import FolderFetcher
from foreseal_matcher.lists import HashList
from sample_lists import lines
from sample_repositories import NOW, Publisher

__all__ = ["THRESHOLD", "Crashed", "Device", "Failing", "Served", "World"]

THRESHOLD = 2


class Crashed(BaseException):
    """The machine stops, in the middle of an update."""


@dataclass
class Failing(FolderFetcher):
    """Reads so many files, and then the machine stops."""

    left: int

    def _fetch(self, url: str) -> Iterator[bytes]:
        self.left -= 1
        if self.left < 0:
            raise Crashed
        return super()._fetch(url)


@dataclass(frozen=True)
class Served:
    """What was served as the newest. `signers`: whose signatures hold, by key; `fresh`: it had not expired when it was
    signed; `rows`: how many entries' hashes it has."""

    signers: frozenset[str] = frozenset()
    logged: bool = False
    fresh: bool = True
    rows: int = 0


@dataclass
class Device:
    folder: Path
    accepted: list[str] = field(default_factory=list)
    logged: tuple[bytes, ...] = ()
    """The leaves under the newest head that it took."""


class World:
    """`served`: what was ever served as the newest, by its digest; `versions`: how many lists were made."""

    publisher: Publisher
    served: dict[str, Served]
    versions: int

    def next_list(self, rows: int) -> HashList:
        self.versions += 1
        return self.publisher.write(lines(20)[: max(1, rows)], str(self.versions))

    def next_targets(self, opened: HashList, *, expired: bool = False) -> Metadata[Targets]:
        newest = self.publisher.repository.targets()
        assert newest is not None
        targets = copy.deepcopy(newest.signed)
        add_list(self.publisher.repository, targets, opened)
        targets.version += 1
        if expired:
            targets.expires = NOW - timedelta(days=1)
        return Metadata(targets)

    def note(self, opened: HashList, signers: tuple[str, ...], *, logged: bool, fresh: bool = True) -> None:
        """Each version has a digest of its own."""
        assert opened.digest not in self.served
        holding = self.keyids(*signers) & self.keyids(*self.trusted_names())
        self.served[opened.digest] = Served(holding, logged, fresh, len(list(opened.hashes())))

    def keyids(self, *names: str) -> frozenset[str]:
        return frozenset(self.publisher.signers[name].public_key.keyid for name in names)

    def trusted_names(self) -> tuple[str, ...]:
        root = self.publisher.repository.root()
        assert root is not None
        return tuple(sorted(name_of(root.signed.keys[keyid]) for keyid in root.signed.roles[Targets.type].keyids))

    def digest_served(self) -> str:
        newest = self.publisher.repository.targets()
        assert newest is not None
        facts = newest.signed.targets["demo/list.json"].unrecognized_fields["custom"]
        return str(facts["digest"])
