"""What the relay writes about itself: starts, stops, sweeps, faults. Never an address, a mailbox, an eid or a blob.

There is no access log, and what aiohttp would say about a request (its sender's address, its bytes) is cut down to
the kind of fault.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from typing import Final

__all__ = ["JsonLines", "http_log", "log", "log_fault", "log_to_stderr"]

log: Final = logging.getLogger("foreseal.relay")


class _OursOnly(logging.Filter):
    """Of what libraries say only that a fault of theirs came, and where: their words quote who was talked to, and what
    was said."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("foreseal"):
            return True
        fault = record.exc_info[1] if record.exc_info else None
        record.msg, record.args = "%s: %s", (record.name, "an error" if fault is None else _place_of(fault))
        record.exc_info = record.stack_info = None
        return record.levelno >= logging.ERROR


class _KindOnly(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else "no exception"
        record.msg, record.args, record.exc_info = f"a request could not be served ({kind})", (), None
        return True


def http_log() -> logging.Logger:
    """The logger for the HTTP server: it names kinds of fault and nothing else."""
    logger = logging.getLogger("foreseal.relay.http")
    if not logger.filters:
        logger.addFilter(_KindOnly())
    return logger


def log_fault(error: BaseException) -> None:
    """Notes a fault of ours: its type and the lines it passed, not its text, which may quote what was received."""
    log.error("fault %s", _place_of(error))


def _place_of(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    frames = traceback.extract_tb(error.__traceback__)
    path = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {path}"


def log_to_stderr(*, as_json: bool = False) -> None:
    """Sends the log to stderr: stdout is for the address that the relay listens on. `as_json`: an object a line, with
    `time` (UTC), `level` and `event`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    handler.addFilter(_OursOnly())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record, without anything a logging call may have hung on to it."""
        passed = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        return json.dumps({"time": passed, "level": record.levelname.lower(), "event": record.getMessage()})
