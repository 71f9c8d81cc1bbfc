"""Every statement that a relay runs on PostgreSQL, and nothing else.

Each names one mailbox, or takes many and treats each by itself (`asked`, from `unnest`), so that the tables can be
divided by mailbox; blobs and spent tokens, which belong to no mailbox, are named by their own id. The sweep has to
find what expired wherever it is: `DUE_...` only read, and what they find is then deleted mailbox by mailbox. A test
holds all of that.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "ACKNOWLEDGE", "ADD_BLOB", "AGREE", "AGREED", "BEAT", "BLOB", "BLOBS", "BUNDLE", "CHARGE", "CLAIMED",
    "CLAIMED_FOR", "CLAIM_FOR", "COUNT_IN", "COUNT_TAKEN", "DELETE_ALLOWANCES", "DELETE_BLOBS", "DELETE_DRAWS",
    "DELETE_ENVELOPES", "DELETE_INVITATIONS", "DELETE_MAILBOXES", "DELETE_SPENT", "DELETE_TAKEN", "DELETE_TOMBSTONES",
    "DOORS", "DRAW", "DRAWN", "DUE_ALLOWANCES", "DUE_BLOBS", "DUE_DRAWS", "DUE_ENVELOPES", "DUE_INVITATIONS",
    "DUE_MAILBOXES", "DUE_SPENT", "DUE_TAKEN", "DUE_TOMBSTONES", "HAND_OUT", "INVITATIONS_HELD", "INVITE",
    "KEEP_AS_INVITATION", "LOCK", "LOGIN", "NEW_PREKEYS", "NEXT_PREKEY", "NOTE_LOGIN", "OLDEST_PREKEY", "PAID", "PAY",
    "PREKEYS", "PUBLISH", "RAISE_GENERATION", "REGISTER", "REGISTERED", "RING", "SEEN", "SPEND", "STORE", "TAKEN",
    "TAKE_REQUESTS", "UNSPEND", "WAITING", "WITH_MAIL",
]  # fmt: skip

# --- accepting, many at once -------------------------------------------------------------------------------------

DOORS: Final = """
SELECT asked.mailbox, asked.token, asked.hour, mailboxes.delivery, invitations.sends_left
FROM unnest($1::bytea[], $2::bytea[], $3::integer[]) AS asked (mailbox, token, hour)
LEFT JOIN mailboxes ON mailboxes.mailbox = asked.mailbox
LEFT JOIN invitations ON invitations.mailbox = asked.mailbox
    AND invitations.invitation = asked.token AND invitations.expires > asked.hour
"""
LOCK: Final = """
SELECT mailbox, waiting, waiting_bytes, generation, seen_day, open, desk FROM mailboxes
WHERE mailbox = ANY($1::bytea[]) ORDER BY mailbox FOR UPDATE
"""
SEEN: Final = """
SELECT asked.mailbox, asked.eid FROM unnest($1::bytea[], $2::bytea[]) AS asked (mailbox, eid)
WHERE EXISTS (SELECT FROM envelopes WHERE envelopes.mailbox = asked.mailbox AND envelopes.eid = asked.eid)
   OR EXISTS (SELECT FROM tombstones WHERE tombstones.mailbox = asked.mailbox AND tombstones.eid = asked.eid)
"""
STORE: Final = """
INSERT INTO envelopes (mailbox, eid, commitment, body, day, expires)
SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::integer[], $6::integer[])
    AS asked (mailbox, eid, commitment, body, day, expires)
"""
COUNT_IN: Final = """
UPDATE mailboxes SET waiting = waiting + asked.count, waiting_bytes = waiting_bytes + asked.size
FROM unnest($1::bytea[], $2::integer[], $3::bigint[]) AS asked (mailbox, count, size)
WHERE mailboxes.mailbox = asked.mailbox
"""
CHARGE: Final = """
UPDATE invitations SET sends_left = sends_left - asked.sends
FROM unnest($1::bytea[], $2::bytea[], $3::integer[]) AS asked (mailbox, invitation, sends)
WHERE invitations.mailbox = asked.mailbox AND invitations.invitation = asked.invitation
"""
ACKNOWLEDGE: Final = """
WITH gone AS (
    DELETE FROM envelopes USING unnest($1::bytea[], $2::bytea[]) AS asked (mailbox, eid)
    WHERE envelopes.mailbox = asked.mailbox AND envelopes.eid = asked.eid
    RETURNING envelopes.mailbox, envelopes.eid, envelopes.expires, length(envelopes.body) AS size
), remembered AS (
    INSERT INTO tombstones (mailbox, eid, expires) SELECT mailbox, eid, expires FROM gone ON CONFLICT DO NOTHING
), asked AS (
    SELECT mailbox, count(*) AS count, sum(size) AS size FROM gone GROUP BY mailbox
)
UPDATE mailboxes SET waiting = waiting - asked.count, waiting_bytes = waiting_bytes - asked.size
FROM asked WHERE mailboxes.mailbox = asked.mailbox
"""

# --- one mailbox -------------------------------------------------------------------------------------------------

WAITING: Final = """
SELECT mailbox, eid, commitment, body, day, expires FROM envelopes
WHERE mailbox = $1 AND expires > $2
  AND NOT EXISTS (SELECT FROM unnest($3::bytea[]) AS pushed (eid) WHERE pushed.eid = envelopes.eid)
ORDER BY number LIMIT $4
"""
LOGIN: Final = """
SELECT generation, seen_day, waiting, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS at,
    (SELECT count(*) FROM one_time_prekeys WHERE one_time_prekeys.mailbox = $1) AS prekeys_left
FROM mailboxes WHERE mailbox = $1
"""
NOTE_LOGIN: Final = """
UPDATE mailboxes SET generation = greatest(generation, $2), seen_day = greatest(seen_day, $3) WHERE mailbox = $1
RETURNING generation
"""
REGISTER: Final = """
INSERT INTO mailboxes (mailbox, login_key, delivery, generation, seen_day) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (mailbox) DO UPDATE SET delivery = excluded.delivery
"""
REGISTERED: Final = "SELECT true FROM mailboxes WHERE mailbox = $1"
KEEP_AS_INVITATION: Final = """
INSERT INTO invitations (mailbox, invitation, sends_left, expires)
SELECT mailbox, delivery, $3, $4 FROM mailboxes WHERE mailbox = $1 AND delivery <> $2
    AND (SELECT count(*) FROM invitations WHERE mailbox = $1) < $5
ON CONFLICT DO NOTHING
"""
RAISE_GENERATION: Final = "UPDATE mailboxes SET generation = $2 WHERE mailbox = $1"
PREKEYS: Final = """
SELECT prekey, true AS in_store FROM one_time_prekeys WHERE mailbox = $1
UNION ALL SELECT claimed, false FROM invitations WHERE mailbox = $1 AND claimed IS NOT NULL
"""
PUBLISH: Final = """
INSERT INTO bundles (mailbox, bundle) VALUES ($1, $2) ON CONFLICT (mailbox) DO UPDATE SET bundle = excluded.bundle
"""
NEW_PREKEYS: Final = """
INSERT INTO one_time_prekeys (mailbox, prekey)
SELECT $1, prekey FROM unnest($2::bytea[]) WITH ORDINALITY AS new (prekey, place) ORDER BY place
"""
INVITATIONS_HELD: Final = """
SELECT count(*) FROM invitations WHERE mailbox = $1 AND invitation <> $2 AND expires > $3
"""
INVITE: Final = """
INSERT INTO invitations (mailbox, invitation, sends_left, expires) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""
BUNDLE: Final = "SELECT bundle FROM bundles WHERE mailbox = $1"
CLAIMED: Final = "SELECT claimed FROM invitations WHERE mailbox = $1 AND invitation = $2"
OLDEST_PREKEY: Final = """
DELETE FROM one_time_prekeys WHERE mailbox = $1 AND prekey = (
    SELECT prekey FROM one_time_prekeys WHERE mailbox = $1 ORDER BY number LIMIT 1
) RETURNING prekey
"""
HAND_OUT: Final = "UPDATE invitations SET claimed = $3 WHERE mailbox = $1 AND invitation = $2"

# --- tokens, and what strangers get for them ---------------------------------------------------------------------

SPEND: Final = """
INSERT INTO spent (token, purpose, until)
SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::integer[]) AS asked (token, purpose, until)
ON CONFLICT (token) DO UPDATE SET until = spent.until
RETURNING token, purpose, xmax = 0 AS new
"""
"""What was spent before is written again as it was: a repetition takes as long as the first time, whatever follows."""
UNSPEND: Final = "DELETE FROM spent WHERE token = ANY($1::bytea[])"
CLAIMED_FOR: Final = "SELECT claimed FROM spent WHERE token = $1"
CLAIM_FOR: Final = "UPDATE spent SET claimed = $2 WHERE token = $1"
TAKE_REQUESTS: Final = "UPDATE mailboxes SET open = $2, desk = $3 WHERE mailbox = $1 RETURNING true"
TAKEN: Final = "SELECT day, requests, prekeys FROM taken WHERE mailbox = $1"
COUNT_TAKEN: Final = """
INSERT INTO taken (mailbox, day, requests, prekeys) VALUES ($1, $2, $3, $4) ON CONFLICT (mailbox) DO UPDATE SET
    day = greatest(taken.day, excluded.day),
    requests = excluded.requests + CASE WHEN taken.day < excluded.day THEN 0 ELSE taken.requests END,
    prekeys = excluded.prekeys + CASE WHEN taken.day < excluded.day THEN 0 ELSE taken.prekeys END
"""
NEXT_PREKEY: Final = "SELECT prekey FROM one_time_prekeys WHERE mailbox = $1 ORDER BY number LIMIT 1"
DRAWN: Final = "SELECT day, request FROM draws WHERE mailbox = $1 AND kind = $2"
DRAW: Final = """
INSERT INTO draws (mailbox, kind, day, request) VALUES ($1, $2, $3, $4)
ON CONFLICT (mailbox, kind) DO UPDATE SET day = excluded.day, request = excluded.request
"""
PAID: Final = "SELECT size FROM allowances WHERE blob = $1"
PAY: Final = """
INSERT INTO allowances (blob, size, expires) VALUES ($1, $2, $3)
ON CONFLICT (blob) DO UPDATE SET size = greatest(allowances.size, excluded.size), expires = excluded.expires
"""

# --- the sweep ---------------------------------------------------------------------------------------------------

DUE_ENVELOPES: Final = "SELECT mailbox, eid FROM envelopes WHERE expires <= $1 LIMIT $2"
DUE_TOMBSTONES: Final = "SELECT mailbox, eid FROM tombstones WHERE expires <= $1 LIMIT $2"
DUE_INVITATIONS: Final = "SELECT mailbox, invitation FROM invitations WHERE expires <= $1 LIMIT $2"
DUE_MAILBOXES: Final = "SELECT mailbox, waiting FROM mailboxes WHERE seen_day < $1 LIMIT $2"
DUE_DRAWS: Final = "SELECT mailbox FROM draws WHERE day < $1 LIMIT $2"
DUE_TAKEN: Final = "SELECT mailbox FROM taken WHERE day < $1 LIMIT $2"
DUE_SPENT: Final = "SELECT token FROM spent WHERE until <= $1 LIMIT $2"
DUE_ALLOWANCES: Final = "SELECT blob FROM allowances WHERE expires <= $1 LIMIT $2"
DELETE_ENVELOPES: Final = """
WITH gone AS (
    DELETE FROM envelopes USING unnest($1::bytea[], $2::bytea[]) AS asked (mailbox, eid)
    WHERE envelopes.mailbox = asked.mailbox AND envelopes.eid = asked.eid
    RETURNING envelopes.mailbox, length(envelopes.body) AS size
), asked AS (
    SELECT mailbox, count(*) AS count, sum(size) AS size FROM gone GROUP BY mailbox
), counted AS (
    UPDATE mailboxes SET waiting = waiting - asked.count, waiting_bytes = waiting_bytes - asked.size
    FROM asked WHERE mailboxes.mailbox = asked.mailbox
)
SELECT count(*) FROM gone
"""
DELETE_TOMBSTONES: Final = """
DELETE FROM tombstones USING unnest($1::bytea[], $2::bytea[]) AS asked (mailbox, eid)
WHERE tombstones.mailbox = asked.mailbox AND tombstones.eid = asked.eid
"""
DELETE_INVITATIONS: Final = """
DELETE FROM invitations USING unnest($1::bytea[], $2::bytea[]) AS asked (mailbox, invitation)
WHERE invitations.mailbox = asked.mailbox AND invitations.invitation = asked.invitation
"""
DELETE_DRAWS: Final = "DELETE FROM draws WHERE mailbox = ANY($1::bytea[]) AND day < $2"
DELETE_TAKEN: Final = "DELETE FROM taken WHERE mailbox = ANY($1::bytea[]) AND day < $2"
DELETE_SPENT: Final = "DELETE FROM spent WHERE token = ANY($1::bytea[]) AND until <= $2"
DELETE_ALLOWANCES: Final = "DELETE FROM allowances WHERE blob = ANY($1::bytea[]) AND expires <= $2"
DELETE_MAILBOXES: Final = tuple(
    f"DELETE FROM {table} WHERE mailbox = ANY($1::bytea[])"  # noqa: S608
    for table in (
        "envelopes",
        "tombstones",
        "invitations",
        "one_time_prekeys",
        "bundles",
        "draws",
        "taken",
        "mailboxes",
    )
)

# --- blobs -------------------------------------------------------------------------------------------------------

ADD_BLOB: Final = "INSERT INTO blobs (blob, size, sha256, expires) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
BLOB: Final = "SELECT blob, size, sha256, expires FROM blobs WHERE blob = $1 AND expires > $2"
BLOBS: Final = "SELECT blob, size, sha256, expires FROM blobs"
DUE_BLOBS: Final = "SELECT blob FROM blobs WHERE expires <= $1 LIMIT $2"
DELETE_BLOBS: Final = """
DELETE FROM blobs WHERE blob = ANY($1::bytea[]) AND expires <= $2 RETURNING blob, size, sha256, expires
"""

# --- the relays among themselves ---------------------------------------------------------------------------------

AGREE: Final = "INSERT INTO shared_keys (name, id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
AGREED: Final = "SELECT id FROM shared_keys WHERE name = $1"
BEAT: Final = "UPDATE pulse SET beats = beats + 1"
RING: Final = """
SELECT pg_notify(asked.channel, asked.payload) FROM unnest($1::text[], $2::text[]) AS asked (channel, payload)
"""
WITH_MAIL: Final = "SELECT mailbox FROM mailboxes WHERE mailbox = ANY($1::bytea[]) AND waiting > 0"
