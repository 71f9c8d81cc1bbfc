"""What a process apart may do wrong, run by name: `said_apart("apart_programs", ["spin"], ...)`."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from pathlib import Path

from foreseal_matcher.apart.confinement import confine
from foreseal_matcher.apart.messages import END, write_message

GIBIBYTE = 2**30


def main(what: str) -> None:
    confine(memory=2 * GIBIBYTE, cpu=1 if what == "spin" else 60)
    given, to = sys.stdin.buffer.read(), sys.stdout.buffer
    match what:
        case "echo":
            write_message(to, b"!", given)
            write_message(to, END)
        case "spin":
            while True:
                pass
        case "sleep":
            write_message(to, b"!", str(os.getpid()).encode())
            time.sleep(3600)
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "exit":
            sys.exit(7)
        case "chatter":
            to.write(b"F\xff\xff\xff\xff and so on")
        case "stop short":
            to.write(b"F\x10\0\0\0half")
        case "open":
            write_message(to, b"!", _fault(lambda: Path(__file__).read_bytes()))
        case "connect":
            write_message(to, b"!", _fault(socket.socket))
        case "fill memory":
            write_message(to, b"!", _fault(lambda: bytearray(3 * GIBIBYTE)))
        case "environment":
            write_message(to, b"!", " ".join(sorted(os.environ)).encode())


def _fault(call: object) -> bytes:
    assert callable(call)
    try:
        call()
    except (OSError, MemoryError) as fault:
        return type(fault).__name__.encode()
    return b"it went through"


if __name__ == "__main__":
    main(sys.argv[1])
