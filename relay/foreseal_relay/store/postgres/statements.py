"""Every statement that a relay runs on PostgreSQL, and nothing else.

Each names one mailbox, or takes many and treats each by itself (`asked`, from `unnest`), so that the tables can be
divided by mailbox; blobs, which belong to no mailbox, are named by their own id. The sweep has to find what expired
wherever it is: `DUE_...` only read, and what they find is then deleted mailbox by mailbox. A test holds all of that.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "ACKNOWLEDGE",
    "ADD_BLOB",
    "AGREE",
    "AGREED",
    "BEAT",
    "BLOB",
    "BLOBS",
    "BUNDLE",
    "CHARGE",
    "CLAIMED",
    "COUNT_IN",
    "DELETE_BLOBS",
    "DELETE_ENVELOPES",
    "DELETE_INVITATIONS",
    "DELETE_MAILBOXES",
    "DELETE_TOMBSTONES",
    "DOORS",
    "DUE_BLOBS",
    "DUE_ENVELOPES",
    "DUE_INVITATIONS",
    "DUE_MAILBOXES",
    "DUE_TOMBSTONES",
    "HAND_OUT",
    "INVITATIONS_HELD",
    "INVITE",
    "LOCK",
    "LOGIN",
    "NEW_PREKEYS",
    "NOTE_LOGIN",
    "OLDEST_PREKEY",
    "PREKEYS",
    "PUBLISH",
    "RAISE_GENERATION",
    "REGISTER",
    "RING",
    "SEEN",
    "STORE",
    "WAITING",
    "WITH_MAIL",
]

# --- accepting, many at once -------------------------------------------------------------------------------------

DOORS: Final = """
SELECT asked.mailbox, asked.token, asked.hour, mailboxes.delivery, invitations.sends_left
FROM unnest($1::bytea[], $2::bytea[], $3::integer[]) AS asked (mailbox, token, hour)
LEFT JOIN mailboxes ON mailboxes.mailbox = asked.mailbox
LEFT JOIN invitations ON invitations.mailbox = asked.mailbox
    AND invitations.invitation = asked.token AND invitations.expires > asked.hour
"""
LOCK: Final = """
SELECT mailbox, waiting, waiting_bytes, generation, seen_day FROM mailboxes
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

# --- the sweep ---------------------------------------------------------------------------------------------------

DUE_ENVELOPES: Final = "SELECT mailbox, eid FROM envelopes WHERE expires <= $1 LIMIT $2"
DUE_TOMBSTONES: Final = "SELECT mailbox, eid FROM tombstones WHERE expires <= $1 LIMIT $2"
DUE_INVITATIONS: Final = "SELECT mailbox, invitation FROM invitations WHERE expires <= $1 LIMIT $2"
DUE_MAILBOXES: Final = "SELECT mailbox FROM mailboxes WHERE seen_day < $1 LIMIT $2"
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
DELETE_MAILBOXES: Final = tuple(
    f"DELETE FROM {table} WHERE mailbox = ANY($1::bytea[])"  # noqa: S608
    for table in ("envelopes", "tombstones", "invitations", "one_time_prekeys", "bundles", "mailboxes")
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
