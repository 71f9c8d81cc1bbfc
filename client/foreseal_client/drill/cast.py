"""A publisher of whom three of five endorsers have to agree, a log with a key of its own, and a device that follows
both. Whoever coerces has the server and the online key, and wants a harmless poster stopped."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from foreseal_client.draft import Draft
from foreseal_client.pictures import generate
from foreseal_client.publishing.coerced import serve_coerced
from foreseal_client.publishing.keys import LOG, ONLINE, Signer, load_signers, make_key, name_of
from foreseal_client.publishing.listed import open_to_publish
from foreseal_client.publishing.pending import Pending, Waiting
from foreseal_client.publishing.publishing import complete, prepare_list, prepare_root
from foreseal_client.publishing.repository import Repository
from foreseal_client.transparency.entry import LoggedList
from foreseal_client.transparency.folder import LogFolder
from foreseal_client.transparency.reading import LOG as LOG_FOLDER
from foreseal_client.updates.fetching import fetcher_for
from foreseal_client.updates.refusals import UpdateRefused
from foreseal_client.updates.remembered import Remembered, recall
from foreseal_client.updates.updating import update
from foreseal_matcher import Bytes, ListSet, Match, screen
from foreseal_matcher.lists import HashList, ListedHash, Purpose, build_list, from_picture
from foreseal_matcher.lists.writing import UPDATES

__all__ = ["ENDORSERS", "LIST_NAME", "POSTER", "THRESHOLD", "Cast", "picture"]

ENDORSERS: Final = ("ann", "ben", "cai", "dee", "eli")
THRESHOLD: Final = 3
LIST_NAME: Final = "demo"
CATEGORY: Final = "known"
_SIZE: Final = (160, 120)


def picture(kind: str, number: int) -> bytes:
    """A small painted picture, the same for the same arguments."""
    return generate(kind, number, _SIZE)


POSTER: Final = picture("poster", 1)
"""What is harmless, and is to be stopped."""
_LISTED: Final = picture("landscape", 2)


@dataclass
class Cast:
    """Everything in one folder, which `at_another_place` copies: what happens in the copy happens in no other."""

    folder: Path
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    @classmethod
    def begun(cls, folder: Path) -> Cast:
        """One list with one entry is published, logged, and in force on the device."""
        self = cls(folder)
        *endorsers, online, log = (make_key(folder / "keys", name) for name in (*ENDORSERS, ONLINE, LOG))
        prepare_root(self.repository, endorsers, THRESHOLD, online, log, self.now)
        self._complete()
        self.publish(())
        self.update()
        return self

    def at_another_place(self, folder: Path) -> Cast:
        """The same people and the same device, as they are now."""
        shutil.copytree(self.folder, folder)
        return Cast(folder, self.now)

    # --- what publishers do -----------------------------------------------------------------------------------------

    def publish(self, more: Sequence[ListedHash]) -> None:
        """The next version by the rules, with these entries besides."""
        prepare_list(self.repository, self._written(more), self.now)
        self._complete()

    def waits(self, poster: bytes, signed: int) -> Waiting | None:
        """The poster waits by the rules, signed by so many: what `foreseal list publish` answers."""
        prepare_list(self.repository, self._written(self.rows(poster)), self.now)
        Pending(self.repository).sign(self._keys(*ENDORSERS[:signed]))
        return complete(self.repository, self._keys(ONLINE, LOG), self.now)

    def coerced(self, colluding: int, poster: bytes = POSTER, *, logged: bool, category: str = CATEGORY) -> None:
        """The poster is served beside what was listed, signed by so many endorsers. `logged`: the log's operator takes
        in what is brought."""
        (online,), log = self._keys(ONLINE), self._keys(LOG)[0] if logged else None
        opened = self._written(self.rows(poster, category))
        serve_coerced(self.repository, opened, self._keys(*ENDORSERS[:colluding]), online, log, self.now)

    def rows(self, data: bytes, category: str = CATEGORY, id: int = 2) -> list[ListedHash]:
        """The entry that a picture makes."""
        return from_picture(data, id, category=category, source="drill")

    # --- what devices do --------------------------------------------------------------------------------------------

    def update(self) -> UpdateRefused | None:
        """What the device says to what is served now; None where it has taken it, or nothing was new."""
        source = str(self.repository.folder)
        root = self.repository.first_root.read_bytes()
        try:
            update(source, fetcher_for(source), self.device, self.now.date(), root=root)
        except UpdateRefused as refused:
            return refused
        return None

    def stops(self, data: bytes = POSTER) -> bool:
        """Whether the device stops this, by the list in force."""
        lists = ListSet.open([self.device], self.now.date())
        return isinstance(screen(Draft("", (Bytes(data, "poster.png"),)), lists).verdict, Match)

    @property
    def device(self) -> Path:
        """The folder of the list on the device."""
        return self.folder / "device"

    @property
    def in_force(self) -> HashList:
        """The list there."""
        return HashList.open(self.device, self.now.date())

    @property
    def remembered(self) -> Remembered:
        """What the device has seen of the log. Raises `ValueError` before it saw any."""
        found = recall(self.device / UPDATES)
        if found is None:
            raise ValueError("this device has never asked")
        return found

    # --- what anybody can read --------------------------------------------------------------------------------------

    @property
    def repository(self) -> Repository:
        """What is served."""
        return Repository(self.folder / "repository")

    @property
    def log(self) -> Path:
        """The folder of the log."""
        return self.repository.folder / LOG_FOLDER

    @property
    def last_logged(self) -> LoggedList | None:
        """The newest entry of the log about the list."""
        key = bytes.fromhex(self._keys(LOG)[0].public_key.keyval["public"])
        folder = LogFolder(self.log)
        return folder.newest(LIST_NAME, folder.head(key))

    # --- small things -----------------------------------------------------------------------------------------------

    def _written(self, more: Sequence[ListedHash]) -> HashList:
        made = self.folder / f"made-{len(list(self.folder.glob('made-*')))}"
        rows = [*self.rows(_LISTED, id=1), *more]
        build_list(made, rows, name=LIST_NAME, version=made.name.removeprefix("made-"), made=self.now.date(),
                   purpose=Purpose.SYNTHETIC, valid_days=30)  # fmt: skip
        return open_to_publish(made, self.now.date())

    def _complete(self) -> None:
        Pending(self.repository).sign(self._keys(*ENDORSERS[:THRESHOLD]))
        complete(self.repository, self._keys(ONLINE, LOG), self.now)

    def _keys(self, *names: str) -> list[Signer]:
        known = {name_of(signer.public_key): signer for signer in load_signers(self.folder / "keys")}
        return [known[name] for name in names]
