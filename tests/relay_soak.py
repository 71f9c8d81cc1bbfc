"""kill -9 for as long as you like: `python tests/relay_soak.py ROUNDS [SEED]`, or `make soak ROUNDS=...`.

Prints what was accepted, delivered and dropped as a repeat; ends with a traceback at the first thing that is lost.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from relay_ledger import deaths

LIVES = 20
"""Deaths of one store, before the next one begins."""


def main(rounds: int, seed: int) -> None:
    """Runs so many deaths, and tells."""
    began, died, accepted, repeats, blobs = time.monotonic(), 0, 0, 0, 0
    while died < rounds:
        with tempfile.TemporaryDirectory(prefix="foreseal-soak-") as folder:
            lives = min(LIVES, rounds - died)
            ledger = asyncio.run(deaths(Path(folder), seed + died, lives))
        died += lives
        accepted, repeats, blobs = (
            accepted + len(ledger.accepted),
            repeats + ledger.repeats,
            blobs + len(ledger.blobs),
        )
        print(
            f"{died} deaths, {accepted} envelopes and {blobs} blobs accepted, 0 lost, {repeats} repeats dropped, "
            f"{time.monotonic() - began:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, int(sys.argv[2]) if len(sys.argv) > 2 else 0)
