"""What an update brings, what it does not fetch twice, and what a device keeps to."""

from __future__ import annotations

import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from foreseal_client.publishing.publishing import prepare_list
from foreseal_client.updates.fetching import fetcher_for
from foreseal_client.updates.refusals import Refusal, UpdateRefused
from foreseal_client.updates.updating import Way, update
from foreseal_matcher.lists import HashList, files_of, index_list
from foreseal_matcher.lists.writing import UPDATES
from sample_lists import column, lines
from sample_repositories import NOW, TODAY, world


async def test_a_new_version_comes_into_force_and_the_old_columns_go(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        before = here.in_force
        wanted = here.publisher.publish(2)
        done = await here.update()
        assert (done.way, done.before, done.list.digest) == (Way.FULL, before, wanted.digest)
        assert here.in_force == wanted.digest
        assert list(HashList.open(here.out, TODAY).hashes()) == list(wanted.hashes())
        assert len(list(here.out.glob("columns-*"))) == 1
        assert not (here.out / UPDATES / "staged").exists()


async def test_nothing_new_costs_a_time_stamp_and_changes_no_file(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        files = {path: path.stat().st_mtime_ns for path in here.out.glob("*/*.bin")}
        stamp = here.publisher.metadata("timestamp.json").stat().st_size
        head = (here.publisher.repository.folder / "log" / "checkpoint").stat().st_size
        done = await here.update()
        assert (done.way, done.fetched) == (Way.NOTHING_NEW, stamp + head)
        assert {path: path.stat().st_mtime_ns for path in here.out.glob("*/*.bin")} == files


async def test_a_file_that_the_device_has_is_not_fetched_again(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shared = here.publisher.target("demo/pdq.bin")
        here.publisher.publish(2)
        assert here.publisher.target("demo/pdq.bin") == shared
        shared.unlink()
        assert (await here.update()).way is Way.FULL


async def test_the_same_columns_under_another_version_are_not_fetched_again(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        wanted = here.publisher.write(lines(20)[:21], "renewed", made=TODAY)
        assert prepare_list(here.publisher.repository, wanted, NOW)
        here.publisher.complete()
        for name in files_of(wanted.manifest):
            here.publisher.target(f"demo/{name}").unlink()
        assert (await here.update()).list.digest == wanted.digest
        assert here.in_force == wanted.digest
        assert len(list(here.out.glob("columns-*"))) == 1


async def test_what_a_broken_off_update_had_fetched_is_used_by_the_next(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        wanted = here.publisher.write(lines(500), "long")
        assert prepare_list(here.publisher.repository, wanted, NOW)
        here.publisher.complete()
        last = here.publisher.target("demo/sha256.tags")
        content = last.read_bytes()
        last.unlink()
        with pytest.raises(UpdateRefused):
            await here.update()
        last.write_bytes(content)
        done = await here.update()
        assert done.list.digest == wanted.digest
        assert done.fetched < column(here.out, "pdq.bin").stat().st_size


async def test_a_damaged_list_is_mended_by_the_next_update(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        wanted = here.in_force
        column(here.out, "pdq.bin").write_bytes(b"edited")
        assert (await here.update()).way is Way.FULL
        assert here.in_force == wanted


async def test_a_program_that_has_the_old_list_open_goes_on_finding_what_is_on_it(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        old = HashList.open(here.out, TODAY)
        listed = [line for line in old.hashes() if line.entry.algorithm == "pdq"]
        here.publisher.publish(2)
        await here.update()
        assert all(old.nearest(line.value, 0) == (line.entry, 0) for line in listed)


async def test_readers_in_other_threads_only_ever_see_a_whole_list(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        seen: set[str] = set()
        stop = threading.Event()

        def read() -> None:
            while not stop.is_set():
                seen.add(HashList.open(here.out, TODAY).digest)

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        wanted = {here.in_force}
        try:
            for version in range(2, 5):
                wanted.add(here.publisher.publish(version).digest)
                await here.update()
        finally:
            stop.set()
            for reader in readers:
                reader.join()
        assert seen <= wanted


async def test_two_lists_of_one_repository_go_into_folders_of_their_own(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        second = here.publisher.write(lines(7), "1", name="second")
        assert prepare_list(here.publisher.repository, second, NOW)
        here.publisher.complete()
        first = here.in_force
        here.out = here.out.with_name("second")
        with pytest.raises(UpdateRefused) as refused:
            await here.update(root=here.publisher.root)
        assert refused.value.reason is Refusal.NO_SUCH_LIST
        assert (await here.update(name="second")).list.digest == second.digest
        here.out = here.out.with_name("list")
        assert (await here.update()).list.digest == first


async def test_the_root_is_kept_and_needed_once(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        assert (here.out / UPDATES / "root.json").read_bytes() == here.publisher.root
        assert (await here.update(root=here.publisher.root)).way is Way.NOTHING_NEW


async def test_a_root_that_cannot_be_verified_is_not_kept(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.out = here.out.with_name("other")
        for root in (b"", b"[" * 99_999, here.publisher.metadata("timestamp.json").read_bytes()):
            with pytest.raises(UpdateRefused) as refused:
                await here.update(root=root)
            assert refused.value.reason is Refusal.BAD_ROOT
        assert (await here.update(root=here.publisher.root)).before is None


async def test_an_update_makes_the_index_and_the_note_of_what_was_verified(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.publisher.publish(2)
        found = (await here.update()).list
        made = (here.out / found.manifest.folder / "verified.json").read_bytes()
        assert index_list(here.out, TODAY).digest == found.digest
        assert (here.out / found.manifest.folder / "verified.json").read_bytes() == made


async def test_a_refresh_keeps_devices_content_when_nothing_else_changes(tmp_path: Path) -> None:
    from foreseal_client.publishing.publishing import SNAPSHOT_DAYS, TIMESTAMP_DAYS, refresh

    async with world(tmp_path) as here:
        publisher = here.publisher
        assert refresh(publisher.repository, publisher.of("online", "log"), NOW) == NOW + timedelta(days=TIMESTAMP_DAYS)
        late = NOW + timedelta(days=SNAPSHOT_DAYS - 1)
        refresh(publisher.repository, publisher.of("online", "log"), late)
        newest = publisher.repository.snapshot()
        assert newest is not None
        assert newest.signed.expires == late + timedelta(days=SNAPSHOT_DAYS)
        source = str(publisher.repository.folder)
        assert update(source, fetcher_for(source), here.out, late.date()).way is Way.NOTHING_NEW


async def test_no_secret_key_lies_in_the_repository_or_on_the_device(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        keys = list((here.publisher.folder / "keys").glob("*.key"))
        assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}
        secrets = [path.read_bytes().split(b"\n")[1] for path in keys]
        assert len(secrets) == 5
        served = [path for top in (here.publisher.repository.folder, here.out) for path in top.rglob("*")]
        for path in served:
            assert not path.is_file() or not any(secret in path.read_bytes() for secret in secrets), path
