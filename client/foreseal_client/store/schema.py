"""The local store's schema, one script a version. A store of a newer version is refused, an older one migrated; a new
one gets all tables as they are now, from `schema.sql`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final

__all__ = ["MIGRATIONS", "script"]

MIGRATIONS: Final = (
    """
    CREATE TABLE account (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        name TEXT NOT NULL, relay TEXT NOT NULL,
        keys BLOB NOT NULL, prekeys BLOB NOT NULL,
        delivery_token BLOB NOT NULL,
        generation INTEGER NOT NULL, rolled_back INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE invitations (token BLOB PRIMARY KEY, expires INTEGER NOT NULL) STRICT;
    CREATE TABLE contacts (
        identity BLOB PRIMARY KEY, name TEXT NOT NULL, relay TEXT NOT NULL, mailbox BLOB NOT NULL,
        token BLOB NOT NULL, invitation BLOB, bundle BLOB, standing TEXT NOT NULL,
        introduced INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE VIEW to_introduce AS SELECT * FROM contacts
        WHERE standing = 'accepted' AND invitation IS NULL AND NOT (introduced AND bundle IS NOT NULL);
    CREATE TABLE sessions (
        identity BLOB NOT NULL REFERENCES contacts, id BLOB NOT NULL, state BLOB NOT NULL, heard INTEGER NOT NULL,
        PRIMARY KEY (identity, id)
    ) STRICT;
    -- Handshakes that used no one-time prekey can be replayed for as long as the last-resort key lives.
    CREATE TABLE handshakes (id BLOB PRIMARY KEY, day INTEGER NOT NULL) STRICT;
    CREATE TABLE seen (eid BLOB PRIMARY KEY, day INTEGER NOT NULL) STRICT;
    CREATE TABLE arrived (
        eid BLOB PRIMARY KEY, identity BLOB NOT NULL, content BLOB NOT NULL, proof BLOB NOT NULL
    ) STRICT;
    CREATE TABLE outbox (
        position INTEGER PRIMARY KEY AUTOINCREMENT, eid BLOB NOT NULL UNIQUE, identity BLOB NOT NULL,
        envelope BLOB NOT NULL, state TEXT NOT NULL DEFAULT 'waiting'
    ) STRICT;
    CREATE TABLE outbox_blobs (eid BLOB NOT NULL, blob BLOB PRIMARY KEY, path TEXT NOT NULL) STRICT;
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT, identity BLOB NOT NULL, eid BLOB, direction TEXT NOT NULL,
        at INTEGER NOT NULL, text TEXT NOT NULL, state TEXT NOT NULL, verdict BLOB NOT NULL,
        digest BLOB NOT NULL, note TEXT NOT NULL, cost BLOB, proof BLOB,
        -- Not by eid alone: whoever got an envelope knows its id, and could send one back under it.
        UNIQUE (direction, eid)
    ) STRICT;
    CREATE INDEX messages_by_contact ON messages (identity, id);
    CREATE TABLE files (
        message INTEGER NOT NULL REFERENCES messages, position INTEGER NOT NULL, name TEXT NOT NULL,
        size INTEGER NOT NULL, sha256 BLOB NOT NULL, key BLOB NOT NULL, path TEXT NOT NULL,
        PRIMARY KEY (message, position)
    ) STRICT;
    """,
    """
    -- Whose safety number was compared, and when (days since 1970).
    CREATE TABLE verified (identity BLOB PRIMARY KEY, day INTEGER NOT NULL) STRICT;
    -- Somebody with a new key where another was known: `identity` is the new one. Until the person has looked at it,
    -- nothing leaves for it.
    CREATE TABLE key_changes (
        identity BLOB PRIMARY KEY, earlier BLOB NOT NULL, evidence TEXT NOT NULL, day INTEGER NOT NULL,
        looked_at INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    DROP VIEW to_introduce;
    CREATE VIEW to_introduce AS SELECT * FROM contacts
        WHERE standing = 'accepted' AND invitation IS NULL AND NOT (introduced AND bundle IS NOT NULL)
        AND identity NOT IN (SELECT identity FROM key_changes WHERE NOT looked_at);
    """,
    # All sessions with a contact in one row, with the record against replays, and what mending a broken session needs.
    # Sessions of the first form are not taken over: the first message that cannot be opened begins a new one. Bundles
    # of contacts had another form too, and are fetched again.
    """
    UPDATE contacts SET bundle = NULL;
    DROP TABLE sessions;
    DROP TABLE handshakes;
    CREATE TABLE sessions (identity BLOB PRIMARY KEY REFERENCES contacts, state BLOB NOT NULL) STRICT;
    CREATE TABLE mending (
        identity BLOB PRIMARY KEY REFERENCES contacts, round INTEGER NOT NULL, began INTEGER NOT NULL,
        due INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE unopened (
        position INTEGER PRIMARY KEY AUTOINCREMENT, eid BLOB NOT NULL UNIQUE, identity BLOB NOT NULL
    ) STRICT;
    """,
    # Groups. A message or a letter belongs to the conversation with its `identity`, or to the group `conversation`.
    """
    CREATE TABLE groups (id BLOB PRIMARY KEY, root BLOB NOT NULL, standing TEXT NOT NULL) STRICT;
    CREATE TABLE group_states (
        id BLOB NOT NULL REFERENCES groups, hash BLOB NOT NULL, packed BLOB NOT NULL, waiting INTEGER NOT NULL,
        PRIMARY KEY (id, hash)
    ) STRICT;
    CREATE TABLE group_members (id BLOB NOT NULL, identity BLOB NOT NULL, PRIMARY KEY (id, identity)) STRICT;
    CREATE TABLE group_sends (
        message INTEGER NOT NULL REFERENCES messages, identity BLOB NOT NULL, eid BLOB UNIQUE, state TEXT NOT NULL,
        PRIMARY KEY (message, identity)
    ) STRICT;
    -- Members who have to be told the state in force as soon as their keys are here.
    CREATE TABLE group_owed (id BLOB NOT NULL, identity BLOB NOT NULL, PRIMARY KEY (id, identity)) STRICT;
    ALTER TABLE messages ADD COLUMN conversation BLOB;
    CREATE INDEX messages_by_conversation ON messages (conversation, id);
    ALTER TABLE arrived ADD COLUMN conversation BLOB;
    ALTER TABLE arrived ADD COLUMN awaits BLOB;
    -- Contacts are let in. What speaks of a group that is known here is judged by its states, whoever sent it.
    CREATE VIEW to_admit AS
        SELECT arrived.rowid AS position, eid, identity, content, proof, conversation, relay
        FROM arrived JOIN contacts USING (identity)
        WHERE awaits IS NULL AND (standing = 'accepted' OR conversation IN (SELECT id FROM groups));
    -- Members who are no contacts: their keys are not here yet, or they do not know our address since it changed.
    CREATE VIEW to_reach AS SELECT identity, relay FROM contacts
        WHERE standing IN ('member', 'requested') AND identity IN (SELECT identity FROM group_members)
        AND NOT (introduced AND bundle IS NOT NULL)
        AND identity NOT IN (SELECT identity FROM key_changes WHERE NOT looked_at);
    -- One blob may be named by the envelopes of several members.
    ALTER TABLE outbox_blobs RENAME TO outbox_blobs_of_one;
    CREATE TABLE outbox_blobs (
        eid BLOB NOT NULL, blob BLOB NOT NULL, path TEXT NOT NULL, PRIMARY KEY (eid, blob)
    ) STRICT;
    INSERT INTO outbox_blobs SELECT eid, blob, path FROM outbox_blobs_of_one ORDER BY rowid;
    DROP TABLE outbox_blobs_of_one;
    """,
    """
    -- Anonymous tokens, and the keys of each relay that they are drawn under: the list it showed first.
    ALTER TABLE account ADD COLUMN takes_requests INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE issuers (relay TEXT PRIMARY KEY, listed BLOB NOT NULL, login BLOB NOT NULL) STRICT;
    CREATE TABLE draws (
        relay TEXT NOT NULL, kind TEXT NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (relay, kind)
    ) STRICT;
    CREATE TABLE tokens (
        id INTEGER PRIMARY KEY AUTOINCREMENT, relay TEXT NOT NULL, kind TEXT NOT NULL, epoch INTEGER NOT NULL,
        token BLOB NOT NULL UNIQUE, purpose BLOB
    ) STRICT;
    -- Messages that disappear, deletion, receipts; and a device that was put back begins anew.
    -- `id`: the contact's identity, or the group's id.
    CREATE TABLE conversations (
        id BLOB PRIMARY KEY, timer INTEGER NOT NULL, version INTEGER NOT NULL, shares INTEGER NOT NULL,
        their_shares INTEGER NOT NULL
    ) STRICT;
    -- What somebody is to be told with a letter, and from when on one goes for it alone (seconds since 1970).
    CREATE TABLE owed (
        position INTEGER PRIMARY KEY AUTOINCREMENT, identity BLOB NOT NULL, kind TEXT NOT NULL, eid BLOB NOT NULL,
        due INTEGER NOT NULL, UNIQUE (identity, kind, eid)
    ) STRICT;
    -- Envelopes whose content their writer wants gone, here or not yet.
    CREATE TABLE withdrawn (
        position INTEGER PRIMARY KEY AUTOINCREMENT, eid BLOB NOT NULL, identity BLOB NOT NULL,
        UNIQUE (identity, eid)
    ) STRICT;
    ALTER TABLE messages ADD COLUMN fades_after INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE messages ADD COLUMN fades_at INTEGER;
    ALTER TABLE messages ADD COLUMN received INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX messages_that_fade ON messages (fades_at) WHERE fades_after > 0;
    -- The id under which a message may have left before this device was put back.
    ALTER TABLE group_sends ADD COLUMN earlier BLOB;
    -- When this device last began anew (seconds since 1970). One that had stopped for good is judged once more.
    ALTER TABLE account ADD COLUMN begun_anew INTEGER NOT NULL DEFAULT 0;
    UPDATE account SET rolled_back = 0;
    -- Contact safeguards. Whoever is a contact when these tables come counts as long known.
    CREATE TABLE safeguards (
        id INTEGER PRIMARY KEY CHECK (id = 1), settings TEXT NOT NULL, passcode BLOB
    ) STRICT;
    CREATE TABLE acquaintances (
        identity BLOB PRIMARY KEY, day INTEGER NOT NULL, reminded INTEGER NOT NULL
    ) STRICT;
    INSERT INTO acquaintances SELECT identity, 0, 1 FROM contacts WHERE standing = 'accepted';
    CREATE TABLE first_contacts (identity BLOB PRIMARY KEY, day INTEGER NOT NULL) STRICT;
    CREATE TABLE left_requests (identity BLOB PRIMARY KEY) STRICT;
    CREATE TABLE consequences (what TEXT PRIMARY KEY, times INTEGER NOT NULL) STRICT;
    -- The exact bytes that a message's proof is over. They hold its text and the keys of its files: what removes those
    -- removes these.
    CREATE TABLE letters (
        message INTEGER PRIMARY KEY REFERENCES messages ON DELETE CASCADE, content BLOB NOT NULL
    ) STRICT;
    CREATE TRIGGER letter_goes AFTER UPDATE OF text, proof ON messages
        WHEN NEW.text IS NOT OLD.text OR NEW.proof IS NULL
        BEGIN DELETE FROM letters WHERE message = NEW.id; END;
    CREATE TABLE evidence (
        eid BLOB PRIMARY KEY, identity BLOB NOT NULL, name TEXT NOT NULL, day INTEGER NOT NULL, content BLOB NOT NULL,
        proof BLOB NOT NULL
    ) STRICT;
    -- What the chat's screens keep: what a person chose, how far they have read, and what they say was stopped wrongly.
    CREATE TABLE preferences (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE read_up_to (conversation BLOB PRIMARY KEY, message INTEGER NOT NULL) STRICT;
    CREATE TABLE appeals (
        message INTEGER PRIMARY KEY, ground TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL,
        outcome TEXT NOT NULL DEFAULT 'waiting'
    ) STRICT;
    -- What a person wrote about a message goes with it, whoever deletes it.
    CREATE TRIGGER appeals_go_with_messages AFTER DELETE ON messages
        BEGIN DELETE FROM appeals WHERE message = OLD.id; END;
    -- What contacts hold of the logs of lists, by the log's key and the list's name.
    CREATE TABLE list_heads (
        identity BLOB NOT NULL, log BLOB NOT NULL, name TEXT NOT NULL, theirs BLOB NOT NULL, judgement TEXT NOT NULL,
        day INTEGER NOT NULL, evidence BLOB NOT NULL, PRIMARY KEY (identity, log, name)
    ) STRICT;
    -- What this person handed to a desk. `said` is kept where its state can be told from lists; `state`: see `handed`.
    CREATE TABLE handed_in (
        number BLOB PRIMARY KEY, card TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL,
        said BLOB
    ) STRICT;
    -- Which checks this device made, where the person switched that on. `line`: its exact bytes; `hash`: 32 bytes.
    CREATE TABLE ledger (number INTEGER PRIMARY KEY, line BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
    """,
)


def script(version: int, migrations: Sequence[str] = MIGRATIONS) -> str:
    """What brings a store of that version (0: a new one) to the last of these migrations."""
    if not version and len(migrations) == len(MIGRATIONS):
        return _whole()
    return "".join(f"{each};" for each in migrations[version:])


@cache
def _whole() -> str:
    return files("foreseal_client.store").joinpath("schema.sql").read_text("utf-8")
