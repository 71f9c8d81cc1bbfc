"""Publishers, endorsers, a log and devices in any order: no device ever runs a list that is not logged and endorsed."""

from __future__ import annotations

import copy
import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tuf.api.metadata import Metadata

from foreseal_client.publishing.listed import add_list
from foreseal_client.publishing.publishing import prepare_list
from foreseal_client.updates.fetching import fetcher_for
from foreseal_client.updates.refusals import UpdateRefused
from foreseal_client.updates.remembered import recall
from foreseal_client.updates.updating import update
from foreseal_matcher.lists import HashList
from foreseal_matcher.lists.writing import UPDATES
from log_attacks import another
from sample_lists import lines
from sample_repositories import NOW, TODAY, Publisher, begun


class Publishing(RuleBasedStateMachine):
    """Everybody honest or not; two devices that follow one repository."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copytree(begun(), self.folder / "world")
        self.publisher = Publisher.in_folder(self.folder / "world" / "publisher")
        self.devices = [self.folder / "world" / "list", self.folder / "second"]
        shutil.copytree(self.devices[0], self.devices[1])
        first = HashList.open(self.devices[0], TODAY)
        self.endorsed, self.logged, self.versions = {first.digest}, {first.digest}, 1

    def next_list(self) -> HashList:
        self.versions += 1
        return self.publisher.write(lines(20)[: 20 + self.versions], str(self.versions))

    @rule()
    def publish(self) -> None:
        opened = self.next_list()
        prepare_list(self.publisher.repository, opened, NOW)
        self.publisher.complete()
        self.endorsed.add(opened.digest)
        self.logged.add(opened.digest)

    @rule(signers=st.sampled_from([(), ("alice",), ("alice", "online"), ("alice", "bob")]), logged=st.booleans())
    def go_round_the_rules(self, signers: tuple[str, ...], logged: bool) -> None:
        newest, opened = self.publisher.repository.targets(), self.next_list()
        assert newest is not None
        targets = copy.deepcopy(newest.signed)
        add_list(self.publisher.repository, targets, opened)
        targets.version += 1
        signed = Metadata(targets)
        for signer in self.publisher.of(*signers):
            signed.sign(signer, append=True)
        self.publisher.put_targets(signed, logged=logged)
        if len(set(signers) - {"online"}) > 1:
            self.endorsed.add(opened.digest)
        if logged:
            self.logged.add(opened.digest)

    @rule(name=st.sampled_from(["other", "demo"]))
    def log_something_else(self, name: str) -> None:
        self.versions += 1
        self.publisher.append(another(self.publisher, name=name, version=f"else-{self.versions}"))

    @rule()
    def rewrite_the_log(self) -> None:
        shutil.rmtree(self.publisher.log_folder.folder)
        self.publisher.append(another(self.publisher))

    @rule(number=st.integers(0, 1))
    def update(self, number: int) -> None:
        source = str(self.publisher.repository.folder)
        try:
            update(source, fetcher_for(source), self.devices[number], TODAY)
        except UpdateRefused:
            return
        found = HashList.open(self.devices[number], TODAY)
        remembered = recall(self.devices[number] / UPDATES)
        assert remembered is not None
        assert remembered.entry is not None
        assert remembered.entry.digest == found.digest
        assert remembered.index is not None
        leaf = self.publisher.log_folder.reader.entry(remembered.index, remembered.head).leaf
        assert leaf == remembered.entry.leaf

    @invariant()
    def every_list_in_force_is_logged_and_endorsed(self) -> None:
        for device in self.devices:
            assert HashList.open(device, TODAY).digest in self.endorsed & self.logged

    def teardown(self) -> None:
        shutil.rmtree(self.folder)


TestPublishing = Publishing.TestCase
GAMES = int(os.environ.get("FORESEAL_GAMES", "0"))
"""Of `make soak`: that many games, and longer ones."""
TestPublishing.settings = settings(
    max_examples=GAMES or 5,
    stateful_step_count=30 if GAMES else 6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
