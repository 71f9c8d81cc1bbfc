"""Paints so many pictures into a folder, for a study that needs no photographs: FOLDER COUNT."""

from __future__ import annotations

import sys
from pathlib import Path

from foreseal_client import pictures

__all__ = ["paint"]


def paint(folder: Path, count: int, size: tuple[int, int] = (320, 240)) -> None:
    """One file each, of all families in turn. The same count gives the same files."""
    folder.mkdir(parents=True, exist_ok=True)
    for at in range(count):
        family = pictures.FAMILIES[at % len(pictures.FAMILIES)]
        (folder / f"{at:03}-{family}.jpg").write_bytes(pictures.generate(family, 50 + at, size))


if __name__ == "__main__":
    paint(Path(sys.argv[1]), int(sys.argv[2]))
