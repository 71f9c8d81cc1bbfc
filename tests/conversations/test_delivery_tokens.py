"""Whoever is out of a group soon knows no token that works, and nobody who is in it loses anybody by that."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from foreseal_client.demo.stage import Person
from foreseal_client.draft import Draft
from foreseal_client.errors import RelayRefusedError
from foreseal_client.events import MessageChanged
from foreseal_client.groups.changes import Leave, Remove
from foreseal_client.relay_link import SocketLink
from foreseal_client.store import Direction
from foreseal_client.virtual_clock import VirtualClock
from foreseal_relay import wire
from foreseal_relay.limits import DAY, OLD_TOKEN_DAYS, OLD_TOKEN_SENDS
from group_stage import change, contact_of, received, together, write
from relay_peer import NOON
from town import Town, a_town, introduce


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
async def town(tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Town]:
    async with a_town(tmp_path, clock=clock) as town:
        yield town


async def a_group(town: Town, *who: str) -> tuple[bytes, list[Person]]:
    """A group whose founder alone knows the others; returns once all of them can write to each other."""
    people = [await town.person(name) for name in who]
    for other in people[1:]:
        await introduce(people[0], other)
    group = await together(people[0], *people[1:])
    for one in people[1:]:
        await write(one, group, Draft(f"{one.name} is here"))
        for other in people:
            if other is not one:
                await received(other, f"{one.name} is here")
    return group, people


def token_for(one: Person, other: Person) -> bytes:
    return contact_of(one, other).token


async def again(*people: Person) -> None:
    """All of them away, and then back."""
    for person in people:
        await person.leave()
    for person in people:
        await person.come()


async def knows(one: Person, other: Person) -> None:
    """Returns once one has the other's present token."""
    async with asyncio.timeout(20):
        while token_for(one, other) != other.device.account.delivery_token:  # noqa: ASYNC110 - members are not told of
            await asyncio.sleep(0.01)


async def push(town: Town, to: Person, token: bytes, count: int = 1) -> int:
    """How many of so many envelopes the relay takes under a token."""
    taken = 0
    async with SocketLink(town.url) as link:
        for _ in range(count):
            frame = wire.Send(1, to.device.mailbox, secrets.token_bytes(16), 600, token, bytes(32), bytes(4096))
            try:
                taken += await link.send(frame)
            except RelayRefusedError:
                break
    return taken


async def test_who_is_out_of_a_group_knows_no_token_for_long_and_who_stays_knows_the_new_ones(
    town: Town, clock: VirtualClock
) -> None:
    group, (alice, bob, carol, dan) = await a_group(town, "Alice", "Bob", "Carol", "Dan")
    old = {person.name: token_for(carol, person) for person in (alice, bob, dan)}
    await change(alice, group, Remove(carol.device.identity), bob, dan)
    assert bob.device.account.delivery_token == old["Bob"]  # not in the second of the removal
    await again(bob, dan)  # both at once: each tells the other under a token that is just replaced
    for one, other in ((alice, bob), (alice, dan), (bob, dan), (dan, bob)):
        await knows(one, other)
    for one, other in ((bob, dan), (dan, bob)):  # what only brought a token is no request, and waits for nobody
        assert one.device.store.letters.of_request(other.device.identity) == []
    assert bob.device.account.delivery_token != old["Bob"]
    assert alice.device.account.delivery_token == old["Alice"]  # Carol is a contact of hers, and stays one
    assert (token_for(carol, bob), token_for(carol, dan)) == (old["Bob"], old["Dan"])
    await write(bob, group, Draft("under the new one"))
    for other in (alice, dan):
        assert (await received(other, "under the new one")).direction is Direction.IN
    assert "under the new one" not in [e.message.text for e in carol.log if isinstance(e, MessageChanged)]

    assert await push(town, bob, old["Bob"]) == 1  # for a while, for who has not heard of it
    assert await push(town, dan, old["Dan"], OLD_TOKEN_SENDS + 1) <= OLD_TOKEN_SENDS  # and for few

    held = present(alice, bob, dan)
    await change(dan, group, Leave(), alice, bob)
    await again(alice, bob, dan)
    assert await changed(held, alice, bob, dan) == {"Bob", "Dan"}  # they knew each other by the group alone
    held = present(alice, bob, dan)
    await again(alice, bob, dan)
    assert await changed(held, alice, bob, dan) == set()  # once

    clock.set(NOON + (OLD_TOKEN_DAYS + 2) * DAY)
    assert await push(town, bob, old["Bob"]) == 0
    assert await push(town, bob, bob.device.account.delivery_token) == 1


def present(*people: Person) -> dict[str, bytes]:
    return {person.name: person.device.account.delivery_token for person in people}


async def changed(held: dict[str, bytes], *people: Person) -> set[str]:
    """Whose tokens are others than those, once everybody who should has heard of the new ones."""
    alice, bob, dan = people
    for one, other in ((alice, bob), (bob, alice), (alice, dan), (dan, alice)):
        await knows(one, other)
    return {name for name, token in present(*people).items() if token != held[name]}
