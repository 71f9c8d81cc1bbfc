"""What was said to all clients of a test and by them, as JSON lines: kept when the test fails, and replayed."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Literal

import msgspec

__all__ = ["Said", "Transcript", "read_transcript"]


class Said(msgspec.Struct, frozen=True):
    """One line. `way`: `call` to the client, `said` by it."""

    n: int
    client: str
    way: Literal["call", "said"]
    line: msgspec.Raw


class Transcript:
    """Grows as a test runs."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, Literal["call", "said"], bytes]] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, client: str, way: Literal["call", "said"], line: bytes) -> None:
        """One more line."""
        with self._lock:
            self._lines.append((client, way, bytes(line).strip()))

    def write(self, path: Path) -> None:
        """All of it into a file. Raises `OSError`."""
        with self._lock:
            lines = list(self._lines)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            for n, (client, way, line) in enumerate(lines, 1):
                out.write(msgspec.json.encode(Said(n, client, way, msgspec.Raw(line))) + b"\n")


def read_transcript(path: Path) -> list[Said]:
    """The lines of a file. Raises `OSError`, and `ValueError` for what is no transcript."""
    lines = path.read_bytes().splitlines()
    try:
        return [msgspec.json.decode(line, type=Said) for line in lines if line.strip()]
    except msgspec.MsgspecError as fault:
        raise ValueError(f"{path.name} is no transcript: {fault}") from fault
