"""Standard input, output and error as a program may be given them: closed, full, or with nobody who reads."""

from __future__ import annotations

import errno
import os
import sys
from typing import Final

__all__ = ["fill_closed", "output_fails", "silence_output"]

_OF_WRITING: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EPIPE, errno.EBADF})
_STREAMS: Final = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def fill_closed() -> None:
    """Puts the null device in the place of each that is closed (`<&-`): Python has None there, and the next file that
    is opened would get its number, and what libraries print."""
    for name, mode in _STREAMS:
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for as long as it runs


def output_fails(fault: OSError) -> bool:
    """Whether this fault is that what was printed cannot be written: the disk is full, or nobody reads it. Tried with
    one more line: what could not be written before may be gone from the buffer."""
    if fault.errno not in _OF_WRITING:
        return False
    try:
        sys.stdout.write("\n")
        sys.stdout.flush()
    except OSError:
        return True
    return False


def silence_output() -> None:
    """Lets what could not be written go, so that the interpreter does not try again at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
