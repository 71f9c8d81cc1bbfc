"""The directory of handles and the open room: who may claim what, for how long, and what nobody can find out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_relay.directory import Directory
from foreseal_relay.limits import DAY
from foreseal_relay.public_wire import (
    HANDLE,
    HANDLE_DAYS,
    HANDLE_PAUSE_DAYS,
    LABEL,
    MAX_CARD,
    MAX_LINE,
    MAX_STATEMENT,
    NOTE_DAYS,
    Claim,
    Note,
    Release,
    Signed,
    Statement,
    TakeBack,
    decode_room,
    decode_signed,
    encode_public,
    read_statement,
)
from foreseal_relay.rates import MAX_SOURCES, Rates
from foreseal_relay.serving import Settings, serving
from foreseal_relay.store import handles
from foreseal_relay.store.handles import Published, SqliteHandles
from foreseal_relay.store.interface import StoreUnusable
from relay_peer import NOON, Clock, Owner

ORIGIN = "https://relay.example"
BOB, EVE = Owner("bob"), Owner("eve")
TODAY, HOUR = int(NOON // DAY), int(NOON // 3600)


@pytest.fixture
async def directory(tmp_path: Path) -> AsyncIterator[Directory]:
    store = SqliteHandles(tmp_path / "directory.sqlite")
    yield Directory(store, (ORIGIN,), "Lobby")
    await store.close()


def signed(owner: Owner, said: Statement) -> Signed:
    packed = encode_public(said)
    return Signed(packed, owner.key.sign(LABEL + packed))


def claim(owner: Owner = BOB, handle: str = "bob.b", later: int = 0, **changes: object) -> Signed:
    fields = {"origin": ORIGIN, "identity": owner.public, "serial": HOUR + later, "handle": handle, "card": "card",
              "expires": TODAY + later // 24 + HANDLE_DAYS} | changes  # fmt: skip
    return signed(owner, Claim(**fields))  # type: ignore[arg-type]


def release(owner: Owner = BOB, handle: str = "bob.b", later: int = 0) -> Signed:
    return signed(owner, Release(ORIGIN, owner.public, HOUR + later, handle))


def note(owner: Owner = BOB, line: str = "hello", later: int = 0, **changes: object) -> Signed:
    fields = {"origin": ORIGIN, "identity": owner.public, "serial": HOUR + later, "line": line, "card": "card",
              "expires": TODAY + later // 24 + NOTE_DAYS} | changes  # fmt: skip
    return signed(owner, Note(**fields))  # type: ignore[arg-type]


def take_back(owner: Owner = BOB, later: int = 0) -> Signed:
    return signed(owner, TakeBack(ORIGIN, owner.public, HOUR + later))


async def test_a_handle_leads_to_what_its_holder_signed_to_the_byte(directory: Directory) -> None:
    said = claim()
    assert await directory.publish(said, NOON) is Published.KEPT
    assert await directory.publish(said, NOON) is Published.KEPT
    assert await directory.find("bob.b", NOON) == said


@pytest.mark.parametrize("asked", ["bob", "bob.", "BOB.B", "bob_b", "bob.b ", "%", "bob.%", "", "bob.b' OR 1=1"])
async def test_only_the_exact_handle_finds_anything(directory: Directory, asked: str) -> None:
    await directory.publish(claim(), NOON)
    assert await directory.find(asked, NOON) is None


async def test_who_came_first_has_it_and_who_comes_later_does_not(directory: Directory) -> None:
    await directory.publish(claim(), NOON)
    assert await directory.publish(claim(EVE), NOON) is Published.TAKEN
    assert await directory.publish(release(EVE), NOON) is Published.KEPT  # and it releases nothing
    assert await directory.find("bob.b", NOON) == claim()


async def test_one_key_has_one_handle(directory: Directory) -> None:
    await directory.publish(claim(), NOON)
    assert await directory.publish(claim(handle="bobby"), NOON) is Published.HOLDS_ANOTHER
    await directory.publish(release(), NOON)
    assert await directory.publish(claim(handle="bobby", later=1), NOON + 3600) is Published.HOLDS_ANOTHER


async def test_a_released_handle_rests_before_somebody_else_has_it_but_its_holder_may_come_back(
    directory: Directory,
) -> None:
    await directory.publish(claim(), NOON)
    assert await directory.publish(release(), NOON) is Published.KEPT
    assert await directory.find("bob.b", NOON) is None
    last = (HANDLE_PAUSE_DAYS - 1) * 24
    assert await directory.publish(claim(EVE, later=last), NOON + last * 3600) is Published.TAKEN
    assert await directory.publish(claim(later=last), NOON + last * 3600) is Published.KEPT


async def test_after_the_rest_it_is_anybodys(directory: Directory) -> None:
    await directory.publish(claim(), NOON)
    await directory.publish(release(), NOON)
    after = HANDLE_PAUSE_DAYS * 24
    assert await directory.publish(claim(EVE, later=after), NOON + after * 3600) is Published.KEPT


async def test_a_handle_that_runs_out_leads_nowhere_and_rests_as_long(directory: Directory) -> None:
    await directory.publish(claim(), NOON)
    gone = NOON + HANDLE_DAYS * DAY
    assert await directory.find("bob.b", gone - DAY) is not None
    assert await directory.find("bob.b", gone) is None
    assert await directory.publish(claim(EVE, later=HANDLE_DAYS * 24), gone) is Published.TAKEN
    assert await directory.expire(gone) == 0
    assert await directory.expire(gone + HANDLE_PAUSE_DAYS * DAY) == 1


async def test_what_was_released_is_not_brought_back_by_repeating_what_was_said_before(directory: Directory) -> None:
    first = claim()
    await directory.publish(first, NOON)
    await directory.publish(release(later=1), NOON + 3600)
    assert await directory.publish(first, NOON + 7200) is Published.STALE
    assert await directory.publish(claim(card="another"), NOON + 7200) is Published.STALE
    assert await directory.publish(release(), NOON + 7200) is Published.STALE
    assert await directory.find("bob.b", NOON + 7200) is None


async def test_a_note_stands_for_a_week_and_is_taken_back_for_good(directory: Directory) -> None:
    first = note()
    await directory.publish(first, NOON)
    await directory.publish(note(EVE, "and me", later=1), NOON + 3600)
    assert [read_statement(one).identity for one in await directory.notes(NOON)] == [EVE.public, BOB.public]
    assert await directory.publish(take_back(), NOON) is Published.KEPT
    assert await directory.publish(first, NOON) is Published.STALE
    assert len(await directory.notes(NOON)) == 1
    assert await directory.notes(NOON + (NOTE_DAYS + 1) * DAY) == []


async def test_nobody_has_two_notes(directory: Directory) -> None:
    await directory.publish(note(), NOON)
    assert await directory.publish(note(line="again"), NOON) is Published.STALE
    assert await directory.publish(note(line="again", later=1), NOON + 3600) is Published.KEPT
    assert len(await directory.notes(NOON)) == 1


async def test_a_full_directory_says_so_and_its_holders_go_on(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handles, "MAX_HANDLES", 1)
    monkeypatch.setattr(handles, "MAX_NOTES", 1)
    for say in (claim, note):
        assert await directory.publish(say(), NOON) is Published.KEPT
        assert await directory.publish(say(EVE, "another"), NOON) is Published.FULL
        assert await directory.publish(say(later=1), NOON + 3600) is Published.KEPT


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (claim(origin="https://other.example"), Published.UNPROVEN),
        (Signed(claim().statement, claim(EVE).signature), Published.UNPROVEN),
        (claim(EVE, identity=BOB.public), Published.UNPROVEN),
        (Signed(claim().statement, EVE.key.sign(claim().statement)), Published.UNPROVEN),
        (claim(serial=HOUR - 25), Published.STALE),
        (claim(serial=HOUR + 25), Published.STALE),
        (claim(expires=TODAY), Published.MALFORMED),
        (claim(expires=TODAY + HANDLE_DAYS + 1), Published.MALFORMED),
        (note(expires=TODAY + NOTE_DAYS + 1), Published.MALFORMED),
        (claim(handle="ab"), Published.MALFORMED),
        (claim(handle="Bob"), Published.MALFORMED),
        (claim(handle="b\u043eb"), Published.MALFORMED),
        (claim(handle="bob\n"), Published.MALFORMED),
        (claim(card="x" * (MAX_CARD + 1)), Published.MALFORMED),
        (claim(card="\x1b[2J"), Published.MALFORMED),
        (claim(identity=b"short"), Published.MALFORMED),
        (note(line=""), Published.MALFORMED),
        (note(line="x" * (MAX_LINE + 1)), Published.MALFORMED),
        (note(line="two\nlines"), Published.MALFORMED),
        (note(line="\u202eback"), Published.MALFORMED),
        (Signed(b"\x93", bytes(64)), Published.MALFORMED),
        (Signed(b"\x91" * 3000, bytes(64)), Published.MALFORMED),
    ],
)
async def test_what_may_not_be_said_is_refused_by_name(directory: Directory, said: Signed, outcome: Published) -> None:
    assert await directory.publish(said, NOON) is outcome
    assert await directory.notes(NOON) == []
    assert await directory.find("bob.b", NOON) is None


@given(data=st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    for read in (decode_signed, decode_room):
        try:
            read(data)
        except ValueError:
            continue


@given(handle=st.text(max_size=40))
def test_a_handle_is_ascii_alone(handle: str) -> None:
    if HANDLE.fullmatch(handle):
        assert handle.isascii()
        assert handle == handle.lower()


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / "directory.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreUnusable):
        SqliteHandles(tmp_path / "directory.sqlite")


@given(every=st.integers(1, 100), burst=st.integers(1, 20), asks=st.lists(st.integers(0, 50), max_size=60))
def test_nobody_gets_more_than_the_rate_over_any_time(every: int, burst: int, asks: list[int]) -> None:
    rates, now, granted = Rates(b"k", every=every, burst=burst, all_every=0.0), 0.0, 0
    for pause in asks:
        now += pause
        granted += rates.take("a", now) == 0
    assert granted <= burst + now / every


def test_who_waits_as_long_as_was_said_gets_it_and_others_are_not_held_up() -> None:
    rates = Rates(b"k", every=60, burst=2, all_every=0.0)
    assert [rates.take("a", 0), rates.take("a", 0)] == [0, 0]
    wait = rates.take("a", 0)
    assert wait == 60
    assert rates.take("b", 0) == 0
    assert rates.take("a", 60) == 0


def test_all_together_have_a_rate_too() -> None:
    rates = Rates(b"k", every=0.0, burst=1, all_every=10)
    assert [rates.take(f"{n}", 0.0) > 0 for n in range(3)] == [False, True, True]


def test_no_address_is_kept_in_the_clear_and_very_many_share_one_place() -> None:
    rates = Rates(b"k", every=60, burst=1, all_every=0.0)
    taken = [rates.take(f"10.0.{n >> 8}.{n & 255}", 0.0) for n in range(MAX_SOURCES + 2)]
    assert taken[:MAX_SOURCES] == [0] * MAX_SOURCES
    assert taken[-1] == 60
    assert not any(b"10.0." in name for name in rates._due)
    assert rates.take("late", 61.0) == 0
    assert len(rates._due) == 1


@pytest.mark.parametrize("on", [False, True])
async def test_a_relay_has_a_directory_only_if_its_operator_says_so(tmp_path: Path, on: bool) -> None:
    settings = Settings(tmp_path / "data", public=on, room="Lobby")
    async with serving(settings, clock=Clock()) as (url, _), aiohttp.ClientSession(url) as http:
        said = claim(origin=url)
        async with http.post("/v1/public", data=encode_public(said)) as answer:
            assert answer.status == (201 if on else 404)
        async with http.get("/v1/handles/bob.b") as answer:
            assert answer.status == (200 if on else 404)
            if on:
                assert decode_signed(await answer.read()) == said
        assert (tmp_path / "data" / "directory.sqlite").exists() is on


async def test_the_room_is_a_page_for_people_and_too_much_is_refused(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "data", public=True, room="Lobby")
    async with serving(settings, clock=Clock()) as (url, _), aiohttp.ClientSession(url) as http:
        async with http.post("/v1/public", data=encode_public(note(origin=url, line="<b>hi</b>"))) as answer:
            assert answer.status == 201
        async with http.post("/v1/public", data=bytes(MAX_STATEMENT + 1)) as answer:
            assert answer.status == 400
        async with http.get("/room") as answer:
            page = await answer.text()
            assert answer.content_type == "text/plain"
        assert page.startswith("Lobby\n")
        assert "not encrypted" in page
        assert "<b>hi</b>" in page
        statuses = []
        for _ in range(40):
            async with http.get("/v1/handles/nobody") as answer:
                statuses.append(answer.status)
        assert statuses[0] == 404
        assert statuses[-1] == 429
        assert "Retry-After" in answer.headers
