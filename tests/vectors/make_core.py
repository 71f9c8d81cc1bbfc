"""Makes core.json: pixels -> fingerprints, and fingerprints -> the nearest entry of a list, for any implementation.

The answers of the plain twin are written down: PYTHONPATH=tests FORESEAL_CORE=plain python tests/vectors/make_core.py
> tests/vectors/core.json. Both cores must then agree with them, on every machine.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
from collections.abc import Mapping

from foreseal_matcher.fingerprints.pdq import dihedral, distance

SHAPES = (
    (1, 1, 1, 1),
    (64, 64, 64, 64),
    (130, 97, 130, 97),
    (200, 256, 200, 256),
    (512, 384, 512, 384),
    (384, 512, 1200, 1600),
    (512, 512, 3000, 4000),
    (300, 512, 20000, 33000),
    (2048, 1, 9000, 3),
)
FORMULA = "luma[r][c] = ((r * r * a + c * c * b + r * c * d) / 1024 + e * (r / 16 + c / 16)) mod 256, divisions down"


def luma_of(vector: Mapping[str, object]) -> memoryview:
    """The picture that a vector describes, rows x columns."""
    rows, columns, a, b, d, e = (int(str(vector[name])) for name in ("rows", "columns", "a", "b", "d", "e"))
    luma = bytes(
        ((r * r * a + c * c * b + r * c * d) // 1024 + e * (r // 16 + c // 16)) % 256
        for r in range(rows)
        for c in range(columns)
    )
    return memoryview(luma).cast("B", shape=(rows, columns))


def main() -> None:
    """Writes the vectors to stdout."""
    numbers = random.Random(2026)
    pictures = []
    for rows, columns, full_rows, full_columns in SHAPES:
        vector: dict[str, object] = {"rows": rows, "columns": columns, "full_rows": full_rows}
        vector |= {"full_columns": full_columns} | {name: numbers.randint(1, 40) for name in "abde"}
        luma = luma_of(vector)
        found = dihedral(luma, (full_rows, full_columns))
        vector |= {"sha256": hashlib.sha256(luma).hexdigest(), "pdq": [each.bits.hex() for each in found]}
        pictures.append(vector | {"quality": [each.quality for each in found]})
    listed = [{"id": 10**6 - at, "hash": numbers.randbytes(32).hex()} for at in range(20)]
    listed.append({"id": 7, "hash": listed[0]["hash"]})
    queries = []
    for at, flips, radius in ((0, 0, 31), (1, 31, 31), (1, 32, 31), (2, 32, 32), (3, 20, 19), (4, 0, 0), (5, 60, 256)):
        value = int(str(listed[at]["hash"]), 16)
        for bit in numbers.sample(range(256), flips):
            value ^= 1 << bit
        query = value.to_bytes(32, "big")
        near = min((distance(query, bytes.fromhex(str(one["hash"]))), int(str(one["id"]))) for one in listed)
        answer = [near[1], near[0]] if near[0] <= radius else None
        queries.append({"hash": query.hex(), "radius": radius, "nearest": answer})
    json.dump({"luma": FORMULA, "pictures": pictures, "list": listed, "queries": queries}, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
