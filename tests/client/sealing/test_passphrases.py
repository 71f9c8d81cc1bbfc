"""Keys from passphrases: which costs are possible, and what counts as the same passphrase."""

from __future__ import annotations

import pytest

from foreseal_client.sealing.passphrases import Stretching

LEAST = 8192
SALT = bytes(16)


@pytest.mark.parametrize(("passes", "memory"), [(1, LEAST), (16, LEAST), (1, 1 << 30), (16, 1 << 30)])
def test_costs_from_the_least_to_the_most_that_a_file_may_ask_for_are_possible(passes: int, memory: int) -> None:
    assert Stretching(SALT, passes, memory).possible


@pytest.mark.parametrize(
    ("salt", "passes", "memory"),
    [(SALT, 0, LEAST), (SALT, -1, LEAST), (SALT, 17, LEAST), (SALT, 1, LEAST - 1), (SALT, 1, (1 << 30) + 1),
     (bytes(15), 1, LEAST), (bytes(17), 1, LEAST), (b"", 1, LEAST)],
)  # fmt: skip
def test_other_costs_or_a_salt_of_another_length_are_not(salt: bytes, passes: int, memory: int) -> None:
    assert not Stretching(salt, passes, memory).possible


def key(passphrase: str) -> bytes:
    return Stretching(SALT, 1, LEAST).key(passphrase)


def test_the_same_letters_are_the_same_passphrase_however_a_keyboard_makes_them() -> None:
    assert key("gr\u00fc\u00dfe") == key("gru\u0308\u00dfe") != key("gru\u00dfe")


def test_what_a_terminal_could_not_decode_is_a_passphrase_as_well() -> None:
    assert key("\udcff") != key("\udcfe")


def test_a_fresh_salt_is_another_each_time() -> None:
    one, other = (Stretching.fresh(1, LEAST) for _ in range(2))
    assert one.salt != other.salt
    assert one.possible
