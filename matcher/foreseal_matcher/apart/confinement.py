"""What a process apart takes from itself, for good, before it sees a byte that somebody sent."""

from __future__ import annotations

import contextlib
import sys

__all__ = ["confine"]


def confine(memory: int, cpu: int) -> None:
    """No file and no socket can be opened from here on, nothing written to a file, no more than `memory` bytes of
    address space taken and `cpu` seconds spent, and no image of the memory left behind. Everything that is needed must
    have been imported. Where the system has no such limits (Windows), the deadline of who started the process is all
    there is."""
    if sys.platform == "win32":
        return
    import resource

    limits = {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_FSIZE: (0, 0),
        # What is open stays open: the pipes to who started this.
        resource.RLIMIT_NOFILE: (0, 0),
        # At the first of the two the process is told by a signal that says why it ends, at the second killed.
        resource.RLIMIT_CPU: (cpu, cpu + 1),
        resource.RLIMIT_AS: (memory, memory),
    }
    for kind, most in limits.items():
        # Not every system has each (macOS bounds no address space), and somebody may have set it tighter already.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, most)
