-- Version 1 of the relays' store in PostgreSQL. Days and hours since 1970-01-01, never timestamps.
--
-- Every table of mailboxes begins its key with the mailbox, and nothing refers to a row of another mailbox: the
-- tables can be divided by it. A mailbox's row is locked before anything of it is written, so that one mailbox's
-- changes follow one another whichever relay makes them.

CREATE TABLE mailboxes (
    mailbox       bytea PRIMARY KEY,
    login_key     bytea NOT NULL,
    delivery      bytea NOT NULL,               -- digest of the delivery token
    generation    bigint NOT NULL,
    seen_day      integer NOT NULL,             -- the only use: forgetting mailboxes nobody opens any more
    waiting       integer NOT NULL DEFAULT 0,
    waiting_bytes bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);                       -- counters change in place, without touching an index
CREATE INDEX mailboxes_by_day ON mailboxes (seen_day);

CREATE TABLE bundles (
    mailbox bytea PRIMARY KEY,
    bundle  bytea NOT NULL
);

CREATE TABLE one_time_prekeys (
    mailbox bytea NOT NULL,
    prekey  bytea NOT NULL,
    number  bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (mailbox, prekey)
);

CREATE TABLE invitations (
    mailbox    bytea NOT NULL,
    invitation bytea NOT NULL,                  -- digest of the token
    sends_left integer NOT NULL,
    expires    integer NOT NULL,
    claimed    bytea,                           -- the one-time prekey handed out under it
    PRIMARY KEY (mailbox, invitation)
);
CREATE INDEX invitations_by_expiry ON invitations (expires);

CREATE TABLE envelopes (
    mailbox    bytea NOT NULL,
    eid        bytea NOT NULL,
    commitment bytea NOT NULL,
    body       bytea NOT NULL,
    day        integer NOT NULL,
    expires    integer NOT NULL,
    number     bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (mailbox, eid)
) WITH (toast_tuple_target = 8160);             -- a body of 4 KiB lies in its row, not in three pieces beside it
ALTER TABLE envelopes ALTER COLUMN body SET STORAGE EXTERNAL;  -- ciphertext does not compress
CREATE INDEX envelopes_by_number ON envelopes (mailbox, number);
CREATE INDEX envelopes_by_expiry ON envelopes (expires);

-- Eids of acknowledged envelopes, until the envelope would have expired: a late retry is a duplicate.
CREATE TABLE tombstones (
    mailbox bytea NOT NULL,
    eid     bytea NOT NULL,
    expires integer NOT NULL,
    PRIMARY KEY (mailbox, eid)
);
CREATE INDEX tombstones_by_expiry ON tombstones (expires);

CREATE TABLE blobs (
    blob    bytea PRIMARY KEY,
    size    bigint NOT NULL,
    sha256  bytea NOT NULL,
    expires integer NOT NULL
);
CREATE INDEX blobs_by_expiry ON blobs (expires);

-- What all relays over this database must hold alike, by its id: the stamp key, and never the key itself.
CREATE TABLE shared_keys (
    name text PRIMARY KEY,
    id   bytea NOT NULL
);

CREATE TABLE pulse (one integer PRIMARY KEY CHECK (one = 1), beats bigint NOT NULL);
INSERT INTO pulse VALUES (1, 0);
