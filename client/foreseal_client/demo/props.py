"""The props: generated pictures to attach, and the temporary lists of the two devices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from foreseal_client.demo.shelf import taken
from foreseal_client.demo.stage import Stage, write_list
from foreseal_client.draft import demand_regular
from foreseal_matcher import ListSet

__all__ = ["Props"]


@dataclass(frozen=True, slots=True)
class Props:
    """`offered`: what to attach, with a line that says what it is for. The lists differ in one picture, so that
    something can arrive which only the receiver's device knows."""

    folder: Path
    offered: list[tuple[str, Path]]
    listed: tuple[bytes, ...]
    bob_only: tuple[bytes, ...]
    alices: ListSet
    bobs: ListSet
    edition: int = 0

    @classmethod
    def make(cls, folder: Path) -> Props:
        """Paints the pictures and writes the lists."""
        still, reef, files = _painted()
        shelf = folder / "pictures"
        shelf.mkdir()
        for name, (_, data) in files.items():
            (shelf / name).write_bytes(data)
        offered = [(f"{name}: {purpose}", shelf / name) for name, (purpose, _) in files.items()]
        empty = ListSet.empty()
        return cls(folder, offered, (still,), (reef,), empty, empty)._written()

    def and_listed(self, path: Path) -> Props:
        """With one more file on both lists. Raises `OSError`, `ValueError`, `Undecodable` or `ListNotWritten`."""
        demand_regular(path)
        return replace(self, listed=(*self.listed, path.read_bytes()), edition=self.edition + 1)._written()

    def with_last_withdrawn(self) -> Props:
        """Without what was listed last on both lists; the same when nothing is left."""
        return replace(self, listed=self.listed[:-1], edition=self.edition + 1)._written() if self.listed else self

    def put_on(self, stage: Stage) -> None:
        """Gives the lists to the two devices; the next check uses them."""
        stage.alice.device.lists, stage.bob.device.lists = self.alices, self.bobs

    def _written(self) -> Props:
        # A folder of its own for each edition: a check that is under way still reads the one before.
        folder = self.folder / f"lists-{self.edition}"
        return replace(
            self,
            alices=write_list(folder / "alice", "demo", self.listed),
            bobs=write_list(folder / "bob", "demo", (*self.listed, *self.bob_only)),
        )


def _painted() -> tuple[bytes, bytes, dict[str, tuple[str, bytes]]]:
    """The two listed pictures, and what is offered: name, purpose and bytes."""
    return taken("still-life"), taken("reef"), {
        "mountains.jpg": ("a picture on no list", taken("mountains")),
        "skyline.jpg": ("another picture on no list", taken("skyline")),
        "still-life.webp": ("an edited copy of a listed picture", taken("still-life/sent-on")),
        "reef.webp": ("an edited copy of one on Bob's list only", taken("reef/sent-on")),
        "cut.jpg": ("a picture cut in half: it cannot be checked", taken("mountains/cut")),
    }  # fmt: skip
