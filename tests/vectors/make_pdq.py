"""Makes pdq.json: what the reference implementation says of the generated pictures of tests/sample_pictures.py.

It needs the peer, which is no dependency of Foreseal (it has no wheel and wants a compiler). In an environment apart:

    pip install pdqhash==0.2.8 pillow numpy
    PYTHONPATH=tests python tests/vectors/make_pdq.py > tests/vectors/pdq.json
"""

from __future__ import annotations

import json
import sys
from importlib import import_module

import numpy as np

from sample_pictures import pixels

SIZES = ((64, 64), (128, 96), (320, 240), (333, 777), (512, 512), (640, 480), (1000, 700), (1024, 768), (100, 1900))


def main() -> None:
    """Writes the vectors to stdout."""
    compute = import_module("pdqhash").compute
    vectors = []
    for seed, (width, height) in enumerate(SIZES):
        bits, quality = compute(pixels(seed, width, height))
        value = np.packbits(np.array(bits, dtype=np.uint8)).tobytes().hex()
        vectors.append({"seed": seed, "width": width, "height": height, "pdq": value, "quality": int(quality)})
    json.dump({"made_by": "pdqhash 0.2.8", "vectors": vectors}, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
