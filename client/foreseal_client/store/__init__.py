"""The encrypted local store of one profile: everything this client keeps."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from foreseal_client.sealing.spool import Spool, chunks_of
from foreseal_client.store.account import Account, AccountRows, Arrived, Inbox
from foreseal_client.store.appeals import Appeal, Appeals, Ground, Outcome
from foreseal_client.store.conversations import Conversation, Conversations, Owed
from foreseal_client.store.database import Database
from foreseal_client.store.fading import Fading
from foreseal_client.store.groups import Group, Groups, GroupSend, GroupStanding, Reach
from foreseal_client.store.handed import HandedIn, HandedRow, Progress
from foreseal_client.store.heads import ComparedHead, ComparedHeads
from foreseal_client.store.history import History
from foreseal_client.store.integrity import damages
from foreseal_client.store.ledger import LedgerRows
from foreseal_client.store.letters import Kept, Letters
from foreseal_client.store.mending import Broken, Mending
from foreseal_client.store.messages import Cost, Direction, Message, Proof, Received, State
from foreseal_client.store.outbox import Outbox, Pending
from foreseal_client.store.people import Contact, People, Standing
from foreseal_client.store.purse import Purse
from foreseal_client.store.reading import Preferences, Reading
from foreseal_client.store.safeguards import Consequence, SafeguardRows
from foreseal_client.store.trust import Evidence, KeyChange, Trust
from foreseal_matcher.content import Item

__all__ = [
    "Account",
    "Appeal",
    "Arrived",
    "Broken",
    "ComparedHead",
    "Consequence",
    "Contact",
    "Conversation",
    "Cost",
    "Direction",
    "Evidence",
    "Ground",
    "Group",
    "GroupSend",
    "GroupStanding",
    "HandedRow",
    "Kept",
    "KeyChange",
    "Message",
    "Outcome",
    "Owed",
    "Pending",
    "Progress",
    "Proof",
    "Reach",
    "Received",
    "Standing",
    "State",
    "Store",
]


class Store:
    """A profile's database and, beside it, encrypted files whose keys lie in the database.

    Raises `WrongKeyError`, `ProfileInUseError` or `StoreError` on opening.
    """

    def __init__(self, profile: Path, key: bytes) -> None:
        self._database = Database(profile, key)
        self.profile = profile
        self.account = AccountRows(self._database)
        self.people = People(self._database)
        self.trust = Trust(self._database)
        self.heads = ComparedHeads(self._database)
        self.inbox = Inbox(self._database)
        self.outbox = Outbox(self._database, profile)
        self.history = History(self._database, profile)
        self.mending = Mending(self._database)
        self.groups = Groups(self._database)
        self.purse = Purse(self._database)
        self.conversations = Conversations(self._database)
        self.fading = Fading(self._database, self.history, profile)
        self.safeguards = SafeguardRows(self._database)
        self.letters = Letters(self._database)
        self.appeals = Appeals(self._database)
        self.handed_in = HandedIn(self._database)
        self.reading = Reading(self._database)
        self.preferences = Preferences(self._database)
        self.ledger = LedgerRows(self._database, self.preferences)
        self.transaction = self._database.transaction
        self.may_grow = self._database.may_grow
        for folder in ("files", "outgoing", "incoming"):
            (profile / folder).mkdir(mode=0o700, exist_ok=True)
        self._sweep()

    def keep(self, item: Item) -> Spool:
        """An item as a file of this profile; a spool that lies here already is not written again."""
        if isinstance(item, Spool) and item.path.parent == self.profile / "files":
            return item
        with item.open() as source:
            return Spool.write(chunks_of(source), self.new_file(), item.name)

    @contextmanager
    def keeping(self, items: Sequence[Item]) -> Iterator[tuple[Spool, ...]]:
        """The items as files of this profile; those written for it are removed again when the block fails."""
        kept: list[Spool] = []
        try:
            for item in items:
                kept.append(self.keep(item))
            yield tuple(kept)
        except BaseException:
            for spool in kept:
                if spool not in items:
                    spool.path.unlink(missing_ok=True)
            raise

    def new_file(self) -> Path:
        """A path for a file that will belong to a message."""
        return self.profile / "files" / secrets.token_hex(16)

    def new_outgoing(self) -> Path:
        """A path for a sealed blob."""
        return self.profile / "outgoing" / secrets.token_hex(16)

    def incoming(self, eid: bytes, position: int) -> Path:
        """The path for a blob that is being fetched: the same for one letter's attachment however often it is tried."""
        return self.profile / "incoming" / f"{eid.hex()}-{position}"

    @property
    def schema_version(self) -> int:
        """The version of the store's tables."""
        (version,) = self._database.row("PRAGMA user_version") or (0,)
        return int(version)

    def rows_of(self, table: str, columns: Sequence[str], where: str = "TRUE") -> Iterator[tuple[Any, ...]]:
        """Some columns of a table's rows, in the order written; all of it is our words, never a person's."""
        return self._database.stream(f"SELECT {', '.join(columns)} FROM {table} WHERE {where} ORDER BY rowid")  # noqa: S608

    def damages(self) -> Iterator[str]:
        """What is damaged in it, in words; reads all of it. See `integrity`."""
        return damages(self._database, self.history)

    def mark(self, eid: bytes, state: State) -> None:
        """Moves on what an outgoing envelope carries; the caller holds the transaction."""
        self.history.mark(eid, state)
        self.groups.mark(eid, state)

    def mark_unread(self, eid: bytes, identity: bytes) -> None:
        """The one it was sent to says that it could not be opened; the caller holds the transaction."""
        self.history.mark_unread(eid, identity)
        self.groups.mark_unread(eid, identity)

    def message_of(self, eid: bytes) -> Message | None:
        """The outgoing message that this envelope carries, perhaps to one member of a group."""
        in_group = self.groups.message_of(eid)
        return self.history.by_eid(eid) if in_group is None else self.history.get(in_group)

    def close(self) -> None:
        """Closes the database."""
        self._database.close()

    def _sweep(self) -> None:
        """Removes files that a crash left behind: no row names them, so nothing was promised about them."""
        wanted = {"files": self.history.files(), "outgoing": self.outbox.files(), "incoming": self.inbox.eids()}
        for folder, names in wanted.items():
            for path in (self.profile / folder).iterdir():
                if path.name.partition("-")[0] not in names:
                    path.unlink()
