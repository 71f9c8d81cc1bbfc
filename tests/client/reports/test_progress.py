"""How far a picture of oneself is: told from the lists on the device, and nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from foreseal_client.demo.stage import HOLD_CLOSED
from foreseal_client.device import Device
from foreseal_client.reporting import follow_up, own_picture
from foreseal_client.store import HandedRow, Progress
from foreseal_matcher import ListSet
from foreseal_matcher.lists import from_picture
from sample_lists import TODAY, build
from sample_pictures import encoded, picture
from sample_stores import KEY

MINE, OTHER = encoded(picture(41), "PNG"), encoded(picture(42), "PNG")
NUMBER, NOW = b"n" * 16, 1_800_000_000


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ListSet]:
    folder = tmp_path_factory.mktemp("lists")
    for name, data in (("on", MINE), ("off", OTHER)):
        build(folder / name, from_picture(data, 1, category="c", source="s"), name="desk")
    on, off, broken = (
        ListSet.open([folder / name for name in names], TODAY) for names in (["on"], ["off"], ["off", "nowhere"])
    )
    assert broken.problems
    return {"on it": on, "not on it": off, "one cannot be used": broken, "none": ListSet.empty()}


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    made = Device(
        tmp_path / "ada", KEY, lists=ListSet.empty(), policy=HOLD_CLOSED, clock=lambda: NOW, name="Ada",
        relay="http://relay.example",
    )  # fmt: skip
    yield made
    made.close()


def handed(device: Device, state: Progress, said: bytes | None) -> None:
    with device.store.transaction():
        device.store.handed_in.put(HandedRow(NUMBER, "card", "OwnPicture", NOW, state, said))


@pytest.mark.parametrize(
    ("was", "there", "becomes"),
    [
        (Progress.RECEIVED, "not on it", Progress.RECEIVED),
        (Progress.RECEIVED, "on it", Progress.ACTIVE),
        (Progress.WAITING, "on it", Progress.ACTIVE),
        (Progress.ACTIVE, "on it", Progress.ACTIVE),
        (Progress.ACTIVE, "not on it", Progress.WITHDRAWN),
        (Progress.ACTIVE, "one cannot be used", Progress.ACTIVE),
        (Progress.ACTIVE, "none", Progress.ACTIVE),
        (Progress.TAKEN_BACK, "on it", Progress.TAKEN_BACK),
        (Progress.TAKEN_BACK, "not on it", Progress.WITHDRAWN),
        (Progress.TAKEN_BACK, "one cannot be used", Progress.TAKEN_BACK),
        (Progress.WITHDRAWN, "not on it", Progress.WITHDRAWN),
        (Progress.WITHDRAWN, "on it", Progress.ACTIVE),
    ],
)
def test_its_state_follows_the_lists_also_where_it_was_withdrawn_and_is_listed_again(
    device: Device, lists: dict[str, ListSet], was: Progress, there: str, becomes: Progress
) -> None:
    handed(device, was, msgspec.msgpack.encode(own_picture(MINE, "it is me")))
    assert [row.state for row in follow_up(device, lists[there])] == [becomes]
    assert [row.state for row in device.store.handed_in.all()] == [becomes]


def test_of_what_lists_cannot_tell_nothing_is_concluded(device: Device, lists: dict[str, ListSet]) -> None:
    handed(device, Progress.RECEIVED, None)
    assert [row.state for row in follow_up(device, lists["on it"])] == [Progress.RECEIVED]
