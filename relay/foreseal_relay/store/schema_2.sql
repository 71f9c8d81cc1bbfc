-- Version 2: anonymous tokens, requests from strangers, mailboxes that are not made for nothing.

ALTER TABLE mailboxes ADD COLUMN open INTEGER NOT NULL DEFAULT 0;  -- whether it takes requests

-- Digests of what was spent, until it could not be spent any more. `purpose`: a digest of what it was spent on.
CREATE TABLE spent (
    token   BLOB PRIMARY KEY,
    purpose BLOB NOT NULL,
    until   INTEGER NOT NULL,
    claimed BLOB                               -- the one-time prekey handed out for it
) WITHOUT ROWID;
CREATE INDEX spent_by_end ON spent (until);

-- Who has drawn the day's tokens of a kind: needed to allow it once a day. `request`: a digest of the blinded elements.
CREATE TABLE draws (
    mailbox BLOB NOT NULL REFERENCES mailboxes (id) ON DELETE CASCADE,
    kind    TEXT NOT NULL,
    day     INTEGER NOT NULL,
    request BLOB NOT NULL,
    PRIMARY KEY (mailbox, kind)
) WITHOUT ROWID;
CREATE INDEX draws_by_day ON draws (day);

-- What strangers had of a mailbox on one day.
CREATE TABLE taken (
    mailbox  BLOB PRIMARY KEY REFERENCES mailboxes (id) ON DELETE CASCADE,
    day      INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    prekeys  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX taken_by_day ON taken (day);

-- How long a blob may become by what was paid for it.
CREATE TABLE allowances (
    blob    BLOB PRIMARY KEY,
    size    INTEGER NOT NULL,
    expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX allowances_by_end ON allowances (expires);
