"""The relay says whether it made a stamp: to whoever holds all that it covers, and it says no more."""

from __future__ import annotations

import aiohttp
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_relay.public_wire import STAMP_QUESTION_BYTES, StampQuestion
from foreseal_relay.stamp_routes import QUESTIONS
from relay_peer import Running

COVERED = (b"c" * 32, b"m" * 16, b"e" * 16, 20_000)


def true(running: Running) -> StampQuestion:
    key = running.relay.mailboxes.stamp_key
    return StampQuestion(*COVERED, key.id, key.stamp(*COVERED))


async def asked(running: Running, data: bytes, session: aiohttp.ClientSession) -> tuple[int, object]:
    async with session.post(f"{running.url}/v1/stamps", data=data) as answer:
        return answer.status, await answer.json() if answer.status == 200 else None


async def test_a_stamp_made_here_is_confirmed_and_every_other_is_not(running: Running) -> None:
    whole = true(running)
    others = [
        msgspec.structs.replace(whole, **{name: bytes(len(getattr(whole, name)))})
        for name in ("commitment", "mailbox", "eid", "key_id", "stamp")
    ]
    others.append(msgspec.structs.replace(whole, day=whole.day + 1))
    async with aiohttp.ClientSession() as session:
        assert await asked(running, whole.encoded(), session) == (200, {"made_here": True})
        for other in others:
            assert await asked(running, other.encoded(), session) == (200, {"made_here": False})


@pytest.mark.parametrize("length", [0, STAMP_QUESTION_BYTES - 1, STAMP_QUESTION_BYTES + 1, 100_000])
async def test_anything_but_a_whole_question_is_refused(running: Running, length: int) -> None:
    async with aiohttp.ClientSession() as session:
        assert (await asked(running, bytes(length), session))[0] == 400


async def test_the_largest_day_is_answered_with_no(running: Running) -> None:
    async with aiohttp.ClientSession() as session:
        answer = await asked(running, b"\xff" * STAMP_QUESTION_BYTES, session)
    assert answer == (200, {"made_here": False})


async def test_questions_are_limited_and_the_refusal_says_for_how_long(running: Running) -> None:
    _, burst, _ = QUESTIONS
    async with aiohttp.ClientSession() as session:
        answers = [(await asked(running, b"", session))[0] for _ in range(burst + 1)]
        async with session.post(f"{running.url}/v1/stamps") as last:
            assert (last.status, last.headers["Retry-After"].isdigit()) == (429, True)
    assert answers == [400] * burst + [429]


@given(st.binary(max_size=2 * STAMP_QUESTION_BYTES))
def test_a_question_has_one_length_and_comes_back_as_it_was(data: bytes) -> None:
    found = StampQuestion.decoded(data)
    assert (found is None) == (len(data) != STAMP_QUESTION_BYTES)
    if found is not None and found.day < 2**63:
        assert found.encoded() == data


@pytest.mark.parametrize("name", ["commitment", "mailbox", "eid", "key_id", "stamp"])
def test_fields_of_other_lengths_are_not_asked(name: str) -> None:
    whole = StampQuestion(*COVERED, bytes(8), bytes(32))
    with pytest.raises(ValueError, match="no question"):
        msgspec.structs.replace(whole, **{name: b"short"}).encoded()
    with pytest.raises(ValueError, match="no question"):
        msgspec.structs.replace(whole, day=2**63).encoded()
