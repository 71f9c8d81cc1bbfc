"""Files that are there after the power fails: synced, then named, then their name synced too."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["rename", "sync_data", "sync_folder"]


def rename(synced: Path, final: Path) -> None:
    """Gives a file, whose bytes are synced already, its name in the same folder, and syncs the folder: without that
    a crash may leave the old name or none. Raises `OSError`."""
    synced.replace(final)
    sync_folder(final.parent)


def sync_data(handle: int) -> None:
    """Makes what was written to a file durable: its bytes, and of what is known about it what finding them takes, where
    the system tells the two apart. Raises `OSError`."""
    getattr(os, "fdatasync", os.fsync)(handle)


def sync_folder(path: Path) -> None:
    """Makes the names in a folder durable. Raises `OSError`."""
    if os.name != "nt":  # Windows has no way to sync a folder
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
