"""What goes wrong inside a client because a test asked for it: a check that hangs or fails, and a disk that is full.

The check comes to it where the matcher is open to others, at a detector; the disk by the store's own bound on its
length. Neither takes another way than the real fault does.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from foreseal_client.device import Device
from foreseal_matcher import Finding, ListSet
from foreseal_matcher.content import Item
from foreseal_matcher.lists import FollowedLists

__all__ = ["CheckFault", "SpoiledCheck"]


class CheckFault(StrEnum):
    """What becomes of each check of a file."""

    NONE = "none"
    HANGS = "hangs"
    """It does not come to its end before this is over."""
    FAILS = "fails"
    """Something in it raises, and it cannot be made."""


class SpoiledCheck:
    """One device's check: `folders` of lists, and a fault, each of which a test may change."""

    def __init__(self, device: Device, folders: Iterable[Path]) -> None:
        self._device = device
        self._folders = tuple(folders)
        self._detector = _Faulty(CheckFault.NONE)

    async def against(self, folders: Iterable[Path]) -> None:
        """Checks are made against these lists from now on."""
        self._folders = tuple(folders)
        await self._follow()

    async def meets(self, fault: CheckFault) -> None:
        """Checks meet with this from now on; those that hang go on where it is another."""
        before, self._detector = self._detector, _Faulty(fault)
        await self._follow()
        before.let_go()

    def end(self) -> None:
        """Nothing hangs any more: what does would outlive the client."""
        self._detector.let_go()

    async def _follow(self) -> None:
        await self._device.follow(_Lists(self._folders, self._detector))
        self._device.lists_changed.set()


class _Lists(FollowedLists):
    def __init__(self, folders: Iterable[Path], detector: _Faulty) -> None:
        super().__init__(folders)
        self._detector = None if detector.fault is CheckFault.NONE else detector
        self._spoiled = (ListSet.empty(), ListSet.empty())

    @property
    def opened(self) -> ListSet:
        """The same object for the same lists: by that a device sees whether they are others."""
        opened = super().opened
        if self._detector is None:
            return opened
        if self._spoiled[0] is not opened:
            self._spoiled = (opened, opened.looking_with([self._detector]))
        return self._spoiled[1]


class _Faulty:
    """A detector, which runs in the check's own thread."""

    name, version = "a fault that a test asked for", "1"

    def __init__(self, fault: CheckFault) -> None:
        self.fault = fault
        self._over = threading.Event()

    def examine(self, item: Item) -> Finding | None:
        if self.fault is CheckFault.FAILS:
            raise RuntimeError(self.name)
        self._over.wait()
        return None

    def let_go(self) -> None:
        self._over.set()
