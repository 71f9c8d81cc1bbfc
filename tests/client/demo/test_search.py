"""The search that the demo's claim rests on: it finds what is there, in any form, and nothing else."""

from __future__ import annotations

import base64
import random

import pytest

from foreseal_client.demo.search import RUN, Needle, search

NOISE = random.Random(1).randbytes(50_000)
TEXT = b"Shall we meet at the lighthouse at seven?"
BLOB = random.Random(2).randbytes(5_000)


def hidden(data: bytes, at: int = 12_345) -> bytes:
    return NOISE[:at] + data + NOISE[at:]


@pytest.mark.parametrize("at", range(12_000, 12_020))
def test_a_run_is_found_wherever_it_begins(at: int) -> None:
    (hit,) = search([Needle("n", BLOB)], {"h": hidden(BLOB[77 : 77 + RUN], at)})
    assert (hit.needle, hit.haystack, hit.form) == ("n", "h", "as it is")


@pytest.mark.parametrize("value", [TEXT, BLOB])
@pytest.mark.parametrize("shift", range(3))
def test_every_form_is_found(value: bytes, shift: int) -> None:
    forms = [
        value.hex().encode(),
        value.hex().upper().encode(),
        base64.b64encode(b"x" * shift + value),
        base64.urlsafe_b64encode(b"x" * shift + value),
    ]
    for form in forms:
        assert search([Needle("n", value)], {"h": hidden(form)})


def test_utf_16_is_found() -> None:
    assert search([Needle("n", TEXT)], {"h": hidden(TEXT.decode().encode("utf-16-le"))})


def test_a_value_cut_into_pages_is_found() -> None:
    pages = b"".join(BLOB[i : i + 100] + NOISE[i : i + 50] for i in range(0, len(BLOB), 100))
    assert search([Needle("n", BLOB)], {"h": pages})


def test_a_short_phrase_is_found_whole() -> None:
    assert search([Needle("n", b"lighthouse")], {"h": hidden(TEXT)})
    assert not search([Needle("n", b"lighthouse")], {"h": hidden(b"light house")})


def test_what_is_not_there_is_not_found() -> None:
    haystacks = {"noise": NOISE, "empty": b"", "short": b"abc", "zeros": bytes(10_000)}
    assert search([Needle("a", TEXT), Needle("b", BLOB), Needle("c", b""), Needle("d", b"x")], haystacks) == []


def test_zeros_in_common_say_nothing() -> None:
    assert search([Needle("n", BLOB + bytes(500))], {"h": hidden(bytes(500))}) == []


def test_one_byte_less_than_a_run_is_not_enough() -> None:
    assert search([Needle("n", BLOB)], {"h": hidden(BLOB[100 : 100 + RUN - 1])}) == []
