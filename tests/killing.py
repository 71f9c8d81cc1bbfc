"""Killing a process at one operation on a file after another."""

from __future__ import annotations

import os
import signal
import sys

__all__ = ["kill_at"]

_OPERATIONS = ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate")


def kill_at(number: int) -> None:
    """This process dies at its n-th operation on a file from now on, as the interpreter announces it."""
    left = [number]

    def count(event: str, _: object) -> None:
        if event in _OPERATIONS:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
