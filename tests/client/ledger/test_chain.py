"""A ledger is whole, or what is wrong with it has a name."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client.ledger import (
    BEGINNING,
    Checked,
    Course,
    Erased,
    Fault,
    Finding,
    Found,
    Head,
    HeadError,
    Kind,
    Link,
    ListUsed,
    Outcome,
    Said,
    Switched,
    exported,
    follow_on,
    parse_head,
    read_line,
    verify_export,
    verify_links,
)
from foreseal_matcher import Looks, Mode, OnFailure

DAY = date(2026, 11, 22)
HELD = Checked(
    (ListUsed("demo", "2026.11", "ab" * 32),), Mode.HOLD, OnFailure.CLOSED, Looks.QUICK, (), (Kind.PICTURE,),
    Course.OUT, False, Found.MATCH, Outcome.HELD,
)  # fmt: skip


def written(*said: Said, head: Head = BEGINNING) -> list[Link]:
    links = []
    for one in said:
        link, head = follow_on(head, one, DAY)
        links.append(link)
    return links


LINKS = written(Switched(True), HELD, Switched(False), Switched(True), HELD, HELD)
FILE = list(exported(LINKS))
HEAD = verify_links(LINKS).head


def fault_of(lines: list[bytes], noted: Head | None = None) -> tuple[Fault | None, int]:
    found = verify_export(lines, noted)
    return found.fault, found.line


def test_a_ledger_that_nobody_touched_is_whole_here_and_exported_and_holds_each_head_it_ever_had() -> None:
    assert verify_links(LINKS) == verify_export(FILE) == Finding(HEAD)
    for lines in range(len(LINKS) + 1):
        noted = verify_links(LINKS[:lines]).head
        assert noted.lines == lines
        assert verify_export(FILE, noted) == Finding(HEAD, noted=True)


def test_the_bytes_of_a_line_and_its_hash_are_these() -> None:
    (link,) = written(Switched(True))
    assert link.spelled == (
        b'{"number":1,"day":"2026-11-22","before":"' + b"0" * 64 + b'","said":{"what":"switched","on":true}}'
    )
    # printf 'foreseal:ledger:line:1\n%s' LINE | sha256sum
    assert link.hash == "ca989d270c41eb3feef32d9659a9d1c2f130b138b3f70faa4f0315704cac0015"


@given(at=st.integers(0, sum(map(len, FILE)) - 1), other=st.integers(1, 255))
def test_one_altered_byte_anywhere_in_an_exported_file_is_found(at: int, other: int) -> None:
    altered = bytearray(b"".join(FILE))
    altered[at] ^= other
    lines = bytes(altered).splitlines(keepends=True)
    assert fault_of(lines)[0] is not None


@given(length=st.integers(0, sum(map(len, FILE)) - 1))
def test_a_file_that_ends_early_is_found(length: int) -> None:
    assert fault_of(b"".join(FILE)[:length].splitlines(keepends=True))[0] in (Fault.CUT_OFF, Fault.ALTERED)


@given(st.permutations(range(len(LINKS))))
def test_lines_in_another_order_are_named_as_that(order: list[int]) -> None:
    changed = [FILE[at] for at in order]
    wanted = None if order == sorted(order) else Fault.OUT_OF_ORDER
    assert fault_of([*changed, FILE[-1]])[0] is wanted


@given(st.sets(st.integers(0, len(LINKS) - 1), min_size=1))
def test_lines_that_were_cut_out_are_named_with_the_place_and_at_the_end_as_cut_off(gone: set[int]) -> None:
    left = [line for at, line in enumerate(FILE[:-1]) if at not in gone]
    first = min(gone)
    wanted = Fault.CUT_OFF if gone == set(range(first, len(LINKS))) else Fault.CUT_OUT
    assert fault_of([*left, FILE[-1]]) == (wanted, first + 1)


@pytest.mark.parametrize("at", range(len(LINKS)))
def test_a_line_that_stands_there_twice_is_out_of_order(at: int) -> None:
    assert fault_of([*FILE[: at + 1], *FILE[at:]]) == (Fault.OUT_OF_ORDER, at + 2)


def test_a_line_of_another_ledger_is_replaced_even_where_its_own_hash_is_right() -> None:
    other = list(exported(written(*[Switched(False)] * len(LINKS))))
    assert fault_of([*FILE[:2], other[2], *FILE[3:]]) == (Fault.REPLACED, 3)
    # The first of all follows from nothing: what comes behind it does not follow from it.
    assert fault_of([other[0], *FILE[1:]]) == (Fault.REPLACED, 2)


def test_what_follows_the_end_is_named() -> None:
    assert fault_of([*FILE, FILE[0]]) == (Fault.ADDED, len(FILE) + 1)


@pytest.mark.parametrize(
    "line", [b"\n", b"{}\n", b"\xff\xfe\n", b"[" * 5000 + b"\n", b'{"hash":"a","line":1}\n', b"x" * 100]
)
def test_what_is_no_line_is_altered_and_never_raises(line: bytes) -> None:
    assert fault_of([*FILE[:3], line, *FILE[4:]]) == (Fault.ALTERED, 4)
    assert read_line(line) is None


def test_a_file_of_nothing_is_cut_off_and_one_of_an_empty_ledger_is_whole() -> None:
    assert fault_of([]) == (Fault.CUT_OFF, 1)
    assert verify_export(list(exported([]))) == Finding(BEGINNING)


def test_a_chain_that_was_written_anew_is_found_by_a_noted_head_and_by_nothing_else() -> None:
    forged = [*LINKS[:2], *written(*[Switched(False)] * 4, head=verify_links(LINKS[:2]).head)]
    assert verify_links(forged).fault is None
    assert fault_of(list(exported(forged)))[0] is None
    assert fault_of(list(exported(forged)), HEAD) == (Fault.REWRITTEN, len(LINKS))
    assert verify_links(forged, verify_links(LINKS[:2]).head).noted


def test_an_end_that_was_cut_off_and_closed_again_is_found_by_a_noted_head_and_by_nothing_else() -> None:
    shorter = list(exported(LINKS[:-2]))
    assert fault_of(shorter)[0] is None
    assert fault_of(shorter, HEAD) == (Fault.CUT_OFF, len(LINKS) - 1)


def test_a_ledger_that_was_erased_says_so_to_whoever_noted_a_head_before() -> None:
    after = written(Erased(HEAD.hash), HELD)
    assert verify_links(after).fault is None
    assert verify_links(after, HEAD).fault is Fault.ERASED_SINCE
    assert verify_links(after, Head(1, LINKS[0].hash)).fault is Fault.ERASED_SINCE
    assert verify_links(written(HELD), HEAD).fault is Fault.CUT_OFF


@pytest.mark.parametrize(
    "text", ["", "7", "7:", f"7:{'A' * 64}", f"-1:{'a' * 64}", f"07:{'a' * 64}", f"7:{'a' * 63}", "\u0667:" + "a" * 64]
)
def test_what_is_no_head_is_refused_in_words(text: str) -> None:
    with pytest.raises(HeadError, match="64 hex digits"):
        parse_head(text)


def test_a_head_is_read_back_as_it_was_printed() -> None:
    assert parse_head(f" {HEAD}\n") == HEAD
