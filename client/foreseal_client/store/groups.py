"""Groups as this device keeps them: their states, who is in them, and what became of each message for each member."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from foreseal_client.groups.log import GroupLog
from foreseal_client.groups.state import kept_state
from foreseal_client.store.database import Database
from foreseal_client.store.messages import State

__all__ = ["Group", "GroupSend", "GroupStanding", "Groups", "Reach"]


class GroupStanding(StrEnum):
    """How this person stands to a group."""

    JOINED = "joined"
    GONE = "gone"
    """They left, or were removed. What was written before is kept; nothing comes or goes any more."""


class Group(msgspec.Struct, frozen=True):
    """A group as it is now. `id`: 16 bytes."""

    id: bytes
    log: GroupLog
    standing: GroupStanding

    @property
    def name(self) -> str:
        """What it is called."""
        return self.log.agreed.in_force.state.name


class GroupSend(msgspec.Struct, frozen=True):
    """What became of a message for one member. `eid`: of their envelope; none while their keys are not here."""

    identity: bytes
    eid: bytes | None
    state: State


class Reach(msgspec.Struct, frozen=True):
    """A member whose keys are not here yet, or who does not know where we can be reached since that changed."""

    identity: bytes


class Groups:
    """Reads and writes; the caller holds the transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # --- groups and their states ---------------------------------------------------------------------------------

    def put(self, group: bytes, log: GroupLog, standing: GroupStanding) -> None:
        """Stores a group as it is now."""
        self._db.run(
            "INSERT INTO groups VALUES (?,?,?) ON CONFLICT (id) DO UPDATE SET root = excluded.root,"
            " standing = excluded.standing",
            group, log.root, standing.value,
        )  # fmt: skip
        there = {known for (known,) in self._db.rows("SELECT hash FROM group_states WHERE id = ?", group)}
        held = {**log.states, **log.waiting}
        for gone in there - set(held):
            self._db.run("DELETE FROM group_states WHERE id = ? AND hash = ?", group, gone)
        for key, known in held.items():
            self._db.run(
                "INSERT INTO group_states VALUES (?,?,?,?) ON CONFLICT (id, hash) DO UPDATE SET"
                " waiting = excluded.waiting",
                group, key, known.packed, key in log.waiting,
            )  # fmt: skip
        self._db.run("DELETE FROM group_members WHERE id = ?", group)
        if standing is GroupStanding.JOINED:
            for member in log.agreed.members:
                self._db.run("INSERT INTO group_members VALUES (?,?)", group, member.identity)

    def get(self, group: bytes) -> Group | None:
        """The group with this id."""
        row = self._db.row("SELECT root, standing FROM groups WHERE id = ?", group)
        if row is None:
            return None
        rows = self._db.rows("SELECT hash, packed, waiting FROM group_states WHERE id = ?", group)
        states = {key: kept_state(packed) for key, packed, waiting in rows if not waiting}
        waiting = {key: kept_state(packed) for key, packed, waits in rows if waits}
        return Group(group, GroupLog(states, row[0], waiting), GroupStanding(row[1]))

    def all(self) -> list[Group]:
        """Every group, by name."""
        found = [self.get(group) for (group,) in self._db.rows("SELECT id FROM groups")]
        return sorted((group for group in found if group is not None), key=lambda group: (group.name, group.id))

    def shared_with(self, identity: bytes) -> list[bytes]:
        """The groups that this person and we are in."""
        return [group for (group,) in self._db.rows("SELECT id FROM group_members WHERE identity = ?", identity)]

    # --- what became of a message --------------------------------------------------------------------------------

    def put_send(self, message: int, identity: bytes, eid: bytes | None) -> None:
        """A message goes to this member in this envelope, or waits for their keys."""
        state = State.WAITING if eid is None else State.QUEUED
        self._db.run(
            "INSERT INTO group_sends (message, identity, eid, state) VALUES (?,?,?,?) ON CONFLICT (message, identity)"
            " DO UPDATE SET eid = excluded.eid, state = excluded.state",
            message, identity, eid, state.value,
        )  # fmt: skip

    def earlier(self, message: int, identity: bytes) -> bytes | None:
        """The id under which a message may have left for this member before this device was put back."""
        row = self._db.row("SELECT earlier FROM group_sends WHERE message = ? AND identity = ?", message, identity)
        return None if row is None else row[0]

    def seal_anew(self) -> None:
        """What was sealed and has not left waits for the members' keys, and keeps the ids that it had."""
        rows = self._db.rows(
            "SELECT DISTINCT message FROM group_sends WHERE eid IS NOT NULL AND state IN (?,?,?)",
            State.QUEUED.value, State.WAITING.value, State.PAUSED.value,
        )  # fmt: skip
        self._db.run(
            "UPDATE group_sends SET earlier = eid, eid = NULL, state = ?"
            " WHERE eid IS NOT NULL AND state IN (?,?,?)",
            State.WAITING.value, State.QUEUED.value, State.WAITING.value, State.PAUSED.value,
        )  # fmt: skip
        for (message,) in rows:
            self.sum_up(message)

    def sends(self, message: int) -> list[GroupSend]:
        """What became of a message, for each member it was written to."""
        rows = self._db.rows("SELECT identity, eid, state FROM group_sends WHERE message = ? ORDER BY rowid", message)
        return [GroupSend(identity, eid, State(state)) for identity, eid, state in rows]

    def mark(self, eid: bytes, state: State) -> None:
        """Moves one member's envelope on, and the message with it."""
        self._db.run("UPDATE group_sends SET state = ? WHERE eid = ?", state.value, eid)
        message = self.message_of(eid)
        if message is not None:
            self.sum_up(message)

    def mark_unread(self, eid: bytes, identity: bytes) -> None:
        """The member it was sent to says that it could not be opened; anybody else's word changes nothing."""
        self._db.run(
            "UPDATE group_sends SET state = ? WHERE eid = ? AND identity = ? AND state = ?",
            State.UNREAD.value, eid, identity, State.SENT.value,
        )  # fmt: skip

    def drop_unsent(self, group: bytes, identity: bytes) -> list[bytes]:
        """Nothing more leaves for somebody who is in the group no longer; the envelopes to be taken back."""
        rows = self._db.rows(
            "SELECT s.message, s.eid FROM group_sends AS s JOIN messages AS m ON m.id = s.message"
            " WHERE m.conversation = ? AND s.identity = ? AND s.state IN (?,?)",
            group, identity, State.QUEUED.value, State.WAITING.value,
        )  # fmt: skip
        for message, _ in rows:
            self._db.run("DELETE FROM group_sends WHERE message = ? AND identity = ?", message, identity)
            self.sum_up(message)
        return [eid for _, eid in rows if eid is not None]

    def sum_up(self, message: int) -> None:
        """A message is as far as the slowest of its envelopes; those that are refused hold up nothing."""
        states = {send.state for send in self.sends(message)}
        slowest = (State.QUEUED, State.PAUSED, State.WAITING, State.SENT, State.REFUSED)
        now = next((state for state in slowest if state in states), State.SENT)
        self._db.run(
            "UPDATE messages SET state = ? WHERE id = ? AND state <> ?", now.value, message, State.DELETED.value
        )

    def message_of(self, eid: bytes) -> int | None:
        """The message that a member's envelope carries."""
        row = self._db.row("SELECT message FROM group_sends WHERE eid = ?", eid)
        return None if row is None else int(row[0])

    def keyless(self, identity: bytes) -> list[int]:
        """Messages that wait for this member's keys, in the order written."""
        rows = self._db.rows(
            "SELECT message FROM group_sends WHERE identity = ? AND eid IS NULL ORDER BY message", identity
        )
        return [message for (message,) in rows]

    def owe(self, group: bytes, identity: bytes) -> None:
        """This member has to be told the state in force as soon as their keys are here."""
        self._db.run("INSERT OR IGNORE INTO group_owed VALUES (?,?)", group, identity)

    def take_owed(self, identity: bytes) -> list[bytes]:
        """The groups whose state this member is owed; they are owed nothing from now on."""
        groups = [group for (group,) in self._db.rows("SELECT id FROM group_owed WHERE identity = ?", identity)]
        self._db.run("DELETE FROM group_owed WHERE identity = ?", identity)
        return groups

    # --- letters and people that wait ----------------------------------------------------------------------------

    def await_state(self, eid: bytes, wanted: bytes) -> bool:
        """A letter waits until a state comes; whether it is the first of its sender that waits for this one."""
        asked = self._db.row(
            "SELECT 1 FROM arrived WHERE awaits = ? AND identity = (SELECT identity FROM arrived WHERE eid = ?)",
            wanted, eid,
        )  # fmt: skip
        self._db.run("UPDATE arrived SET awaits = ? WHERE eid = ?", wanted, eid)
        return asked is None

    def judge_anew(self, group_or_identity: bytes) -> None:
        """What waits for a state, of this group or by this person, is looked at once more."""
        self._db.run(
            "UPDATE arrived SET awaits = NULL WHERE conversation = ? OR identity = ?",
            group_or_identity, group_or_identity,
        )  # fmt: skip

    def awaiting(self, group: bytes) -> int:
        """How many letters of a group wait for a state."""
        (count,) = self._db.row(
            "SELECT count(*) FROM arrived WHERE conversation = ? AND awaits IS NOT NULL", group
        ) or (0,)
        return int(count)

    def relays(self) -> set[str]:
        """The relays of members who cannot be written to yet."""
        return {relay for (relay,) in self._db.rows("SELECT DISTINCT relay FROM to_reach")}

    def waiting(self, relay: str) -> list[Reach]:
        """Those at one relay."""
        return [Reach(who) for (who,) in self._db.rows("SELECT identity FROM to_reach WHERE relay = ?", relay)]
