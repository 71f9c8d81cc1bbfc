"""The story: which claims are carried out, in which order, with which pictures."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from foreseal_client import pictures
from foreseal_client.demo.claims import Claim, Show
from foreseal_client.demo.stage import Stage, write_list
from foreseal_client.draft import demand_regular, name_of
from foreseal_client.errors import ClientError
from foreseal_client.words import unlisted, visible
from foreseal_matcher import Bytes, Undecodable
from foreseal_matcher.lists import from_picture

__all__ = ["Own", "UnfitError", "tell"]

_EDIT: Final = "sent-on"


class UnfitError(ClientError):
    """This file cannot be used in the demo. Nothing was sent."""


@dataclass(frozen=True, slots=True)
class Own:
    """The presenter's files: what goes on the list, and what is tried to be sent."""

    listed: tuple[Path, ...]
    sent: tuple[Path, ...]


def tell(own: Own | None = None) -> AsyncGenerator[Claim, None]:
    """The story with generated pictures, or with the presenter's; each claim as it is settled. Closed before its end it
    takes its stage down.

    Raises `UnfitError` when one of the presenter's files cannot be read, or not be listed.
    """
    return _generated() if own is None else _presented(own)


async def _generated() -> AsyncGenerator[Claim, None]:
    benign = pictures.generate("landscape", 7)
    listed = pictures.generate("still-life", 11)
    theirs = pictures.generate("reef", 13)
    waiting = pictures.generate("city-map", 17)
    newly = pictures.generate("skyline", 19)
    async with _show([listed], [listed, theirs]) as show:
        yield await show.text_arrives()
        yield await show.picture_arrives(benign, "mountains.jpg")
        yield await show.listed_is_held(
            pictures.edited(listed, _EDIT), "holiday.webp", pictures.EDITS[_EDIT].description
        )
        yield await show.incoming_is_withheld(pictures.edited(theirs, _EDIT), "look.webp")
        yield await show.unreadable_is_its_own_outcome(benign, "cut.jpg")
        yield await show.update_counts_at_the_next_check(newly, pictures.edited(newly, _EDIT), "city.webp")
        yield await show.kill_loses_nothing(Bytes(waiting, "map.jpg"))
        yield show.relay_saw_nothing()


async def _presented(own: Own) -> AsyncGenerator[Claim, None]:
    listed, sent = [_listable(path) for path in own.listed], [_read(path) for path in own.sent]
    async with _show(listed, listed) as show:
        yield await show.text_arrives()
        for number, item in enumerate(sent, 1):
            yield await show.own_picture(number, item)
        yield await show.kill_loses_nothing()
        yield show.relay_saw_nothing()


def _read(path: Path) -> Bytes:
    try:
        demand_regular(path)
        return Bytes(path.read_bytes(), name_of(path))
    except ValueError as fault:
        raise UnfitError(f"{visible(name_of(path))}: {fault}") from fault
    except OSError as fault:
        raise UnfitError(f"{visible(name_of(path))} cannot be read: {fault.strerror}.") from fault


def _listable(path: Path) -> bytes:
    item = _read(path)
    try:
        from_picture(item.data, 1, category="", source="")
    except Undecodable as problem:
        raise UnfitError(
            f"{visible(name_of(path))} cannot be listed: {unlisted(problem)} Choose a picture."
        ) from problem
    return item.data


@asynccontextmanager
async def _show(alices: Sequence[bytes], bobs: Sequence[bytes]) -> AsyncIterator[Show]:
    with tempfile.TemporaryDirectory(prefix="foreseal-demo-") as name:
        folder = Path(name)
        async with Stage.set_up(folder) as stage:
            stage.alice.device.lists = write_list(folder / "list-alice", "demo", alices)
            stage.bob.device.lists = write_list(folder / "list-bob", "demo", bobs)
            yield Show(stage)
