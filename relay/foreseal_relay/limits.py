"""What this relay is willing to hold and for how long it waits. What both sides must know stands in `wire`."""

from __future__ import annotations

from typing import Final

__all__ = [
    "ANSWERS_HELD",
    "BATCH_BYTES",
    "BATCH_ROWS",
    "BELL_POLL",
    "BELL_RETRY",
    "BLOB_DAYS",
    "CHECKED_WHOLE",
    "CHECKPOINT_AFTER",
    "CLOSE_WAIT",
    "COMMAND_WAIT",
    "CONNECT_WAIT",
    "DATABASE_CONNECTIONS",
    "DAY",
    "DELIVERY_BATCH",
    "DOWNLOAD_IDLE",
    "DOWNLOAD_RATE",
    "DRAIN_WAIT",
    "DROP_IDLE",
    "FULL_RETRY",
    "HEARTBEAT",
    "HOUR",
    "KEPT_ALIVE",
    "LOGIN_WAIT",
    "MAILBOX_IDLE_DAYS",
    "MAX_BLOBS_BYTES",
    "MAX_BLOB_DOWNLOADS",
    "MAX_CONNECTIONS",
    "MAX_FAULTS",
    "MAX_INVITATIONS",
    "MAX_LIST_DOWNLOADS",
    "MAX_PARTIALS",
    "MAX_STORE_BYTES",
    "MAX_UPLOADS",
    "MAX_WAITING",
    "MAX_WAITING_BYTES",
    "OLD_TOKEN_DAYS",
    "OLD_TOKEN_SENDS",
    "PARTIAL_HOURS",
    "PREKEYS_A_DAY",
    "QUEUE_BYTES",
    "QUEUE_ROWS",
    "READY_WAIT",
    "REGISTRATION_CODE_DAYS",
    "REPORTS_A_DAY",
    "REQUESTS_A_DAY",
    "SENDS_UNDER_WAY",
    "STORE_CLOSE_WAIT",
    "SWEEP_EVERY",
    "SWEEP_ROWS",
    "THREAD_TURN",
    "TICKET_SECONDS",
    "UNAVAILABLE_RETRY",
    "UPLOAD_IDLE",
    "UPLOAD_RATE",
    "WAL_KEPT",
    "WAL_LONG",
    "WORK_BITS",
    "YOUNG_OBJECTS",
    "day_of",
    "expiry_of",
    "hour_of",
    "patience_with",
    "strangers_a_day",
]

HOUR: Final = 3600
DAY: Final = 86400

# --- what a mailbox may hold -------------------------------------------------------------------------------------

MAX_WAITING: Final = 2000
"""Envelopes that may wait in one mailbox."""
MAX_WAITING_BYTES: Final = 64 * 1024 * 1024
"""Bytes of bodies that may wait in one mailbox."""
MAX_INVITATIONS: Final = 256
"""Unexpired invitations of one mailbox."""
REQUESTS_A_DAY: Final = 50
"""Envelopes of strangers that a mailbox takes on one day, if it takes any."""
REPORTS_A_DAY: Final = 1000
"""Envelopes that the mailbox of a desk takes on one day: what 250 accounts draw on one, and five have saved up in two
epochs."""
PREKEYS_A_DAY: Final = 10
"""One-time prekeys of a mailbox that strangers get on one day; after that a bundle comes without, and a conversation
begins on the last-resort key."""
OLD_TOKEN_SENDS: Final = 64
OLD_TOKEN_DAYS: Final = 14
"""How many envelopes a delivery token still brings after it was replaced, and for how many days. Without it, two people
who replace theirs at the same time could never tell each other."""
MAILBOX_IDLE_DAYS: Final = 400
"""Days without a login after which a mailbox, and everything in it, is forgotten."""

WORK_BITS: Final = 18
"""Zero bits that the work for a new mailbox has to show: a quarter of a million hashes on average, about a second of
one core in Python."""
REGISTRATION_CODE_DAYS: Final = 30
"""Days for which a registration code is good."""
TICKET_SECONDS: Final = 600
"""For how long a login can be resumed without a signature."""

# --- what the relay may hold -------------------------------------------------------------------------------------

MAX_STORE_BYTES: Final = 8 * 1024**3
"""Size of the database file. Beyond it a write is refused, and the refusal says when to try again."""
CHECKED_WHOLE: Final = 256 * 1024**2
"""Size up to which the whole database file is looked through at a start, beyond it all but the envelopes: from a cold
disk that took 49 seconds a GiB."""
WAL_KEPT: Final = 64 * 1024**2
"""Bytes that the log beside the database file keeps on the disk once it has been folded back."""
CHECKPOINT_AFTER: Final = 1024**2
"""About so many bytes of commits after which the log is folded into the database file, beside the writer."""
WAL_LONG: Final = 16 * 1024**2
"""Bytes of log at which the writer folds the rest itself: it grows for as long as envelopes come without a pause."""
MAX_BLOBS_BYTES: Final = 16 * 1024**3
"""Bytes of all blobs together, uploads under way included."""
BLOB_DAYS: Final = 30
"""Whole days a blob is kept, the day of its upload not counted."""
MAX_UPLOADS: Final = 32
"""Uploads under way at the same time."""
MAX_BLOB_DOWNLOADS: Final = 512
"""Blobs that are sent at the same time."""
MAX_LIST_DOWNLOADS: Final = 64
"""Files of published hash lists that are sent at the same time."""
MAX_PARTIALS: Final = 1000
"""Uploads that broke off and wait to be gone on with."""
PARTIAL_HOURS: Final = 24
"""Hours after which one that nobody went on with is removed."""
MAX_CONNECTIONS: Final = 10_000
"""Websockets open at the same time, inboxes and drops together."""

YOUNG_OBJECTS: Final = 50_000
"""New objects after which Python looks for garbage among them."""
THREAD_TURN: Final = 500
"""Microseconds for which a thread of the relay may keep Python to itself while another one waits."""

# --- one batch ---------------------------------------------------------------------------------------------------

BATCH_ROWS: Final = 500
BATCH_BYTES: Final = 4 * 1024 * 1024
"""Most rows and bytes written under one commit."""
QUEUE_ROWS: Final = 8000
QUEUE_BYTES: Final = 32 * 1024 * 1024
"""Most rows and bytes that may wait for the writer; beyond it the relay says that it is unavailable."""
DELIVERY_BATCH: Final = 8
"""Envelopes read from the store at once for one inbox (at most 512 KiB of bodies)."""
SENDS_UNDER_WAY: Final = 64
"""Frames of one drop that may wait for their commit; beyond it the relay stops reading that socket."""
ANSWERS_HELD: Final = 64 * 1024
"""Bytes of answers that may wait for a drop's client to read; beyond it the next answer waits, and with it the drop."""
SWEEP_ROWS: Final = 500
"""Rows one step of the sweep deletes, so that sends are answered in between."""

DATABASE_CONNECTIONS: Final = 8
"""Connections of one relay to PostgreSQL, the one that listens for other relays not counted."""

# --- waiting, in seconds -----------------------------------------------------------------------------------------

HEARTBEAT: Final = 20.0
"""Between pings: half-open TCP is how messengers lose mail."""
LOGIN_WAIT: Final = 15.0
"""How long a new inbox may take to log in."""
KEPT_ALIVE: Final = 75.0
"""How long an HTTP connection is kept after an answer, for the next request."""
DROP_IDLE: Final = 30.0
"""How long a drop may stay silent."""
UPLOAD_IDLE: Final = 30.0
"""How long an upload may pause."""
UPLOAD_RATE: Final = 16 * 1024
"""Fewest bytes a second an upload may come at on the whole, `UPLOAD_IDLE` seconds aside. Without it a byte now and then
would hold one of `MAX_UPLOADS` for days; 16 KiB is what a poor mobile link sends."""
DOWNLOAD_IDLE: Final = 30.0
DOWNLOAD_RATE: Final = 16 * 1024
"""A blob, or a file of a list, may take `DOWNLOAD_IDLE` seconds to be read and then one more for this many bytes."""
SWEEP_EVERY: Final = float(HOUR)
DRAIN_WAIT: Final = 4.0
"""How long requests under way may take when the relay is told to stop."""
CLOSE_WAIT: Final = 3.0
"""How long a closing websocket waits for the other side to read and to say goodbye."""
STORE_CLOSE_WAIT: Final = 1.0
"""How long a stopping relay waits for a database to take what is queued, and then to close its connections."""
CONNECT_WAIT: Final = 5.0
"""For a connection to PostgreSQL."""
COMMAND_WAIT: Final = 10.0
"""For PostgreSQL's answer to one statement, or for a connection of ours to come free."""
READY_WAIT: Final = 5.0
"""For the row that readiness writes; a store that takes longer is called slow."""
BELL_POLL: Final = 15.0
"""How often a relay looks for mail that another one accepted and whose announcement was lost."""
BELL_RETRY: Final = 1.0
"""Between attempts to hear other relays again."""
MAX_FAULTS: Final = 16
"""Refused frames after which a connection is closed."""

# --- what a refusal says about trying again, in seconds ------------------------------------------------------------

FULL_RETRY: Final = 300
UNAVAILABLE_RETRY: Final = 2
"""Short: a client that is refused again and again waits longer each time by itself."""


def day_of(now: float) -> int:
    """Days since 1970-01-01 of a time in Unix seconds."""
    return int(now // DAY)


def hour_of(now: float) -> int:
    """Hours since 1970-01-01 of a time in Unix seconds."""
    return int(now // HOUR)


def expiry_of(now: float, ttl: int) -> int:
    """The hour (since 1970-01-01) from which something that lives `ttl` seconds is gone.

    Rounded up: to the hour below a day's life, to midnight from there on. An exact expiry less a customary ttl would
    be the exact time of sending, which the relay does not want to know.
    """
    hours = -int(-(now + ttl) // HOUR)
    return hours if ttl < DAY else -(-hours // 24) * 24


def strangers_a_day(*, desk: bool) -> int:
    """How many envelopes of strangers a mailbox takes on one day."""
    return REPORTS_A_DAY if desk else REQUESTS_A_DAY


def patience_with(received: int, passed: float) -> float:
    """Seconds to wait for the next bytes of an upload that brought `received` bytes in the `passed` seconds since it
    began. 0 or less: it is too slow."""
    return min(UPLOAD_IDLE, UPLOAD_IDLE + received / UPLOAD_RATE - passed)
