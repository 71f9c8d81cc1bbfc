"""What is kept of a run that was shown: a frame for each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from foreseal_client.demo.scene import Settled

__all__ = ["Frame"]


@dataclass(frozen=True, slots=True)
class Frame:
    """`sides`: the last line that each side saw, by whose side it is; `svg`: the whole screen as exported."""

    settled: Settled
    sides: Mapping[str, str]
    svg: str
