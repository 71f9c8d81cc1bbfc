-- Version 2: anonymous tokens, requests from strangers, mailboxes that are not made for nothing.
--
-- Spent tokens and allowances belong to no mailbox, which is the point of them: they are found by their own key.

ALTER TABLE mailboxes ADD COLUMN open boolean NOT NULL DEFAULT false;  -- whether it takes requests

-- Digests of what was spent, until it could not be spent any more. `purpose`: a digest of what it was spent on.
CREATE TABLE spent (
    token   bytea PRIMARY KEY,
    purpose bytea NOT NULL,
    until   integer NOT NULL,
    claimed bytea                               -- the one-time prekey handed out for it
);
CREATE INDEX spent_by_end ON spent (until);

-- Who has drawn the day's tokens of a kind: needed to allow it once a day. `request`: a digest of the blinded elements.
CREATE TABLE draws (
    mailbox bytea NOT NULL,
    kind    text NOT NULL,
    day     integer NOT NULL,
    request bytea NOT NULL,
    PRIMARY KEY (mailbox, kind)
);
CREATE INDEX draws_by_day ON draws (day);

-- What strangers had of a mailbox on one day.
CREATE TABLE taken (
    mailbox  bytea PRIMARY KEY,
    day      integer NOT NULL,
    requests integer NOT NULL,
    prekeys  integer NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX taken_by_day ON taken (day);

-- How long a blob may become by what was paid for it.
CREATE TABLE allowances (
    blob    bytea PRIMARY KEY,
    size    bigint NOT NULL,
    expires integer NOT NULL
);
CREATE INDEX allowances_by_end ON allowances (expires);
