"""What an endorser should see before signing: what waits, read from the files that the signature will cover."""

from __future__ import annotations

from dataclasses import dataclass

from tuf.api.exceptions import LengthOrHashMismatchError
from tuf.api.metadata import TargetFile, Targets

from foreseal_client.publishing.faults import NotPublished
from foreseal_client.publishing.keys import name_of
from foreseal_client.publishing.pending import Pending
from foreseal_client.publishing.repository import Repository
from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.lists import Manifest
from foreseal_matcher.lists.manifest import MANIFEST

__all__ = ["WaitingList", "WaitingRoot", "waiting_lists", "waiting_root"]


@dataclass(frozen=True, slots=True)
class WaitingRoot:
    """Whom the next root trusts: names of endorsers, and how many of them have to agree."""

    version: int
    endorsers: tuple[str, ...]
    threshold: int


@dataclass(frozen=True, slots=True)
class WaitingList:
    """A list under the next signatures. `before`: the digest that is published now, "" where there is none."""

    manifest: Manifest
    before: str

    @property
    def changed(self) -> bool:
        """Whether it is another list than the one published now."""
        return self.manifest.digest != self.before


def waiting_root(repository: Repository) -> WaitingRoot | None:
    """The root that waits for endorsers."""
    root = Pending(repository).root()
    if root is None:
        return None
    role = root.signed.roles[Targets.type]
    names = tuple(sorted(name_of(root.signed.keys[keyid]) for keyid in role.keyids))
    return WaitingRoot(root.signed.version, names, role.threshold)


def waiting_lists(repository: Repository) -> list[WaitingList]:
    """The lists that wait for endorsers, after every file was compared with what is to be signed. Raises
    `NotPublished` where one differs or is not there."""
    pending, published = Pending(repository).targets(), repository.targets()
    if pending is None:
        return []
    for target in pending.signed.targets.values():
        _demand(repository, target)
    now = {} if published is None else published.signed.targets
    return [
        WaitingList(_manifest(repository, target), _manifest(repository, now[path]).digest if path in now else "")
        for path, target in sorted(pending.signed.targets.items())
        if path.endswith(f"/{MANIFEST}")
    ]


def _demand(repository: Repository, target: TargetFile) -> None:
    place = repository.place_of(target)
    try:
        with place.open("rb") as file:
            target.verify_length_and_hashes(file)
    except (OSError, LengthOrHashMismatchError) as error:
        raise NotPublished(
            f"{place} is not the file that waits for endorsement. Sign nothing; copy the whole repository again."
        ) from error


def _manifest(repository: Repository, target: TargetFile) -> Manifest:
    try:
        return Manifest.decode(repository.place_of(target).read_bytes())
    except (OSError, ListUnusable) as error:
        raise NotPublished(f"{target.path} is no manifest of a list ({error}). Sign nothing.") from error
