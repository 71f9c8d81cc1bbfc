"""What sealing and opening a large attachment takes, beside libsodium's secretstream alone and the disk alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Final, TypeVar

from foreseal_client.bench.timing import median
from foreseal_client.sealing.attachments import open_attachment, seal_attachment
from foreseal_client.sealing.spool import CHUNK, Spool, seal_stream

__all__ = ["bench_attachments"]

T = TypeVar("T")
_MIB: Final = 1024 * 1024
_PROGRAM: Final = """
import json, sys
from pathlib import Path
from foreseal_client.bench.attachments import measured
print(json.dumps(measured(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
"""


def bench_attachments(folder: Path, mib: int, rounds: int) -> dict[str, object]:
    """Seals and opens an attachment of `mib` MiB so often, in an interpreter of its own, with all files in `folder`.

    `seal_mib_s`, `open_mib_s`: medians, disk and its sync included; `seal_cpu_mib_s`, `open_cpu_mib_s`: by CPU time
    alone; `memory_mib`: by how much the process grew at most. `floors`: secretstream one way in memory, and writing as
    many bytes to the same disk with a sync. Times are for ratios within this run.
    """
    command = [sys.executable, "-c", _PROGRAM, str(folder), str(mib), str(rounds)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, object] = json.loads(ran.stdout)
    return told


def measured(folder: Path, mib: int, rounds: int) -> dict[str, object]:
    """What the process of `bench_attachments` does."""
    before = _peak()
    attached = Spool.write(_random(mib), folder / "attached", "large.bin")
    seals, opens = list[tuple[float, float]](), list[tuple[float, float]]()
    for number in range(rounds):
        sealed, opened = folder / f"sealed-{number}", folder / f"opened-{number}"
        ref, spent = _spent(partial(seal_attachment, attached, sealed))
        seals.append(spent)
        opens.append(_spent(partial(open_attachment, sealed, ref, opened))[1])
        sealed.unlink()
        opened.unlink()
    grown = _peak() - before
    floors = [_spent(partial(_secretstream, mib))[1][0] for _ in range(rounds)]
    disk = [_spent(partial(_written, folder / "floor", mib))[1][0] for _ in range(rounds)]
    return {
        "mib": mib,
        "rounds": rounds,
        "seal_mib_s": round(mib / median([wall for wall, _ in seals]), 1),
        "open_mib_s": round(mib / median([wall for wall, _ in opens]), 1),
        "seal_cpu_mib_s": round(mib / median([cpu for _, cpu in seals]), 1),
        "open_cpu_mib_s": round(mib / median([cpu for _, cpu in opens]), 1),
        "memory_mib": round(grown, 1),
        "floors": {
            "secretstream_mib_s": round(mib / median(floors), 1),
            "disk_mib_s": round(mib / median(disk), 1),
        },
    }


def _spent(call: Callable[[], T]) -> tuple[T, tuple[float, float]]:
    """What the call gave, and its seconds: on the clock, and of CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    given = call()
    return given, (time.perf_counter() - wall, time.process_time() - cpu)


def _random(mib: int) -> Iterator[bytes]:
    for _ in range(mib * _MIB // CHUNK):
        yield os.urandom(CHUNK)


def _secretstream(mib: int) -> None:
    deque(seal_stream(repeat(bytes(CHUNK), mib * _MIB // CHUNK), bytes(32)), maxlen=0)


def _written(path: Path, mib: int) -> None:
    chunk = bytes(CHUNK)
    with path.open("wb") as target:
        for _ in range(mib * _MIB // CHUNK):
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    path.unlink()


def _peak() -> float:
    """The most memory that this process ever had, in MiB; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0.0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / _MIB
