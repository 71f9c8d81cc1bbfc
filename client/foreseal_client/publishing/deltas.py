"""What leads from earlier versions of a list to the one that is published."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from foreseal_client.publishing.put_together import put_together
from foreseal_client.publishing.repository import Repository
from foreseal_matcher.errors import ListNotWritten, ListUnusable
from foreseal_matcher.lists import HashList, files_of, make_delta

__all__ = ["deltas_to"]


def deltas_to(repository: Repository, opened: HashList, earlier: list[str]) -> Iterator[tuple[str, Path]]:
    """The digest of each earlier version, and a file of what leads from it to `opened`. `earlier`: SHA-256 of the
    versions' manifests as they lie in the repository. A version whose files are no longer there, or that is as far
    away as the whole list, is left out: whoever has it fetches the whole list."""
    whole = sum((opened.path / opened.manifest.folder / file).stat().st_size for file in files_of(opened.manifest))
    with tempfile.TemporaryDirectory(dir=repository.folder, prefix=".deltas-") as scratch:
        for manifest in earlier:
            try:
                base = put_together(repository, opened.name, manifest, Path(scratch) / manifest)
                out = Path(scratch) / f"{manifest}.delta"
                if make_delta(base, opened, out) < whole:
                    yield base.digest, out
            except (OSError, ListUnusable, ListNotWritten):
                continue
