"""A relay that kills itself, as `kill -9` would, at a moment that is named: `python -m dying_relay POINT COUNT ...`.

The COUNTth time that POINT is passed after the first envelope came, the process is gone. The rest of the command line
is the relay's own.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from faulty_disk import FaultyDisk, mounted
from foreseal_relay import durable, wire
from foreseal_relay.__main__ import main
from foreseal_relay.connection import Connection
from foreseal_relay.mailboxes import Mailboxes
from foreseal_relay.store import checkpoints
from foreseal_relay.store.writer import Writer

__all__ = ["POINTS"]

POINTS = ("after-commit", "after-delivery", "in-checkpoint", "before-blob", "after-blob")


class Death:
    """Comes at the `left`th call, once it is awake."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.awake = False

    def come_nearer(self) -> None:
        self.left -= self.awake
        if self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def around(target: Any, name: str, first: Callable[..., None] | None, then: Callable[..., None] | None = None) -> None:
    """Has `first` called before a function of `target`, and `then` after it."""
    real = getattr(target, name)

    def called(*arguments: Any, **named: Any) -> Any:
        if first is not None:
            first(*arguments)
        result = real(*arguments, **named)
        if then is not None:
            then(*arguments)
        return result

    setattr(target, name, called)


def wait_at(point: str, death: Death, stack: contextlib.ExitStack) -> None:
    """Puts death where it was told to wait."""

    def wake(*_: object) -> None:
        death.awake = True

    def come(*_: object) -> None:
        death.come_nearer()

    around(Mailboxes, "accept", wake)
    if point == "after-commit":
        around(Writer, "_answer", come)
    elif point == "after-delivery":
        around(Connection, "send", lambda _, frame: come() if isinstance(frame, wire.Deliver) else None)
    elif point == "in-checkpoint":
        # Every commit is folded at once, by the thread beside the writer and, each other time, by the writer.
        for limit in ("CHECKPOINT_AFTER", "WAL_LONG"):
            setattr(checkpoints, limit, 1)
        disk = FaultyDisk()

        def looked_at(operation: str, name: str) -> int:
            if (operation, name) == ("write", "relay.sqlite"):
                come()
            return 0

        disk.fail = looked_at
        stack.enter_context(mounted(disk))
    elif point == "before-blob":
        around(durable, "rename", come)
    elif point == "after-blob":
        around(durable, "rename", None, come)
    else:
        raise ValueError(point)


if __name__ == "__main__":
    chosen, count = sys.argv[1], int(sys.argv[2])
    del sys.argv[1:3]
    with contextlib.ExitStack() as waiting:
        wait_at(chosen, Death(count), waiting)
        sys.exit(main())
