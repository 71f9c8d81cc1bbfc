"""The demo's publisher: three endorsers of whom two have to agree, and a device that was given their root."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from foreseal_client.demo.stage import write_list
from foreseal_matcher.lists import FollowedLists

__all__ = ["ENDORSERS", "StagePublisher"]

ENDORSERS: Final = ("endorser-1", "endorser-2", "endorser-3")


class StagePublisher:
    """Everything in one folder: a list, keys, a repository, and the list as a device has installed it. Real publishers
    share neither folder nor machine."""

    def __init__(self, folder: Path) -> None:
        # Imported here: the rest of the demo needs no signatures over lists.
        from foreseal_client.publishing.keys import load_signers, name_of
        from foreseal_client.publishing.repository import Repository

        self._folder = folder
        self._versions = 0
        self._repository = Repository(folder / "repository")
        self._signers = {name_of(signer.public_key): signer for signer in load_signers(folder / "keys")}

    @classmethod
    def begin(cls, folder: Path) -> StagePublisher:
        """With keys of its own, and a root that two of the endorsers signed."""
        from foreseal_client.publishing.keys import LOG, ONLINE, make_key
        from foreseal_client.publishing.publishing import prepare_root

        keys = [make_key(folder / "keys", name) for name in (*ENDORSERS, ONLINE, LOG)]
        publisher = cls(folder)
        prepare_root(publisher._repository, keys[:3], 2, keys[3], keys[4], datetime.now(UTC))
        publisher.endorse(*ENDORSERS[:2])
        return publisher

    def divided(self, folder: Path) -> StagePublisher:
        """The same publisher a second time, from here on with a history of its own: what endorsers and log can do who
        agree to it."""
        shutil.copytree(self._folder, folder)
        return StagePublisher(folder)

    @property
    def installed(self) -> FollowedLists:
        """The device's copy, followed."""
        return FollowedLists([self._folder / "installed"])

    def prepare(self, *listed: bytes) -> None:
        """Lets a version of the list that holds these pictures wait for endorsers."""
        from foreseal_client.publishing.publishing import prepare_list

        self._versions += 1
        (made,) = write_list(self._folder / f"version-{self._versions}", "demo", listed).lists
        prepare_list(self._repository, made, datetime.now(UTC))

    def endorse(self, *names: str) -> bool:
        """Signs what waits in these names; whether it is published now."""
        from foreseal_client.publishing.pending import Pending
        from foreseal_client.publishing.publishing import complete

        Pending(self._repository).sign([self._signers[name] for name in names])
        return complete(self._repository, list(self._signers.values()), datetime.now(UTC)) is None

    async def update(self) -> str:
        """An update on the device, from the repository carried there by hand; how it went, in words. Raises
        `UpdateRefused`."""
        return await self._update(self._repository.folder, self._repository.first_root.read_bytes())

    async def offered_by_another(self, folder: Path, *listed: bytes) -> str | None:
        """Offers the device a list of these pictures that others have signed; what it says to that, or nothing if it
        took it."""
        from foreseal_client.updates.refusals import UpdateRefused

        other = StagePublisher.begin(folder)
        other.prepare(*listed)
        other.endorse(*ENDORSERS)
        try:
            await self._update(other._repository.folder, None)
        except UpdateRefused as refused:
            return str(refused)
        return None

    async def _update(self, repository: Path, root: bytes | None) -> str:
        from foreseal_client.updates.fetching import fetcher_for
        from foreseal_client.updates.updating import update

        source, today = str(repository), datetime.now(UTC).date()
        done = await asyncio.to_thread(
            update, source, fetcher_for(source), self._folder / "installed", today, root=root
        )
        return str(done.way)
