"""Folding the log back into the database file beside the writer, not between a commit and its answer.

SQLite's own checkpoints come at the end of a commit, and took half of the time of all commits together. Here a thread
of its own folds what is in the log while the writer goes on (https://sqlite.org/wal.html#ckpt, PASSIVE). As long as
envelopes come without a pause it never quite catches up, and the log grows: once it is long the writer folds the
little that is left, and its next commit begins the log anew.

SQLite syncs the file only in a pass that has caught up. So the thread syncs it after each of its own: what it wrote
would else be waited for by all who wait for the writer, when that folds the rest.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Final

from foreseal_relay.durable import sync_data
from foreseal_relay.limits import CHECKPOINT_AFTER, WAL_LONG

__all__ = ["Checkpoints"]

_FOLD: Final = "PRAGMA wal_checkpoint(PASSIVE)"
_PAGE: Final = 4096
_REST: Final = 2
"""How many times as long as a pass took the thread rests after it: a disk that syncs slowly is the writer's for most of
the time."""


class Checkpoints:
    """The thread that owns `connection`. `file` is a descriptor of the same database file, to sync it by; whoever
    opened it closes it after the last connection. What an error of the disk is told to is `fault`, from that thread."""

    def __init__(
        self, connection: sqlite3.Connection, file: int, fault: Callable[[sqlite3.Error | OSError], object]
    ) -> None:
        self._connection = connection
        self._file = file
        self._fault = fault
        self._written = 0
        self._is_long = False
        self._closing = threading.Event()
        self._due = threading.Event()
        self._thread = threading.Thread(target=self._run, name="foreseal-checkpoints", daemon=True)
        self._thread.start()

    def committed(self, writing: sqlite3.Connection, size: int) -> None:
        """Told by the writer's thread, with its connection, after each commit of about `size` bytes. May raise
        `sqlite3.Error`."""
        self._written += size
        if self._is_long:
            self._is_long = False
            writing.execute(_FOLD).fetchone()
        elif self._written >= CHECKPOINT_AFTER:
            self._written = 0
            self._due.set()

    def close(self) -> None:
        """Ends the thread and closes its connection."""
        self._closing.set()
        self._due.set()
        self._thread.join()

    def _run(self) -> None:
        while self._due.wait() and not self._closing.is_set():
            self._due.clear()
            began = time.monotonic()
            try:
                _, log, _ = self._connection.execute(_FOLD).fetchone()
                sync_data(self._file)
            except (sqlite3.Error, OSError) as error:
                # Nothing is lost: all of it is in the log, which SQLite keeps when it closes, since Linux tells each
                # descriptor of a file by itself that writing failed (fsync(2)).
                self._fault(error)
            else:
                self._is_long = log * _PAGE >= WAL_LONG
            self._closing.wait(_REST * (time.monotonic() - began))
        self._connection.close()
