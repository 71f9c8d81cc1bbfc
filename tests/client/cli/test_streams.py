"""Standard streams that are closed, or that take nothing: a sentence and a code of its own, and no traceback."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from foreseal_client.cli import main
from foreseal_client.cli.streams import fill_closed

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="no device here is always full")
@pytest.mark.parametrize("command", [["--version"], ["config", "show"], ["demo", "--list", "--json"]])
def test_what_cannot_be_printed_is_said_and_has_a_code_of_its_own(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with FULL.open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        monkeypatch.setattr(sys, "argv", ["foreseal", *command])
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 74
    assert "could not be written: No space left on device." in capsys.readouterr().err


@pytest.mark.skipif(not FULL.exists(), reason="no device here is always full")
def test_an_address_that_cannot_be_printed_is_no_file_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with FULL.open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        monkeypatch.setattr(sys, "argv", ["foreseal", "rpc", "--http", "0", "--profiles", str(tmp_path)])
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 74
    assert "could not be written: No space left on device." in capsys.readouterr().err


def test_a_stream_that_is_closed_is_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    fill_closed()
    filled = (sys.stdin, sys.stdout, sys.stderr)
    try:
        assert not any(stream.isatty() for stream in filled)
        assert sys.stdin.read() == ""
        print("to nobody")
    finally:
        for stream in filled:
            stream.close()
