-- Version 1 of the relay's store. Days and hours since 1970-01-01, never timestamps.

CREATE TABLE mailboxes (
    id            BLOB PRIMARY KEY,
    login_key     BLOB NOT NULL,
    delivery      BLOB NOT NULL,               -- digest of the delivery token
    generation    INTEGER NOT NULL,
    seen_day      INTEGER NOT NULL,            -- the only use: forgetting mailboxes nobody opens any more
    waiting       INTEGER NOT NULL DEFAULT 0,  -- kept by the triggers below
    waiting_bytes INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX mailboxes_by_day ON mailboxes (seen_day);

CREATE TABLE bundles (
    mailbox BLOB PRIMARY KEY REFERENCES mailboxes (id) ON DELETE CASCADE,
    bundle  BLOB NOT NULL
);

CREATE TABLE one_time_prekeys (
    id      INTEGER PRIMARY KEY,
    mailbox BLOB NOT NULL REFERENCES mailboxes (id) ON DELETE CASCADE,
    prekey  BLOB NOT NULL,
    UNIQUE (mailbox, prekey)
);

CREATE TABLE invitations (
    mailbox    BLOB NOT NULL REFERENCES mailboxes (id) ON DELETE CASCADE,
    invitation BLOB NOT NULL,                  -- digest of the token
    sends_left INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    claimed    BLOB,                           -- the one-time prekey handed out under it
    PRIMARY KEY (mailbox, invitation)
);
CREATE INDEX invitations_by_expiry ON invitations (expires);

CREATE TABLE envelopes (
    id         INTEGER PRIMARY KEY,
    mailbox    BLOB NOT NULL REFERENCES mailboxes (id) ON DELETE CASCADE,
    eid        BLOB NOT NULL,
    commitment BLOB NOT NULL,
    body       BLOB NOT NULL,
    day        INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    UNIQUE (mailbox, eid)
);
CREATE INDEX envelopes_by_mailbox ON envelopes (mailbox, id, eid, expires);
CREATE INDEX envelopes_by_expiry ON envelopes (expires);

CREATE TRIGGER envelope_in AFTER INSERT ON envelopes BEGIN
    UPDATE mailboxes SET waiting = waiting + 1, waiting_bytes = waiting_bytes + length(NEW.body)
    WHERE id = NEW.mailbox;
END;
CREATE TRIGGER envelope_out AFTER DELETE ON envelopes BEGIN
    UPDATE mailboxes SET waiting = waiting - 1, waiting_bytes = waiting_bytes - length(OLD.body)
    WHERE id = OLD.mailbox;
END;

-- Eids of acknowledged envelopes, until the envelope would have expired: a late retry is a duplicate.
CREATE TABLE tombstones (
    mailbox BLOB NOT NULL REFERENCES mailboxes (id) ON DELETE CASCADE,
    eid     BLOB NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (mailbox, eid)
) WITHOUT ROWID;
CREATE INDEX tombstones_by_expiry ON tombstones (expires);

CREATE TABLE blobs (
    id      BLOB PRIMARY KEY,
    size    INTEGER NOT NULL,
    sha256  BLOB NOT NULL,
    expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX blobs_by_expiry ON blobs (expires);

CREATE TABLE pulse (id INTEGER PRIMARY KEY CHECK (id = 1), beats INTEGER NOT NULL);
INSERT INTO pulse VALUES (1, 0);
