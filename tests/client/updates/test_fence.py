"""The scope fence: what is new to a device stops there, whoever signed it, until its person says yes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from foreseal_client.publishing.keys import load_signers, make_key
from foreseal_client.publishing.pending import Pending
from foreseal_client.publishing.publishing import complete, prepare_list, prepare_root
from foreseal_client.updates.at_fence import at_fence, note_fence
from foreseal_client.updates.refusals import Refusal, StoppedAtFence, UpdateRefused
from foreseal_client.updates.updating import Way
from foreseal_matcher.lists import ListedHash
from foreseal_matcher.lists.writing import UPDATES
from foreseal_matcher.verdict import Entry
from log_attacks import beyond_scope
from sample_lists import lines
from sample_repositories import NOW, World, world


async def stopped(here: World, accept: tuple[str, ...] = ()) -> tuple[str, ...]:
    with pytest.raises(StoppedAtFence) as found:
        await here.update(accept=accept)
    return found.value.news


async def test_what_is_beyond_the_fence_comes_once_all_of_it_is_accepted(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        before = here.in_force
        rows = [ListedHash(Entry(9_000 + at, "sha256", f"new-{at}", f"from-{at}"), bytes([at]) * 32) for at in (0, 1)]
        assert prepare_list(here.publisher.repository, here.publisher.write([*lines(20), *rows], "2"), NOW)
        here.publisher.complete()
        news = ("category:new-0", "category:new-1", "source:from-0", "source:from-1")
        assert await stopped(here) == news
        assert await stopped(here, accept=news[:3]) == news[3:]
        assert await stopped(here, accept=("category:*", "source:from-0")) == (*news[:2], news[3])
        assert here.in_force == before
        assert not (here.out / UPDATES / "staged").exists()
        assert (await here.update(accept=news)).way is Way.FULL


async def test_what_stopped_is_kept_beside_the_list_with_what_changed_until_it_is_in_force(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        with pytest.raises(StoppedAtFence):
            await beyond_scope(here)
        at = at_fence(here.out)
        assert at is not None
        assert (at.source, at.news, at.kept) == (here.url, ("category:another purpose",), False)
        assert at.categories[0] == ("another purpose", 0, 1)
        assert at.before is not None
        assert at.offered is not None
        assert sum(before for _, before, _ in at.categories) == at.before.entries
        assert sum(now for _, _, now in at.categories) == at.offered.entries
        assert [(name, known) for _, name, known in at.endorsers] == [("alice", True), ("bob", True)]
        at.answered(here.out)
        await stopped(here)
        kept = at_fence(here.out)
        assert kept == replace(at, kept=True)  # the same question was answered
        await here.update(accept=at.news)
        assert at_fence(here.out) is None


@pytest.mark.parametrize("written", [b"", b"{}", b"[]", b"null", b"[" * 5000, b'{"source": 1, "news": 2}', b"\xff"])
def test_a_note_at_the_fence_that_cannot_be_read_is_none(tmp_path: Path, written: bytes) -> None:
    (tmp_path / UPDATES).mkdir()
    (tmp_path / UPDATES / "fence.json").write_bytes(written)
    assert at_fence(tmp_path) is None


def test_an_answer_counts_for_what_was_asked_and_for_nothing_more(tmp_path: Path) -> None:
    state = tmp_path / UPDATES
    state.mkdir()
    note_fence(state, "here", StoppedAtFence(("category:a", "category:b")))
    first = at_fence(tmp_path)
    assert first is not None
    assert first.source == str(Path("here").absolute())
    first.answered(tmp_path)
    for news, kept in ((("category:a",), True), (("category:a", "category:c"), False), (("category:a",), False)):
        note_fence(state, "https://lists.example", StoppedAtFence(news))
        found = at_fence(tmp_path)
        assert found is not None
        assert (found.source, found.kept) == ("https://lists.example", kept)


async def test_what_was_accepted_once_stays_accepted(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        with pytest.raises(StoppedAtFence):
            await beyond_scope(here)
        await here.update(accept=("category:another purpose",))
        here.publisher.publish(3)
        await here.update()
        row = ListedHash(Entry(9_000, "sha256", "another purpose", "tests"), bytes(32))
        assert prepare_list(here.publisher.repository, here.publisher.write([*lines(20), row], "4"), NOW)
        here.publisher.complete()
        assert (await here.update()).list.version == "4"


async def test_an_endorser_is_known_by_the_key_and_not_by_the_name(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        publisher = here.publisher
        usurper = make_key(publisher.folder / "new", "alice")
        kept = [publisher.signers[name].public_key for name in ("bob", "carol")]
        prepare_root(
            publisher.repository, [*kept, usurper], 2, publisher.online.public_key, publisher.log.public_key, NOW
        )
        publisher.complete(by=("alice", "bob", "carol"))
        news = await stopped(here)
        assert [name.rpartition(":")[0] for name in news] == ["endorser:carol"]


async def test_another_log_is_asked_for_even_when_the_endorsers_named_it(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        publisher, repository = here.publisher, here.publisher.repository
        endorsers = [publisher.signers[name].public_key for name in ("alice", "bob", "carol")]
        other = make_key(publisher.folder / "other", "log")
        prepare_root(repository, endorsers, 2, publisher.online.public_key, other, NOW)
        shutil.rmtree(repository.folder / "log")
        Pending(repository).sign(publisher.of("alice", "bob"))
        signers = [publisher.online, *load_signers(publisher.folder / "other")]
        assert complete(repository, signers, NOW) is None
        (news,) = await stopped(here)
        assert news.startswith("log:foreseal-lists/")
        assert (await here.update(accept=(news,))).way is Way.NOTHING_NEW
        assert (await here.update()).way is Way.NOTHING_NEW


async def test_a_device_that_never_heard_of_a_log_begins_with_what_it_has(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        (here.out / UPDATES / "log.json").unlink()
        with pytest.raises(UpdateRefused) as refused:
            await beyond_scope(here)
        assert refused.value.reason is Refusal.NEW_SCOPE
