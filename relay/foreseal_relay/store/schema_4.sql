-- Version 4: one index fewer. What waits in a mailbox is found by the index that keeps eids apart; a second one in another
-- order was a third of all that an accept wrote.

DROP INDEX envelopes_by_mailbox;
