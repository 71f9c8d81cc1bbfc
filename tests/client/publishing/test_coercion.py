"""The coercion drill: who has to be bent before a device looks for something else, and what that leaves behind.

Whoever coerces here has the server and the key that signs time stamps. They want a harmless poster on the list. The
rows are those of `docs/reports.md`.
"""

from __future__ import annotations

import atexit
import copy
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from tuf.api.metadata import Metadata

from foreseal_client.draft import Draft
from foreseal_client.publishing.keys import load_signers, make_key, name_of
from foreseal_client.publishing.listed import add_list
from foreseal_client.publishing.pending import Pending
from foreseal_client.publishing.publishing import complete, prepare_list, prepare_root
from foreseal_client.updates.fetching import fetcher_for
from foreseal_client.updates.refusals import Refusal, UpdateRefused
from foreseal_client.updates.updating import update
from foreseal_matcher import Bytes, Match, Mode, OnFailure, Policy, decide, screen
from foreseal_matcher.lists import HashList, ListedHash, ListSet, changes, from_picture
from sample_pictures import encoded, picture
from sample_repositories import NOW, TODAY, Publisher

NAMES = ("ann", "ben", "cai", "dee", "eli")
THRESHOLD = 3
LISTED, POSTER = encoded(picture(71), "PNG"), encoded(picture(72), "PNG")


@dataclass
class Drill:
    """A publisher of whom three of five have to agree, and a device that follows it."""

    publisher: Publisher
    out: Path

    def coerced(self, colluding: int, poster: bytes = POSTER, *, logged: bool = True, category: str = "c") -> None:
        """The poster is put beside what was listed, signed by so many endorsers, and served as if it were enough.
        `logged`: the log's operator takes it in."""
        repository = self.publisher.repository
        opened = self.publisher.write([*rows(LISTED, 1), *rows(poster, 2, category)], "2")
        published = repository.targets()
        assert published is not None
        targets = copy.deepcopy(published.signed)
        add_list(repository, targets, opened)
        targets.version += 1
        metadata = Metadata(targets)
        for name in NAMES[:colluding]:
            metadata.sign(self.publisher.signers[name], append=True)
        self.publisher.put_targets(metadata, logged=logged)

    def update(self) -> None:
        source = str(self.publisher.repository.folder)
        update(source, fetcher_for(source), self.out, TODAY, root=self.publisher.root)

    def refusal(self) -> Refusal:
        """Why the device does not take what is served now."""
        with pytest.raises(UpdateRefused) as refused:
            self.update()
        return refused.value.reason

    def stops(self, data: bytes) -> bool:
        lists = ListSet.open([self.out], TODAY)
        assert not lists.problems
        return isinstance(screen(Draft("", (Bytes(data, "p.png"),)), lists).verdict, Match)


def rows(data: bytes, id: int, category: str = "c") -> list[ListedHash]:
    return from_picture(data, id, category=category, source="tests")


@cache
def _begun() -> Path:
    folder = Path(mkdtemp())
    atexit.register(shutil.rmtree, folder)
    publics = [make_key(folder / "publisher" / "keys", name) for name in (*NAMES, "online", "log")]
    publisher = _publisher(folder)
    prepare_root(publisher.repository, publics[:-2], THRESHOLD, publics[-2], publics[-1], NOW)
    publisher.complete(by=NAMES[:THRESHOLD])
    assert prepare_list(publisher.repository, publisher.write(rows(LISTED, 1), "1"), NOW)
    publisher.complete(by=NAMES[:THRESHOLD])
    Drill(publisher, folder / "list").update()
    return folder


def _publisher(folder: Path) -> Publisher:
    signers = {name_of(signer.public_key): signer for signer in load_signers(folder / "publisher" / "keys")}
    return Publisher(folder / "publisher", signers)


def drill(folder: Path) -> Drill:
    shutil.copytree(_begun(), folder / "drill")
    return Drill(_publisher(folder / "drill"), folder / "drill" / "list")


@pytest.mark.parametrize("logged", [True, False])
@pytest.mark.parametrize("colluding", [1, THRESHOLD - 1])
def test_fewer_than_the_threshold_change_nothing_with_the_log_or_without(
    tmp_path: Path, colluding: int, logged: bool
) -> None:
    one = drill(tmp_path)
    one.coerced(colluding, logged=logged)
    assert one.refusal() is Refusal.NOT_ENDORSED
    assert one.stops(LISTED)
    assert not one.stops(POSTER)


def test_the_threshold_together_changes_nothing_while_the_log_is_honest_and_not_told(tmp_path: Path) -> None:
    one = drill(tmp_path)
    one.coerced(THRESHOLD, logged=False)
    assert one.refusal() is Refusal.NOT_LOGGED
    assert not one.stops(POSTER)


def test_what_is_listed_under_a_new_category_waits_at_the_fence_even_if_all_agree(tmp_path: Path) -> None:
    one = drill(tmp_path)
    one.coerced(len(NAMES), category="posters")
    assert one.refusal() is Refusal.NEW_SCOPE
    assert not one.stops(POSTER)


@pytest.mark.parametrize("colluding", [1, THRESHOLD - 1])
def test_signatures_that_are_too_few_lie_with_their_names_where_honest_endorsers_look(
    tmp_path: Path, colluding: int
) -> None:
    one = drill(tmp_path)
    repository = one.publisher.repository
    opened = one.publisher.write([*rows(LISTED, 1), *rows(POSTER, 2)], "2")
    assert prepare_list(repository, opened, NOW)
    Pending(repository).sign(one.publisher.of(*NAMES[:colluding]))
    waiting = complete(repository, one.publisher.of("online", "log"), NOW)
    assert waiting is not None
    assert (waiting.signed, waiting.missing) == (NAMES[:colluding], THRESHOLD - colluding)
    one.update()
    assert not one.stops(POSTER)


def test_the_threshold_together_puts_anything_in_force_and_leaves_names_and_a_difference(tmp_path: Path) -> None:
    one = drill(tmp_path)
    before = HashList.of_any_age(shutil.copytree(one.out, tmp_path / "before"))
    one.coerced(THRESHOLD)
    one.update()
    # Endorsement is not vetting: the device does what enough of them signed.
    assert one.stops(POSTER)
    published = one.publisher.repository.targets()
    root = one.publisher.repository.root()
    assert published is not None
    assert root is not None
    assert sorted(name_of(root.signed.keys[keyid]) for keyid in published.signatures) == list(NAMES[:THRESHOLD])
    log = one.publisher.log_folder
    entry = log.newest("demo", log.head(one.publisher.log_key))
    assert entry is not None
    assert (sorted(entry.endorsers.values()), entry.entries) == (list(NAMES[:THRESHOLD]), 2)
    assert changes(before, HashList.of_any_age(one.out)).added == {2}


def test_one_person_given_another_list_cannot_tell_by_the_list_alone(tmp_path: Path) -> None:
    everybody, one = drill(tmp_path / "all"), drill(tmp_path / "one")  # the log shows each its own history
    everybody.coerced(THRESHOLD, encoded(picture(73), "PNG"))
    one.coerced(THRESHOLD)
    for device in (everybody, one):
        device.update()
    assert (one.stops(POSTER), everybody.stops(POSTER)) == (True, False)
    # Both are signed as they should be. What gives it away is the digest, if two people compare it.
    assert HashList.of_any_age(one.out).version == HashList.of_any_age(everybody.out).version
    assert HashList.of_any_age(one.out).digest != HashList.of_any_age(everybody.out).digest


def test_no_list_tightens_a_policy_from_afar(tmp_path: Path) -> None:
    one = drill(tmp_path)
    one.coerced(THRESHOLD)
    one.update()
    screened = screen(Draft("", (Bytes(POSTER, "p.png"),)), ListSet.open([one.out], TODAY))
    assert not hasattr(HashList.of_any_age(one.out).manifest, "policy")
    assert decide(screened, Policy(Mode.OBSERVE, OnFailure.OPEN)).verdict == screened.verdict
