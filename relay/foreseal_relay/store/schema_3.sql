-- Version 3: mailboxes of desks, which take reports and no requests.

ALTER TABLE mailboxes ADD COLUMN desk INTEGER NOT NULL DEFAULT 0;  -- whether what it takes of strangers is reports
