"""What a list weighs on its way to a device: published twice by the real publisher, fetched by the real update.

The second version lacks one entry in a hundred of the first and has as many others. Entries are random: they compress
no worse than any, and nothing is matched with them.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Final

from foreseal_client.publishing.keys import LOG, ONLINE, load_signers, make_key, name_of
from foreseal_client.publishing.listed import open_to_publish
from foreseal_client.publishing.pending import Pending
from foreseal_client.publishing.publishing import complete, prepare_list, prepare_root
from foreseal_client.publishing.repository import Repository
from foreseal_client.study.cell import Cell, Ground, Sample
from foreseal_client.updates.fetching import fetcher_for
from foreseal_client.updates.names import delta_target
from foreseal_client.updates.updating import update
from foreseal_matcher.lists import HashList, ListedHash, Purpose, build_list
from foreseal_matcher.verdict import Entry

__all__ = ["CHANGED", "UPDATED", "measure"]

UPDATED: Final = "list and its update"
CHANGED: Final = 100
"""One entry in so many is another in the second version."""
_ENDORSERS: Final = ("endorser-1", "endorser-2", "endorser-3")


def measure(cell: Cell, ground: Ground) -> Iterator[Sample]:
    """Bytes of a list of `variant` entries: as a whole and as a delta, and what came beside them on the way."""
    entries = int(cell.variant)
    # The library that checks signatures looks at the clock itself.
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(dir=ground.work) as name:
        folder = Path(name)
        publisher = _Publisher(folder, now)
        first = publisher.publish(entries, 0, ground.seed)
        fetch = partial(
            update, str(publisher.repository.folder), fetcher_for(str(publisher.repository.folder)), folder / "device",
            now.date(),
        )  # fmt: skip
        whole = fetch(root=publisher.repository.first_root.read_bytes())
        second = publisher.publish(entries, 1, ground.seed)
        delta = publisher.bytes_of(delta_target(second.name, first.digest))
        later = fetch()
        column = sum(path.stat().st_size for path in first.path.rglob("pdq.*") if path.suffix != ".index")
        figures = {
            "the list": column,
            "beside the list: signatures, log, manifest": whole.fetched - column,
            "the delta": delta,
            "beside the delta: signatures, log, manifest": later.fetched - delta,
        }
        for stage, count in figures.items():
            yield Sample("cost", cell.subject, cell.variant, "", stage, "bytes", str(count))
        yield Sample("cost", cell.subject, cell.variant, "", f"an update, by {later.way}", "bytes", str(later.fetched))


class _Publisher:
    """Three endorsers of whom two have to agree; all keys are in one folder, as no real publisher has them."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self._folder, self._now = folder, now
        self.repository = Repository(folder / "repository")
        keys = [make_key(folder / "keys", name) for name in (*_ENDORSERS, ONLINE, LOG)]
        self._signers = {name_of(signer.public_key): signer for signer in load_signers(folder / "keys")}
        prepare_root(self.repository, keys[:3], 2, keys[3], keys[4], now)
        self._endorse()

    def publish(self, entries: int, changes: int, seed: int) -> HashList:
        """A version in which so many hundredths of the first one's entries are others."""
        made, folder = self._now.date(), self._folder / f"version-{changes}"
        gone = changes * max(1, entries // CHANGED)
        build_list(
            folder, _rows(gone, gone + entries, seed, made), name="random", version=str(changes + 1), made=made,
            purpose=Purpose.SYNTHETIC,
        )  # fmt: skip
        opened = open_to_publish(folder, made)
        prepare_list(self.repository, opened, self._now)
        self._endorse()
        return opened

    def bytes_of(self, target: str) -> int:
        """How long a published target is."""
        published = self.repository.targets()
        if published is None:
            raise RuntimeError("nothing is published")
        return published.signed.targets[target].length

    def _endorse(self) -> None:
        Pending(self.repository).sign([self._signers[name] for name in _ENDORSERS[:2]])
        complete(self.repository, list(self._signers.values()), self._now)


def _rows(first: int, last: int, seed: int, made: date) -> Iterator[ListedHash]:
    numbers = random.Random(seed)
    for id in range(last):
        bits = numbers.randbytes(32)
        if id >= first:
            yield ListedHash(Entry(id, "pdq", "bytes only", "random numbers", made), bits)
