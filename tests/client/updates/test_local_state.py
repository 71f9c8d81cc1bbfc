"""What lies beside a list and was damaged: an update finds its way, or refuses in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreseal_client.updates.refusals import UpdateRefused
from foreseal_client.updates.updating import Way
from foreseal_matcher.lists.writing import UPDATES
from sample_repositories import world

FILES = ("metadata/timestamp.json", "metadata/snapshot.json", "metadata/targets.json", "list.json")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"{}"])
async def test_damaged_copies_of_what_was_fetched_are_fetched_again(tmp_path: Path, name: str, content: bytes) -> None:
    async with world(tmp_path) as here:
        (here.out / UPDATES / name).write_bytes(content)
        assert (await here.update()).way is Way.NOTHING_NEW


async def test_a_root_in_the_history_that_cannot_be_read_is_as_good_as_absent(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        history = here.out / UPDATES / "metadata" / "root_history"
        (history / "2.root.json").write_bytes(b"not a root")
        (history / "what.root.json").write_bytes(b"not a root")
        assert (await here.update()).way is Way.NOTHING_NEW
        here.publisher.metadata("timestamp.json").write_bytes(b"{}")
        with pytest.raises(UpdateRefused):
            await here.update()


async def test_a_trusted_root_that_was_damaged_is_not_replaced_by_what_a_server_shows(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        before = here.in_force
        (here.out / UPDATES / "root.json").write_bytes(b"{}")
        with pytest.raises(UpdateRefused):
            await here.update()
        assert here.in_force == before
