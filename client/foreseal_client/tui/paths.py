"""Completing a path that is being typed."""

from __future__ import annotations

from pathlib import Path

from textual.suggester import Suggester

__all__ = ["Paths"]


class Paths(Suggester):
    """Completes a path by the first name in its folder that begins the same way."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The path with the rest of the name."""
        folder, _, start = value.rpartition("/")
        if not start:
            return None
        try:
            names = sorted(entry.name for entry in Path(folder or ".").expanduser().iterdir())
        except OSError:
            return None
        found = next((name for name in names if name.startswith(start)), None)
        return None if found is None else f"{folder}/{found}" if folder else found
