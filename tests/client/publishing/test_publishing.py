"""From a list to a published one: who may sign what, what waits, and what is refused."""

from __future__ import annotations

import json
import shutil
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from foreseal_client.publishing.examining import waiting_lists, waiting_root
from foreseal_client.publishing.faults import KeyProblem, NotPublished
from foreseal_client.publishing.keys import load_public, load_signers, make_key
from foreseal_client.publishing.listed import DELTAS, open_to_publish
from foreseal_client.publishing.pending import Pending
from foreseal_client.publishing.publishing import complete, prepare_list, prepare_root, refresh
from foreseal_client.publishing.repository import Repository
from foreseal_matcher.lists import Purpose
from sample_lists import build, lines
from sample_repositories import NOW, TODAY, Publisher


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher.beginning(tmp_path / "publisher")


def state(publisher: Publisher) -> dict[str, bytes]:
    """All that is served."""
    top = publisher.repository.folder / "metadata"
    return {path.name: path.read_bytes() for path in top.iterdir()}


def test_three_endorsers_on_machines_of_their_own_need_share_no_key_and_no_order(tmp_path: Path) -> None:
    machines = {name: tmp_path / name for name in ("alice", "bob", "carol", "desk")}
    publics = [make_key(machines[name], name) for name in ("alice", "bob", "carol")]
    handed = [load_public(machines[name] / f"{name}.pub") for name in ("alice", "bob", "carol")]
    assert [key.keyid for key in handed] == [key.keyid for key in publics]
    desk = Repository(tmp_path / "repository")
    prepare_root(desk, handed, 2, make_key(machines["desk"], "online"), make_key(machines["desk"], "log"), NOW)
    online = load_signers(machines["desk"])
    waiting = complete(desk, online, NOW)
    assert waiting is not None
    assert (waiting.role, waiting.missing, waiting.unsigned) == ("root", 2, ("alice", "bob", "carol"))
    for name in ("carol", "alice"):
        copy = Repository(tmp_path / f"copy of {name}")
        shutil.copytree(desk.folder, copy.folder)
        assert Pending(copy).sign(load_signers(machines[name] / f"{name}.key")) == [("root", name)]
        for signature in copy.pending_folder.glob(f"*.{name}-*"):
            shutil.copy(signature, desk.pending_folder)
        shutil.rmtree(copy.folder)
    assert complete(desk, online, NOW) is None
    assert desk.first_root.exists()


def test_preparing_the_same_again_keeps_the_signatures_that_it_has(publisher: Publisher) -> None:
    opened = publisher.write(lines(5), "1")
    assert prepare_list(publisher.repository, opened, NOW)
    Pending(publisher.repository).sign(publisher.of("carol"))
    assert not prepare_list(publisher.repository, opened, NOW)
    waiting = Pending(publisher.repository).waiting()
    assert waiting is not None
    assert (waiting.signed, waiting.missing) == (("carol",), 1)


def test_another_list_in_between_needs_everybody_again(publisher: Publisher) -> None:
    assert prepare_list(publisher.repository, publisher.write(lines(5), "1"), NOW)
    Pending(publisher.repository).sign(publisher.of("carol"))
    assert prepare_list(publisher.repository, publisher.write(lines(6), "2"), NOW)
    waiting = Pending(publisher.repository).waiting()
    assert waiting is not None
    assert waiting.signed == ()


def test_a_repository_keeps_the_versions_that_deltas_lead_from_and_no_older_ones(publisher: Publisher) -> None:
    ours = publisher.repository.targets_folder / "demo" / "README"
    sizes = []
    for version in range(1, DELTAS + 4):
        publisher.publish(version)
        ours.write_text("left alone")
        sizes.append(len(list(publisher.repository.targets_folder.rglob("*.list.json"))))
    assert sizes == [*range(1, DELTAS + 2), DELTAS + 1, DELTAS + 1]
    assert ours.exists()
    newest = publisher.repository.targets()
    assert newest is not None
    assert all(publisher.repository.place_of(target).exists() for target in newest.signed.targets.values())


@pytest.mark.parametrize("signers", [("alice",), ("alice", "online"), ()])
def test_too_few_signatures_publish_nothing(publisher: Publisher, signers: tuple[str, ...]) -> None:
    publisher.publish(1)
    before = state(publisher)
    assert prepare_list(publisher.repository, publisher.write(lines(6), "2"), NOW)
    Pending(publisher.repository).sign(publisher.of(*signers))
    assert complete(publisher.repository, publisher.of("online"), NOW) is not None
    assert state(publisher) == before


def test_a_signature_over_something_else_does_not_count(publisher: Publisher) -> None:
    assert prepare_list(publisher.repository, publisher.write(lines(5), "1"), NOW)
    Pending(publisher.repository).sign(publisher.of("alice", "bob"))
    files = sorted(publisher.repository.pending_folder.glob("targets.bob-*"))
    fields = json.loads(files[0].read_text())
    files[0].write_text(json.dumps(fields | {"sig": fields["sig"][::-1]}))
    (publisher.repository.pending_folder / "targets.nonsense.sig").write_bytes(b"\xff")
    waiting = complete(publisher.repository, publisher.of("online"), NOW)
    assert waiting is not None
    assert (waiting.signed, waiting.missing) == (("alice",), 1)


def test_without_the_online_key_nothing_is_published(publisher: Publisher) -> None:
    before = state(publisher)
    assert prepare_list(publisher.repository, publisher.write(lines(5), "1"), NOW)
    Pending(publisher.repository).sign(publisher.of("alice", "bob"))
    with pytest.raises(NotPublished, match="time stamps"):
        complete(publisher.repository, publisher.of("alice", "bob"), NOW)
    assert state(publisher) == before


def test_an_endorser_sees_what_waits_and_whether_it_is_another_list(publisher: Publisher) -> None:
    publisher.publish(1)
    opened = publisher.write(lines(9), "9")
    assert prepare_list(publisher.repository, opened, NOW)
    (one,) = waiting_lists(publisher.repository)
    assert (one.manifest.digest, one.changed) == (opened.digest, True)
    assert waiting_root(publisher.repository) is None


def test_an_endorser_is_warned_of_a_file_that_is_not_the_one_to_sign(publisher: Publisher) -> None:
    assert prepare_list(publisher.repository, publisher.write(lines(9), "9"), NOW)
    next((publisher.repository.folder / "targets" / "demo").glob("*.pdq.bin")).write_bytes(b"other")
    with pytest.raises(NotPublished, match="Sign nothing"):
        waiting_lists(publisher.repository)


def test_what_a_crash_left_waiting_after_it_was_published_waits_for_nobody(publisher: Publisher) -> None:
    assert prepare_list(publisher.repository, publisher.write(lines(5), "1"), NOW)
    Pending(publisher.repository).sign(publisher.of("alice", "bob"))
    left = {path: path.read_bytes() for path in publisher.repository.pending_folder.iterdir()}
    assert complete(publisher.repository, publisher.of("online", "log"), NOW) is None
    before = state(publisher)
    for path, content in left.items():
        path.write_bytes(content)
    assert Pending(publisher.repository).targets() is None
    assert complete(publisher.repository, publisher.of("online", "log"), NOW) is None
    assert state(publisher) == before


@pytest.mark.parametrize(
    ("name", "told"), [("my list", "becomes part of addresses"), ("../demo", "becomes part of addresses")]
)
def test_a_list_whose_name_is_no_address_is_refused(tmp_path: Path, name: str, told: str) -> None:
    build(tmp_path / "list", lines(3), name=name, made=TODAY)
    with pytest.raises(NotPublished, match=told):
        open_to_publish(tmp_path / "list", TODAY)


def test_a_stale_a_damaged_and_a_missing_list_are_refused(tmp_path: Path) -> None:
    build(tmp_path / "stale", lines(3), made=TODAY - timedelta(days=31))
    for folder in ("stale", "missing"):
        with pytest.raises(NotPublished, match="publish it then"):
            open_to_publish(tmp_path / folder, TODAY)


def test_a_list_keeps_its_purpose(publisher: Publisher) -> None:
    publisher.publish(1)
    with pytest.raises(NotPublished, match="another purpose"):
        prepare_list(publisher.repository, publisher.write(lines(3), "r", purpose=Purpose.RESEARCH), NOW)


@pytest.mark.parametrize(("threshold", "names"), [(0, "ab"), (3, "ab"), (1, ""), (2, "aa")])
def test_a_rule_that_nobody_or_anybody_meets_is_refused(tmp_path: Path, threshold: int, names: str) -> None:
    keys = {name: make_key(tmp_path / "keys", name) for name in "abol"}
    with pytest.raises(NotPublished):
        prepare_root(Repository(tmp_path / "r"), [keys[name] for name in names], threshold, keys["o"], keys["l"], NOW)


def test_the_online_key_cannot_be_an_endorsers(tmp_path: Path) -> None:
    key = make_key(tmp_path, "a")
    with pytest.raises(NotPublished, match="cannot endorse"):
        prepare_root(Repository(tmp_path / "r"), [key], 1, key, make_key(tmp_path, "log"), NOW)


def test_nothing_can_be_renewed_or_published_where_there_is_no_repository(tmp_path: Path, publisher: Publisher) -> None:
    empty = Repository(tmp_path / "empty")
    with pytest.raises(NotPublished, match="init"):
        prepare_list(empty, publisher.write(lines(3), "1"), NOW)
    with pytest.raises(NotPublished, match="nothing to renew"):
        refresh(empty, publisher.of("online"), NOW)


def test_a_key_is_for_its_owner_alone_and_never_overwritten(tmp_path: Path) -> None:
    make_key(tmp_path / "keys", "alice")
    path = tmp_path / "keys" / "alice.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(KeyProblem, match="already"):
        make_key(tmp_path / "keys", "alice")
    assert path.read_bytes() == before
    path.chmod(0o644)
    with pytest.raises(KeyProblem, match="read by others"):
        load_signers(path)


@pytest.mark.parametrize("content", [b"", b"\xff" * 99, b"{}", b'{"name": "a", "ed25519": "00"}', b"[" * 9999])
def test_a_file_that_is_no_key_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.pub"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyProblem, match=r"a\.pub"):
        load_public(path)
    with pytest.raises(KeyProblem, match=r"a\.pub"):
        load_signers(path)


@pytest.mark.parametrize("name", ["", "../alice", "a" * 33, "al ice", ".alice"])
def test_a_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyProblem, match="no name"):
        make_key(tmp_path, name)
