"""Putting what is published into the public log, before the time stamp makes it count."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root, TargetFile, Targets

from foreseal_client.publishing.faults import NotPublished
from foreseal_client.publishing.keys import name_of
from foreseal_client.publishing.put_together import put_together
from foreseal_client.publishing.repository import Repository
from foreseal_client.transparency.checkpoint import Checkpoint, CheckpointRefused
from foreseal_client.transparency.entry import EntryRefused, LoggedList, Share
from foreseal_client.transparency.folder import LogFolder
from foreseal_client.transparency.merkle import ProofRefused
from foreseal_client.transparency.reading import LOG
from foreseal_client.transparency.tiles import BrokenTile
from foreseal_client.updates.names import log_key_of
from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.lists import HashList, shares_in
from foreseal_matcher.lists.manifest import MANIFEST

__all__ = ["entry_for", "log_lists", "log_signer", "stamp_log"]


def log_signer(root: Root, signers: list[CryptoSigner]) -> CryptoSigner:
    """The key that the root names for its log, among these. Raises `NotPublished`."""
    key = log_key_of(root)
    if key is None:
        raise NotPublished(
            "The root names no public log, and devices take no list that is not in one. Run `foreseal list publish"
            " init` with the --endorser files once more, and have its new root signed."
        )
    found = next((one for one in signers if bytes.fromhex(one.public_key.keyval["public"]) == key), None)
    if found is None:
        raise NotPublished("The key that signs the log is not among these; name its folder with --keys.")
    return found


def log_lists(
    repository: Repository, root: Root, targets: Metadata[Targets], signers: list[CryptoSigner], now: datetime
) -> Checkpoint:
    """Appends an entry for each list in `targets` that is not what the log has last for it: another version, or other
    endorsers. Signs the log in any case. Raises `NotPublished`."""
    signed = root.get_verification_result(Targets.type, targets.signed_bytes, targets.signatures).signed
    endorsers = {keyid: name_of(key) for keyid, key in sorted(signed.items())}

    def new(log: LogFolder, head: Checkpoint) -> Iterator[LoggedList]:
        for path, target in sorted(targets.signed.targets.items()):
            if path.endswith(f"/{MANIFEST}"):
                entry = _entry_of(repository, target, endorsers, now)
                last = log.newest(entry.name, head)
                if last is None or not entry.says_the_same_as(last):
                    yield entry

    return _append(repository, root, signers, new, now)


def stamp_log(repository: Repository, root: Root, signers: list[CryptoSigner], now: datetime) -> Checkpoint:
    """Signs the log anew, so that devices see that nothing is kept back. Raises `NotPublished`."""
    return _append(repository, root, signers, lambda _log, _head: iter(()), now)


def entry_for(opened: HashList, endorsers: dict[str, str], now: datetime) -> LoggedList:
    """What the log says of this list. `endorsers`: names by id of key."""
    manifest = opened.manifest
    counted = shares_in(opened)
    shares = tuple(Share(category, source, entries) for (category, source), entries in sorted(counted.items()))
    return LoggedList(
        name=manifest.name, version=manifest.version, made=manifest.date, purpose=manifest.purpose.value,
        digest=manifest.digest, entries=manifest.entries,
        kinds=Counter({kind: column.count for kind, column in manifest.columns.items()}),
        shares=shares, endorsers=endorsers, logged=int(now.timestamp()),
    )  # fmt: skip


def _append(
    repository: Repository,
    root: Root,
    signers: list[CryptoSigner],
    new: Callable[[LogFolder, Checkpoint], Iterator[LoggedList]],
    now: datetime,
) -> Checkpoint:
    signer = log_signer(root, signers)
    key = bytes.fromhex(signer.public_key.keyval["public"])
    log = LogFolder(repository.folder / LOG)
    try:
        entries = list(new(log, log.head(key)))
        return log.append(entries, key, lambda message: bytes.fromhex(signer.sign(message).signature), now)
    except (CheckpointRefused, EntryRefused, ProofRefused, BrokenTile) as error:
        raise NotPublished(f"{log.folder} is damaged ({error}) Put back a copy of it.") from error
    except OSError as error:
        raise NotPublished(f"{log.folder} cannot be written: {error.strerror}.") from error


def _entry_of(repository: Repository, target: TargetFile, endorsers: dict[str, str], now: datetime) -> LoggedList:
    name = target.path.rpartition("/")[0]
    with tempfile.TemporaryDirectory(dir=repository.folder, prefix=".logged-") as scratch:
        try:
            return entry_for(
                put_together(repository, name, target.hashes["sha256"], Path(scratch) / name), endorsers, now
            )
        except (OSError, ListUnusable) as error:
            raise NotPublished(f"{name} cannot be logged: {error}. Publish it anew.") from error
