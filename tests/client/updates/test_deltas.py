"""An update by what lies between two versions, and all the times when the whole list has to come instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from tuf.api.metadata import TargetFile

from foreseal_client.publishing.listed import DELTAS
from foreseal_client.updates.names import delta_target
from foreseal_client.updates.updating import Way
from foreseal_matcher.lists import HashList, make_delta
from sample_lists import column, lines
from sample_repositories import World, world

ROWS = 600


async def begun(here: World, version: int = 1) -> HashList:
    """A list that is long enough for a delta to be worth it, on the device."""
    first = here.publisher.publish(version, rows=ROWS)
    await here.update()
    return first


async def test_one_row_more_comes_as_a_delta_and_gives_the_same_bytes(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await begun(here)
        wanted = here.publisher.publish(2, rows=ROWS)
        done = await here.update()
        assert (done.way, done.list.digest) == (Way.DELTA, wanted.digest)
        assert done.fetched < column(wanted.path, "pdq.bin").stat().st_size
        for part in ("pdq.bin", "pdq.ids", "pdq.tags", "sha256.bin", "sha256.ids", "sha256.tags"):
            assert column(here.out, part).read_bytes() == column(wanted.path, part).read_bytes()
        assert here.in_force == wanted.digest


@pytest.mark.parametrize(("behind", "way"), [(DELTAS, Way.DELTA), (DELTAS + 1, Way.FULL)])
async def test_a_device_that_is_too_many_versions_behind_gets_the_whole_list(
    tmp_path: Path, behind: int, way: Way
) -> None:
    async with world(tmp_path) as here:
        await begun(here)
        for version in range(2, 2 + behind):
            wanted = here.publisher.publish(version, rows=ROWS)
        done = await here.update()
        assert (done.way, done.list.digest) == (way, wanted.digest)


@pytest.mark.parametrize("left", [b"edited", None])
async def test_a_delta_that_was_edited_or_is_gone_costs_the_whole_list_and_nothing_else(
    tmp_path: Path, left: bytes | None
) -> None:
    async with world(tmp_path) as here:
        base = await begun(here)
        wanted = here.publisher.publish(2, rows=ROWS)
        path = here.publisher.target(delta_target("demo", base.digest))
        path.unlink()
        if left is not None:
            path.write_bytes(left)
        done = await here.update()
        assert (done.way, done.list.digest) == (Way.FULL, wanted.digest)


async def test_a_damaged_list_is_no_base_for_a_delta(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await begun(here)
        wanted = here.publisher.publish(2, rows=ROWS)
        path = column(here.out, "pdq.bin")
        path.write_bytes(bytes(path.stat().st_size))
        done = await here.update()
        assert (done.way, here.in_force) == (Way.FULL, wanted.digest)


async def test_an_endorsed_delta_that_leads_elsewhere_does_not_count(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        base = await begun(here)
        wanted = here.publisher.publish(2, rows=ROWS)
        elsewhere = here.publisher.write(lines(ROWS)[:5], "elsewhere")
        path = tmp_path / "delta"
        make_delta(base, elsewhere, path)
        newest = here.publisher.repository.targets()
        assert newest is not None
        name = delta_target("demo", base.digest)
        target = TargetFile.from_file(name, str(path), ["sha256"])
        newest.signed.targets[name] = target
        here.publisher.repository.place_of(target).write_bytes(path.read_bytes())
        newest.signed.version += 1
        newest.signatures.clear()
        for signer in here.publisher.of("alice", "bob"):
            newest.sign(signer, append=True)
        here.publisher.put_targets(newest)
        done = await here.update()
        assert (done.way, here.in_force) == (Way.FULL, wanted.digest)


async def test_no_delta_is_offered_that_is_as_long_as_the_list(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.publisher.publish(2)
        newest = here.publisher.repository.targets()
        assert newest is not None
        assert not [path for path in newest.signed.targets if path.endswith(".delta")]
