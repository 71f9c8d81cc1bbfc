"""Fingerprints by other programs: what they may answer, and what is said where they do not."""

from __future__ import annotations

import sys

import pytest

from foreseal_client.study.elsewhere import taken_by

PYTHON = f"{sys.executable} -S -c"


def test_a_program_gets_the_file_and_its_hex_digits_are_taken() -> None:
    answer = "import sys; print((sys.stdin.buffer.read()*16).hex())"
    assert taken_by(f"{PYTHON} '{answer}'", b"ab") == b"ab" * 16


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("print(2)", "64 hex digits"),
        ("print(bytes(31).hex())", "64 hex digits"),
        ("pass", "64 hex digits"),
        ("raise SystemExit(3)", "exit code 3"),
        ("import sys; sys.exit(sys.stdin.read())", "what it was given"),
    ],
)
def test_what_is_no_fingerprint_is_refused_in_the_words_of_the_program(program: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        taken_by(f"{PYTHON} '{program}'", b"what it was given")


def test_a_program_that_is_not_there_is_a_fault_of_the_machine() -> None:
    with pytest.raises(FileNotFoundError):
        taken_by("/nowhere/at/all", b"")
