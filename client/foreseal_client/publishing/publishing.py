"""From a list to a published one: prepare, endorse, complete, refresh."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from typing import Final

from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import Metadata, MetaFile, Role, Root, Snapshot, TargetFile, Targets, Timestamp

from foreseal_client.publishing.faults import NotPublished
from foreseal_client.publishing.listed import add_list
from foreseal_client.publishing.logged import log_lists, log_signer, stamp_log
from foreseal_client.publishing.pending import Pending, Waiting
from foreseal_client.publishing.pruning import prune
from foreseal_client.publishing.repository import Repository
from foreseal_client.updates.names import LOG_FIELD, log_key_of, manifest_target
from foreseal_matcher.lists import HashList
from foreseal_matcher.lists.manifest import MANIFEST

__all__ = [
    "ROOT_DAYS",
    "SNAPSHOT_DAYS",
    "TARGETS_DAYS",
    "TIMESTAMP_DAYS",
    "complete",
    "prepare_list",
    "prepare_root",
    "publish_snapshot",
    "refresh",
]

ROOT_DAYS: Final = 365
"""How long the endorsers' word on who they are is good."""
TARGETS_DAYS: Final = 90
"""How long their word on the lists is good: an endorser who is no longer asked is noticed within a quarter."""
SNAPSHOT_DAYS: Final = 30
TIMESTAMP_DAYS: Final = 7
"""How long a server can keep newer lists back before devices notice: `refresh` renews it, at best every day."""


def prepare_root(
    repository: Repository, endorsers: list[SSlibKey], threshold: int, online: SSlibKey, log: SSlibKey, now: datetime
) -> None:
    """Lets a root wait that trusts these endorsers from now on, `threshold` of them together; the first of a
    repository, or the next: then as many of those trusted so far have to sign it, too. `log`: the key of the public
    log; devices ask before they follow another. Raises `NotPublished`."""
    keys = {key.keyid: key for key in endorsers}
    if len(keys) < len(endorsers):
        raise NotPublished("Two endorsers have the same key; each needs one of their own.")
    if online.keyid in keys:
        raise NotPublished("The online key lies on a machine that is reached from outside; it cannot endorse as well.")
    if log.keyid in {*keys, online.keyid}:
        raise NotPublished("The log answers for what was published when; its key is nobody else's.")
    if not 1 <= threshold <= len(keys):
        raise NotPublished(
            f"A threshold of {threshold} among {len(keys)} endorsers can never be reached, or always is."
        )
    before, pending = repository.root(), Pending(repository)
    offline, always = Role(list(keys), threshold), Role([online.keyid], 1)
    roles = {Root.type: offline, Targets.type: copy.deepcopy(offline), Snapshot.type: always,
             Timestamp.type: copy.deepcopy(always)}  # fmt: skip
    version = 1 if before is None else before.signed.version + 1
    expires = _after(now, ROOT_DAYS)
    named = {LOG_FIELD: log.keyval["public"]}
    root = Root(version, None, expires, {**keys, online.keyid: online}, roles, unrecognized_fields=named)
    waits = pending.root()
    if waits is not None and _trusts(waits.signed) == _trusts(root):
        return  # The same again would throw away the signatures that it has.
    pending.prepare(Metadata(root))
    published = repository.targets()
    if published is not None:
        # Under other endorsers the lists are signed by nobody yet: they wait for the same hands.
        _prepare_targets(repository, published.signed, now)


def prepare_list(repository: Repository, opened: HashList, now: datetime) -> bool:
    """Lets the next targets wait, with this list in the place of its earlier version. False where just this list waits
    already, or is published. Raises `NotPublished`."""
    pending, published = Pending(repository).targets(), repository.targets()
    if repository.root() is None and Pending(repository).root() is None:
        raise NotPublished(f"{repository.folder} is no repository yet; make one with: foreseal list publish init")
    newest = pending or published
    path = manifest_target(opened.name)
    with (opened.path / MANIFEST).open("rb") as file:
        wanted = TargetFile.from_data(path, file, ["sha256"])
    if newest is not None and path in newest.signed.targets and newest.signed.targets[path].hashes == wanted.hashes:
        return False
    targets = Targets() if newest is None else copy.deepcopy(newest.signed)
    add_list(repository, targets, opened)
    _prepare_targets(repository, targets, now)
    return True


def complete(repository: Repository, signers: list[CryptoSigner], now: datetime) -> Waiting | None:
    """Publishes what waits if enough have endorsed it: everything else, the log included, is in place before the time
    stamp, which makes it count, is replaced. Otherwise returns what is lacking. Raises `NotPublished`."""
    pending = Pending(repository)
    waiting = pending.waiting()
    if waiting is not None:
        return waiting
    root, targets = pending.root(), pending.targets()
    governing = root or repository.root()
    if governing is None:
        raise NotPublished(f"{repository.folder} is no repository yet; make one with: foreseal list publish init")
    online = None if targets is None else _online(governing.signed, signers)
    if targets is not None:
        log_signer(governing.signed, signers)
    if root is not None:
        repository.put(root)
    if targets is not None and online is not None:
        repository.put(targets)
        log_lists(repository, governing.signed, targets, signers, now)
        publish_snapshot(repository, targets, online, now)
    pending.done()
    prune(repository)
    return None


def refresh(repository: Repository, signers: list[CryptoSigner], now: datetime) -> datetime:
    """Renews the time stamp and that of the log, and the snapshot where it is older than half its life; returns when
    the time stamp expires. Raises `NotPublished`."""
    root, targets, snapshot = repository.root(), repository.targets(), repository.snapshot()
    if root is None or targets is None or snapshot is None:
        raise NotPublished(f"Nothing is published in {repository.folder} yet, so there is nothing to renew.")
    online = _online(root.signed, signers)
    stamp_log(repository, root.signed, signers, now)
    if snapshot.signed.expires - now < timedelta(days=SNAPSHOT_DAYS / 2):
        return publish_snapshot(repository, targets, online, now)
    return _publish_timestamp(repository, snapshot, online, now)


def _prepare_targets(repository: Repository, targets: Targets, now: datetime) -> None:
    published = repository.targets()
    targets = copy.deepcopy(targets)
    targets.version = 1 if published is None else published.signed.version + 1
    targets.expires = _after(now, TARGETS_DAYS)
    Pending(repository).prepare(Metadata(targets))


def publish_snapshot(
    repository: Repository, targets: Metadata[Targets], online: CryptoSigner, now: datetime
) -> datetime:
    """Signs a snapshot of these targets and the time stamp that makes it count; returns when that expires. Looks at
    nobody's signature: whoever holds the online key can do so."""
    before = repository.snapshot()
    version = 1 if before is None else before.signed.version + 1
    meta = {"targets.json": _meta(targets)}
    snapshot = Metadata(Snapshot(version, None, _after(now, SNAPSHOT_DAYS), meta))
    snapshot.sign(online)
    repository.put(snapshot)
    return _publish_timestamp(repository, snapshot, online, now)


def _publish_timestamp(
    repository: Repository, snapshot: Metadata[Snapshot], online: CryptoSigner, now: datetime
) -> datetime:
    before = repository.timestamp()
    version = 1 if before is None else before.signed.version + 1
    stamp = Metadata(Timestamp(version, None, _after(now, TIMESTAMP_DAYS), _meta(snapshot)))
    stamp.sign(online)
    repository.put(stamp)
    return stamp.signed.expires


def _meta(metadata: Metadata[Targets] | Metadata[Snapshot]) -> MetaFile:
    """What holds a file to its place: with version, length and digest no server can mix states."""
    return MetaFile.from_data(metadata.signed.version, metadata.to_bytes(), ["sha256"])


def _trusts(root: Root) -> tuple[object, ...]:
    return root.keys, root.roles, log_key_of(root)


def _online(root: Root, signers: list[CryptoSigner]) -> CryptoSigner:
    wanted = set(root.roles[Timestamp.type].keyids)
    found = next((signer for signer in signers if signer.public_key.keyid in wanted), None)
    if found is None:
        raise NotPublished(
            "The key that signs snapshots and time stamps is not among these; name its folder with --keys."
        )
    return found


def _after(now: datetime, days: int) -> datetime:
    return (now + timedelta(days=days)).replace(microsecond=0)
