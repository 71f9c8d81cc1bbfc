"""Opening a text that a list is made from: a file, and nothing that would wait or never end."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from foreseal_matcher.errors import ListUnusable, SourceUnreadable
from foreseal_matcher.regular import open_regular

__all__ = ["open_source"]


@contextmanager
def open_source(path: Path) -> Iterator[IO[str]]:
    """A reader of a text in UTF-8, with its line ends as they are and other bytes escaped. Raises `SourceUnreadable`,
    also for what goes wrong while it is read: as `OSError` it would look like a fault of the list's own folder."""
    try:
        with (
            open_regular(path) as file,
            io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="") as text,
        ):
            yield text
    except ListUnusable as error:
        raise SourceUnreadable(f"{path}: it is not a regular file") from error
    except OSError as error:
        raise SourceUnreadable(f"{path}: {error.strerror or error}") from error
