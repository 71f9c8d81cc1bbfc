"""The PDQ of a file by another program: it gets the file on its standard input and answers with 64 hex digits.

This module is such a program too, for environments that a study cannot make by itself: one with another Pillow, say.
It needs nothing but the matcher there:

    python -m foreseal_client.study.elsewhere < FILE
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import Final

from foreseal_matcher import Undecodable
from foreseal_matcher.decode import first_looks
from foreseal_matcher.fingerprints.pdq import BITS, pdq

__all__ = ["main", "taken_by"]

_WAIT: Final = 60
"""Seconds after which a program counts as not answering."""


def taken_by(command: str, encoded: bytes) -> bytes:
    """What `command` answers for a file. Raises `OSError` where it cannot be run, and `ValueError` where it gives no
    fingerprint, with the last line that it said on stderr."""
    try:
        ran = subprocess.run(shlex.split(command), input=encoded, capture_output=True, timeout=_WAIT, check=False)
    except subprocess.TimeoutExpired as fault:
        raise ValueError(f"no answer within {_WAIT} s") from fault
    if ran.returncode:
        said = ran.stderr.decode(errors="replace").strip().splitlines()
        raise ValueError(said[-1] if said else f"it ended with exit code {ran.returncode}")
    try:
        bits = bytes.fromhex(ran.stdout.decode())
    except ValueError:
        bits = b""
    if len(bits) * 8 != BITS:
        raise ValueError(f"it answered with no fingerprint of {BITS // 4} hex digits")
    return bits


def main() -> int:
    """As a program. Exit code 0, or 1 and the reason on stderr."""
    try:
        # On white, where something shines through: of our looks the last.
        picture = first_looks(sys.stdin.buffer.read())[-1]
    except Undecodable as problem:
        print(problem, file=sys.stderr)
        return 1
    print(pdq(picture.luma, picture.full).bits.hex())
    return 0


if __name__ == "__main__":
    sys.exit(main())
