"""What was verified when a list was installed, so that it need not be hashed again at each start.

`verified.json` beside the columns holds the size and the time of change of each file as it was when its digest was
found right. A file that still has both is taken to be that file. This guards against accidents, as the digests do:
who may write into the folder can also make it say what it should not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.regular import read_at_most

__all__ = ["SEAL", "Seal"]

SEAL: Final = "verified.json"
_FORMAT: Final = 1
_MOST_BYTES: Final = 64 * 1024


class Seal(NamedTuple):
    """Files known to be right: name -> size in bytes and time of change in nanoseconds."""

    files: Mapping[str, tuple[int, int]]

    @classmethod
    def none(cls) -> Seal:
        """Nothing is known, and so everything is hashed."""
        return cls({})

    @classmethod
    def of(cls, folder: Path, names: list[str]) -> Seal:
        """These files as they are now; to be called after they were verified. Raises `OSError`."""
        return cls({name: _stamp(folder / name) for name in names})

    @classmethod
    def read(cls, folder: Path, digest: str) -> Seal:
        """What is known of the files in `folder`, if it was written for the list with this digest. What is absent or
        unreadable is known to nobody."""
        try:
            fields = json.loads(read_at_most(folder / SEAL, _MOST_BYTES))
            if (fields["format"], fields["list"]) != (_FORMAT, digest):
                return cls.none()
            return cls({str(name): (int(size), int(changed)) for name, (size, changed) in fields["files"].items()})
        except (OSError, ListUnusable, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return cls.none()

    def write(self, folder: Path, digest: str) -> None:
        """Puts it beside the files, for the list with this digest. Raises `OSError`."""
        fields = {"format": _FORMAT, "list": digest, "files": {name: list(at) for name, at in self.files.items()}}
        part = folder / f".{SEAL}-part"
        part.write_text(json.dumps(fields, indent=1) + "\n", encoding="ascii")
        part.replace(folder / SEAL)

    def holds(self, path: Path) -> bool:
        """Whether this file is as it was when it was verified."""
        try:
            return self.files.get(path.name) == _stamp(path)
        except OSError:
            return False


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
