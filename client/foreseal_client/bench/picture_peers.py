"""Other programs that fingerprint pictures, in the same run, if they are installed. None is a dependency."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from foreseal_client.bench.decode_floor import decode_fully

__all__ = ["peers_of"]


def peers_of(path: Path) -> dict[str, Callable[[], object]]:
    """Name -> what it does with the file at `path`: reading, decoding and fingerprinting, without any lookup."""
    found: dict[str, Callable[[], object]] = {}
    try:
        import pdqhash

        found["pdqhash, full decode"] = lambda: pdqhash.compute(np.asarray(decode_fully(path.read_bytes())))
    except ImportError:
        pass
    try:
        from threatexchange.signal_type.pdq.signal import PdqSignal

        found["threatexchange"] = partial(PdqSignal.hash_from_file, path)
    except ImportError:
        pass
    try:
        import imagehash

        found["imagehash pHash, 64 bits, full decode"] = lambda: imagehash.phash(decode_fully(path.read_bytes()))
    except ImportError:
        pass
    return found
