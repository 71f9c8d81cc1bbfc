"""What many worlds share: the loop, the pictures and the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from foreseal_client.kit.loop import Loop
from foreseal_client.kit.relay import issuer_key
from foreseal_client.kit.samples import Samples
from foreseal_client.kit.world import BEGIN, Options, World

__all__ = ["Session"]


class Session:
    """`folder`: for what is shared."""

    def __init__(self, folder: Path, options: Options) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.options = options
        # A relay elsewhere goes by its own clock, and so do clients at it.
        made = datetime.now(UTC) if options.relay_url else datetime.fromtimestamp(BEGIN, UTC)
        self.samples = Samples(options.seed, folder, made.date())
        self._loop = Loop()

    @property
    def summary(self) -> str:
        """One line that says what a run went by."""
        return (
            f"foreseal {version('foreseal')}: seed {self.options.seed}, policy {self.options.policy}, "
            f"list {self.samples.digest[:16]}"
        )

    def world(self, folder: Path, policy: Sequence[str] = ()) -> World:
        """A world of its own; `policy`: mode and, perhaps, what follows a failure, in place of the run's."""
        options = self.options
        if policy:
            options = replace(options, policy=policy[0], on_failure=(*policy, options.on_failure)[1])
        return World(folder, self._loop, self.samples, options, self._issuer_key)

    @cached_property
    def _issuer_key(self) -> Path:
        """For the relay of every world: listing ten years of keys takes longer than starting it."""
        return issuer_key(self._folder, BEGIN)

    def close(self) -> None:
        """Ends the loop."""
        self._loop.close()
