"""The rules by which publishers, endorsers, a log's operator and a server play against two devices, for Hypothesis.

What is real: the repository, its metadata, the log, the update. What is played: who does what, in any order.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tuf.api.metadata import Metadata, Root, Targets
from tuf.ngclient import FetcherInterface

from foreseal_client.publishing.keys import load_signers, make_key
from foreseal_client.publishing.logged import log_lists
from foreseal_client.publishing.pending import Pending
from foreseal_client.publishing.publishing import complete, prepare_list, prepare_root
from foreseal_client.transparency.merkle import leaf_hash, root_of
from foreseal_client.transparency.tiles import Tiles, extended
from foreseal_client.updates.fetching import FolderFetcher
from foreseal_client.updates.refusals import StoppedAtFence, UpdateRefused
from foreseal_client.updates.remembered import recall
from foreseal_client.updates.updating import update
from foreseal_matcher.lists import HashList
from foreseal_matcher.lists.writing import UPDATES
from log_attacks import another, resigned
from publishing_world import THRESHOLD, Crashed, Device, Failing, Served, World
from sample_repositories import NOW, TODAY, Publisher, begun

__all__ = ["Publishing"]

_SIGNERS = st.sampled_from(
    [(), ("alice",), ("alice", "online"), ("alice", "alice"), ("alice", "carol"), ("bob", "dave")]
    + [("alice", "bob")] * 4
)


class Publishing(World, RuleBasedStateMachine):
    """Everybody honest or not."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copytree(begun(), self.folder / "world")
        self.publisher = Publisher.in_folder(self.folder / "world" / "publisher")
        keys = self.folder / "new-keys"
        make_key(keys, "dave")
        self.publisher.signers["dave"] = load_signers(keys)[0]
        first = self.folder / "world" / "list"
        self.devices = [Device(first), Device(self.folder / "second")]
        shutil.copytree(first, self.devices[1].folder)
        opened = HashList.open(first, TODAY)
        self.served = {opened.digest: Served(self.keyids("alice", "bob"), logged=True, rows=len(list(opened.hashes())))}
        self.versions, self.copies = 1, 0
        self.signed: dict[bytes, tuple[bytes, ...]] = {}
        self.logs_are_noted()

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    # --- publishers by the rules ------------------------------------------------------------------------------------

    @rule(fewer=st.integers(0, 6))
    def publish(self, fewer: int) -> None:
        """Entries come, or are withdrawn."""
        opened = self.next_list(20 + self.versions - fewer)
        assert prepare_list(self.publisher.repository, opened, NOW)
        signers = self.trusted_names()[:THRESHOLD]
        self.publisher.complete(by=signers)
        self.note(opened, signers, logged=True)

    @rule()
    def hand_over(self) -> None:
        """Carol goes and Dave comes, or the other way round; the lists are signed anew."""
        names = set(self.trusted_names()) ^ {"carol", "dave"}
        publics = [self.publisher.signers[name].public_key for name in sorted(names)]
        repository = self.publisher.repository
        prepare_root(repository, publics, THRESHOLD, self.publisher.online.public_key, self.publisher.log.public_key,
                     NOW)  # fmt: skip
        Pending(repository).sign(self.publisher.of("alice", "bob"))
        assert complete(repository, self.publisher.of("online", "log"), NOW) is None
        digest = self.digest_served()
        self.served[digest] = replace(self.served[digest], signers=self.keyids("alice", "bob"), logged=True, fresh=True)

    # --- publishers against them ------------------------------------------------------------------------------------

    @rule(signers=_SIGNERS, logged=st.booleans(), expired=st.sampled_from([False] * 3 + [True]), twice=st.booleans())
    def go_round_the_rules(self, signers: tuple[str, ...], logged: bool, expired: bool, twice: bool) -> None:
        """A version that too few signed, or strangers, or those who went, or one of them under two names; that is not
        logged; that expired. Or, when all is well, one that a server need not have asked for."""
        opened = self.next_list(20 + self.versions)
        targets = self.next_targets(opened, expired=expired)
        for signer in self.publisher.of(*signers):
            targets.sign(signer, append=True)
        if twice and signers:
            made = targets.signatures[self.publisher.signers[signers[0]].public_key.keyid]
            for name in ("alice", "bob", "carol"):
                keyid = self.publisher.signers[name].public_key.keyid
                targets.signatures.setdefault(keyid, type(made)(keyid, made.signature))
        self.publisher.put_targets(targets, logged=logged)
        self.note(opened, signers, logged=logged, fresh=not expired)

    @rule()
    def log_and_break_off(self) -> None:
        """A publication that stops between the log and the time stamp."""
        opened = self.next_list(20 + self.versions)
        targets, root = self.next_targets(opened), self.publisher.repository.root()
        assert root is not None
        for signer in self.publisher.of("alice", "bob"):
            targets.sign(signer, append=True)
        self.publisher.repository.put(targets)
        log_lists(self.publisher.repository, root.signed, targets, self.publisher.of("log"), NOW)

    # --- the log's operator -----------------------------------------------------------------------------------------

    @rule(name=st.sampled_from(["other", "demo"]))
    def log_something_else(self, name: str) -> None:
        self.versions += 1
        self.publisher.append(another(self.publisher, name=name, version=f"else-{self.versions}"))

    @rule()
    def rewrite_the_log(self) -> None:
        shutil.rmtree(self.publisher.log_folder.folder)
        self.publisher.append(another(self.publisher, version=f"rewritten-{self.versions}"))

    @rule(days=st.sampled_from([-400, -8, 8, 400]))
    def sign_the_head_at_another_time(self, days: int) -> None:
        """A log that stalls, or claims to be fresh for years."""
        head = self.publisher.log_folder.head(self.publisher.log_key)
        resigned(self.publisher, replace(head, time=max(0, head.time + days * 86400)), self.publisher.log)

    # --- the server -------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.copies < 3)
    @rule()
    def save(self) -> None:
        shutil.copytree(self.publisher.repository.folder, self.folder / f"copy-{self.copies}")
        self.copies += 1

    @precondition(lambda self: self.copies)
    @rule(number=st.integers(0, 2), what=st.sampled_from(["log", "metadata", "log/checkpoint", "."]))
    def serve_what_was(self, number: int, what: str) -> None:
        """Old heads, an old log, old metadata, or all of an old repository."""
        old = self.folder / f"copy-{number % self.copies}" / what
        new = self.publisher.repository.folder / what
        if not old.exists():
            return
        if old.is_dir():
            shutil.rmtree(new)
            shutil.copytree(old, new)
        else:
            shutil.copyfile(old, new)

    # --- devices ----------------------------------------------------------------------------------------------------

    @rule(number=st.integers(0, 1), accept=st.booleans(), files=st.none() | st.integers(0, 25))
    def update(self, number: int, accept: bool, files: int | None) -> None:
        """To its end, or until the machine stops. `accept`: the person says yes to what is new at the fence."""
        device = self.devices[number]
        before = HashList.open(device.folder, TODAY).digest
        try:
            self.bring(device, FolderFetcher() if files is None else Failing(files))
        except StoppedAtFence as stopped:
            assert HashList.open(device.folder, TODAY).digest == before
            device.accepted += stopped.news if accept else ()
            return
        except UpdateRefused:
            assert HashList.open(device.folder, TODAY).digest == before
            return
        except Crashed:
            return
        self.what_is_in_force_is_what_was_signed_and_logged(device)

    def bring(self, device: Device, fetcher: FetcherInterface) -> None:
        update(str(self.publisher.repository.folder), fetcher, device.folder, TODAY, accept=tuple(device.accepted))

    def what_is_in_force_is_what_was_signed_and_logged(self, device: Device) -> None:
        found, remembered = HashList.open(device.folder, TODAY, thorough=True), recall(device.folder / UPDATES)
        assert remembered is not None
        assert remembered.entry is not None
        assert remembered.index is not None
        assert remembered.entry.digest == found.digest
        assert self.signed[remembered.head.root][remembered.index] == remembered.entry.leaf
        root = Metadata[Root].from_file(str(device.folder / UPDATES / "metadata" / "root.json"))
        trusted = set(root.signed.roles[Targets.type].keyids)
        assert len(self.served[found.digest].signers & trusted) >= THRESHOLD
        assert len(list(found.hashes())) == self.served[found.digest].rows

    @invariant()
    def no_device_runs_a_list_that_is_not_logged_endorsed_and_fresh(self) -> None:
        for device in self.devices:
            one = self.served[HashList.open(device.folder, TODAY).digest]
            assert one.logged
            assert one.fresh
            assert len(one.signers) >= THRESHOLD

    @invariant()
    def logs_are_noted(self) -> None:
        """What stood under each root that a head can have had: files may be another log's by the time it is asked."""
        folder, leaves = self.publisher.log_folder.folder / "entries", list[bytes]()
        while (path := folder / f"{len(leaves)}.json").exists():
            leaves.append(leaf_hash(path.read_bytes().removesuffix(b"\n")))
            files = extended(Tiles(0, dict[str, bytes]().__getitem__), leaves)
            root = root_of(Tiles(len(leaves), files.__getitem__).hash, len(leaves))
            self.signed.setdefault(root, tuple(leaves))

    @invariant()
    def no_device_follows_a_log_that_takes_back_what_stood_in_it(self) -> None:
        for device in self.devices:
            remembered = recall(device.folder / UPDATES)
            assert remembered is not None
            leaves = self.signed[remembered.head.root][: remembered.head.size]
            assert leaves[: len(device.logged)] == device.logged
            device.logged = leaves
