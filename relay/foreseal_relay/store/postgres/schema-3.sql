-- Version 3: mailboxes of desks, which take reports and no requests.

ALTER TABLE mailboxes ADD COLUMN desk boolean NOT NULL DEFAULT false;  -- whether what it takes of strangers is reports
