"""Flows in any order under seeds of their own, for as long as you like: `python tests/kit_soak.py FLOWS [SEED]`, or
`make soak-kit FLOWS=...`.

Prints how many passed and what each that did not pass came upon; their transcripts stay in build/soak-kit. A flow that
fails once in a thousand is a defect of the kit or of the client, and ends this with exit code 1.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from foreseal_client.conformance import FLOWS
from foreseal_client.conformance.running import run_flows
from foreseal_client.kit.world import Options

A_SEED = 25
"""Flows under one seed, before the next one begins: a seed's pictures and list are painted anew."""
KEPT = Path("build/soak-kit")


def main(wanted: int, seed: int) -> int:
    """Runs so many flows, and says how many did not pass."""
    chance, began, ran, failed = random.Random(seed), time.monotonic(), 0, 0
    while ran < wanted:
        options = Options(seed=chance.randrange(1, 2**31))
        chosen = chance.choices(list(FLOWS.values()), k=min(A_SEED, wanted - ran))
        for one in run_flows(chosen, options, KEPT / str(options.seed)):
            ran += 1
            if one.outcome != "passed":
                failed += 1
                print(f"{one.outcome}: {one.flow.name} under seed {options.seed}: {one.why}", flush=True)
        spent = time.monotonic() - began
        print(f"{ran} flows, {failed} not passed, {spent:.0f} s, {ran / spent:.1f} a second", flush=True)
    return failed


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    sys.exit(1 if main(count, int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns()) else 0)
