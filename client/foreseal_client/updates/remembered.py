"""What a device remembers of a public log: whose key signs it, its head, what stands there for the list, what its
person has accepted. One file, replaced whole."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from foreseal_client.transparency.checkpoint import Checkpoint, CheckpointRefused, open_checkpoint
from foreseal_client.transparency.entry import MAX_ENTRY_BYTES, EntryRefused, LoggedList
from foreseal_client.transparency.evidence import Evidence
from foreseal_client.transparency.heads import Head
from foreseal_client.transparency.history import History
from foreseal_client.updates.fence import Scope
from foreseal_client.updates.refusals import Refusal, UpdateRefused
from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.lists.writing import sync, synced
from foreseal_matcher.regular import read_at_most

__all__ = ["REMEMBERED", "Remembered", "keep_evidence", "recall"]

REMEMBERED: Final = "log.json"
_EVIDENCE: Final = "evidence"
_MOST_BYTES: Final = 4 * MAX_ENTRY_BYTES


@dataclass(frozen=True, slots=True)
class Remembered:
    """`key`: of the log, 32 bytes; `note`: its newest signed checkpoint; `history`: what it was since it was first
    seen; `index` and `entry`: what it says of the list that is in force, or is about to be; `scope`: what was accepted;
    None before the first update came so far. `looked_through`: the size up to which nothing in the log is newer on
    this list than `entry`."""

    key: bytes
    note: bytes
    history: History
    index: int | None = None
    entry: LoggedList | None = None
    scope: Scope | None = None
    looked_through: int = 0

    @property
    def head(self) -> Checkpoint:
        """The head that was kept. Raises `CheckpointRefused` for one that was edited here."""
        return open_checkpoint(self.note, self.key)

    @property
    def told(self) -> Head | None:
        """What contacts are told: the log's head, and the list that it has for this device; None where no list stood in
        it yet."""
        if self.entry is None or self.index is None:
            return None
        return Head(self.key, self.note, self.entry.name, bytes.fromhex(self.entry.digest), self.index)

    def keep(self, state: Path) -> None:
        """Makes it last, in the place of what was remembered before. Raises `OSError`."""
        fields = {
            "key": self.key.hex(),
            "checkpoint": self.note.decode(),
            "since": self.history.since,
            "subtrees": [one.hex() for one in self.history.subtrees],
            "leaves": [one.hex() for one in self.history.leaves],
            "index": self.index,
            "looked_through": self.looked_through,
            "entry": None if self.entry is None else self.entry.encode().decode("ascii"),
            "scope": None if self.scope is None else self.scope.to_fields(),
        }
        _put(state / REMEMBERED, json.dumps(fields, indent=1).encode("ascii") + b"\n")


def recall(state: Path) -> Remembered | None:
    """What was remembered in this folder; None where no log was seen yet. Raises `UpdateRefused` where it cannot be
    read: to begin anew would forget what the log has shown."""
    try:
        fields = json.loads(read_at_most(state / REMEMBERED, _MOST_BYTES))
        scope, entry = fields["scope"], fields["entry"]
        found = Remembered(
            bytes.fromhex(fields["key"]),
            str(fields["checkpoint"]).encode(),
            History(int(fields["since"]), _hashes(fields["subtrees"]), _hashes(fields["leaves"])),
            None if fields["index"] is None else int(fields["index"]),
            None if entry is None else LoggedList.decode(entry.encode()),
            None if scope is None else Scope.from_fields(scope),
            int(fields["looked_through"]),
        )
        if found.history.root(found.head.size) != found.head.root:
            raise UpdateRefused(Refusal.LOG_FORGOTTEN, REMEMBERED)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ListUnusable) as error:
        raise UpdateRefused(Refusal.LOG_FORGOTTEN, REMEMBERED) from error
    except (EntryRefused, CheckpointRefused) as error:
        raise UpdateRefused(Refusal.LOG_FORGOTTEN, str(error)) from error
    return found


def keep_evidence(state: Path, evidence: Evidence) -> Path:
    """Keeps what proves that a log has shown two histories, where no update removes it. Raises `OSError`."""
    encoded = evidence.encode()
    path = state / _EVIDENCE / f"{hashlib.sha256(encoded).hexdigest()[:16]}.json"
    path.parent.mkdir(exist_ok=True)
    _put(path, encoded)
    return path


def _hashes(values: list[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(value) for value in values)


def _put(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}-part")
    with synced(part) as file:
        file.write(content)
    part.replace(path)
    sync(path.parent)
