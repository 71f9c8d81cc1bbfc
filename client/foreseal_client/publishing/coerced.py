"""What somebody can serve who has the server and the online key: for the coercion drill, and for nothing else.

Nothing here gets round anything: it leaves out what `publishing.complete` looks at, and devices look for themselves.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Targets

from foreseal_client.publishing.faults import NotPublished
from foreseal_client.publishing.keys import name_of
from foreseal_client.publishing.listed import add_list
from foreseal_client.publishing.logged import log_lists
from foreseal_client.publishing.publishing import publish_snapshot
from foreseal_client.publishing.repository import Repository
from foreseal_matcher.lists import HashList

__all__ = ["serve_coerced", "signed_by"]


def serve_coerced(
    repository: Repository,
    opened: HashList,
    endorsers: Sequence[CryptoSigner],
    online: CryptoSigner,
    log: CryptoSigner | None,
    now: datetime,
) -> None:
    """Serves this list as the newest, signed by these endorsers, as if they were enough. `log`: the key of a log whose
    operator takes in whatever is brought; None where it is not told. Raises `NotPublished`."""
    published, root = repository.targets(), repository.root()
    if published is None or root is None:
        raise NotPublished(f"Nothing is published in {repository.folder} that could be replaced.")
    targets = copy.deepcopy(published.signed)
    add_list(repository, targets, opened)
    targets.version += 1
    metadata = Metadata(targets)
    for signer in endorsers:
        metadata.sign(signer, append=True)
    repository.put(metadata)
    if log is not None:
        log_lists(repository, root.signed, metadata, [log], now)
    publish_snapshot(repository, metadata, online, now)


def signed_by(repository: Repository) -> tuple[str, ...]:
    """The names of the endorsers whose signatures stand under what is served now: for everybody to read."""
    published, root = repository.targets(), repository.root()
    if published is None or root is None:
        return ()
    found = root.signed.get_verification_result(Targets.type, published.signed_bytes, published.signatures)
    return tuple(sorted(name_of(key) for key in found.signed.values()))
