"""Fuzzing of the decoder and of `screen`, guided by coverage: python tests/fuzz/decoder.py --cpu-minutes 60 --log LOG

Whatever the bytes are, `screen` must give a verdict: nothing may be raised, crash, hang or fill the memory. What breaks
that is written to --findings, and the process ends. Takes `pip install atheris`, which is no dependency; a short and
repeatable part runs among the tests (test_replay.py).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import time
import zlib
from pathlib import Path
from typing import Final

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
with atheris.instrument_imports(include=["PIL", "foreseal_matcher"]):
    from foreseal_matcher import Bytes, Clear, Looks, Unreadable, screen
    from fuzz.mutations import mutated, with_sums_put_right
    from fuzz.seeds import seeds
    from sample_lists import nothing_listed

LONGEST: Final = 64 * 1024
"""Bytes of a file that is tried."""
_SLOWEST: Final = 60.0
"""Seconds of CPU after which one check counts as hanging. Within the limits some take several, as of an animation that
claims 256 million pixels."""
_MEMORY_MB: Final = 3000
_THOROUGHLY: Final = 8
"""One in so many is looked at with the full looks, which take ten times as long as decoding something this small."""
_EVERY: Final = 60.0
"""Seconds of CPU between two lines of the log."""


class Run:
    """One run: what it did so far, and when it ends."""

    def __init__(self, cpu_seconds: float, log: Path) -> None:
        self._lists = nothing_listed()
        self._cpu_seconds, self._log = cpu_seconds, log
        self._seeds = [content for _, content in seeds()]
        self._verdicts: dict[str, int] = {}
        self._slowest, self._told = 0.0, 0.0
        self._began = time.process_time()

    def check(self, content: bytes) -> None:
        """Screens `content`. Raises where it should not have been possible to."""
        looks = Looks.QUICK if zlib.crc32(content) % _THOROUGHLY else Looks.FULL
        before = time.process_time()
        verdict = screen(Bytes(content, "fuzzed.jpg"), self._lists, looks).verdict
        now = time.process_time()
        assert isinstance(verdict, Clear | Unreadable), verdict
        told = verdict.reason.name if isinstance(verdict, Unreadable) else "CLEAR"
        self._verdicts[told] = self._verdicts.get(told, 0) + 1
        self._slowest = max(self._slowest, now - before)
        assert self._slowest < _SLOWEST, f"one check took {self._slowest:.0f} s"
        self._tell(now - self._began)

    def mutate(self, content: bytes, longest: int, seed: int) -> bytes:
        """Half of the time as libFuzzer does it, half as `mutations` does."""
        chance = random.Random(seed)
        if chance.random() < 0.5:
            return with_sums_put_right(atheris.Mutate(content, longest))[:longest]
        return mutated(content if len(content) > 1 else chance.choice(self._seeds), self._seeds, chance)[:longest]

    def _tell(self, spent: float) -> None:
        done = spent >= self._cpu_seconds
        if not done and spent - self._told < _EVERY:
            return
        self._told = spent
        line = {
            "executions": sum(self._verdicts.values()),
            "cpu_s": round(spent, 1),
            "slowest_s": round(self._slowest, 2),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "verdicts": self._verdicts,
            "done": done,
        }
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        if done:
            os._exit(0)  # libFuzzer has no limit on CPU time, and would go on.


def main() -> None:
    """Runs until the time is used up or something was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpu-minutes", type=float, default=60)
    parser.add_argument("--log", type=Path, default=Path("fuzz.jsonl"), help="a line for each minute of CPU")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    corpus = told.findings / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for name, content in seeds():
        (corpus / name).write_bytes(content)
    run = Run(told.cpu_minutes * 60, told.log)
    flags = [f"-seed={told.seed}", f"-max_len={LONGEST}", f"-rss_limit_mb={_MEMORY_MB}", "-timeout=600"]
    flags += [f"-artifact_prefix={told.findings}/", "-print_final_stats=1", "-verbosity=0", str(corpus)]
    atheris.Setup([sys.argv[0], *flags], run.check, custom_mutator=run.mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
