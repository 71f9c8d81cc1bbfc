"""The relay as a program: its first line, its refusals to start, its log, its end."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from foreseal_relay import wire
from foreseal_relay.server import Settings, run, stopping
from relay_peer import Owner, drop, eid, inbox, registered, send_to
from relay_process import RelayProcess

Refused = Callable[[Settings], str]


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Refused:
    """What a relay that must not start says."""

    def run_and_listen(settings: Settings) -> str:
        assert run(settings) == 2
        said = capsys.readouterr()
        assert said.out == ""
        (sentence,) = said.err.splitlines()
        return sentence

    return run_and_listen


def test_a_refusal_to_start_is_one_sentence_on_stderr_and_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    command = [sys.executable, "-m", "foreseal_relay", "--data", str(tmp_path / "file")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(r"foreseal relay: .* cannot be used as the relay's directory: .*\n", ended.stderr)


async def test_the_first_line_is_the_address_and_health_answers_there(tmp_path: Path) -> None:
    with RelayProcess(tmp_path / "data", fresh=True) as relay:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", relay.url)
        async with aiohttp.ClientSession() as session, session.get(relay.url + "/healthz") as answer:
            assert (answer.status, await answer.json()) == (200, {"status": "ok"})


async def test_it_is_not_ready_while_the_store_cannot_write(tmp_path: Path) -> None:
    with RelayProcess(tmp_path / "data") as relay:
        other = sqlite3.connect(tmp_path / "data" / "relay.sqlite", isolation_level=None)
        other.execute("DROP TABLE pulse")
        other.close()
        async with aiohttp.ClientSession() as session, session.get(relay.url + "/readyz") as answer:
            assert answer.status == 503
            assert await answer.json() == {"status": "unavailable", "store": "refused"}


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
async def test_a_polite_stop_says_goodbye_to_connections_and_exits_with_0(tmp_path: Path, name: str) -> None:
    relay = RelayProcess(tmp_path / "data")
    owner = Owner("bob")
    async with inbox(relay.url, owner) as peer:
        os.kill(relay.pid, getattr(signal, name))
        assert await peer.hear() is None
        assert peer.socket.close_code == 1001
    assert relay.stop() == 0
    assert "Traceback" not in relay.log


@pytest.mark.parametrize(("before", "stops"), [(signal.SIG_DFL, True), (signal.SIG_IGN, False)])
def test_a_closed_window_stops_it_unless_who_started_it_had_that_ignored(before: signal.Handlers, stops: bool) -> None:
    was = signal.signal(signal.SIGHUP, before)
    try:
        assert (signal.SIGHUP in stopping()) is stops
    finally:
        signal.signal(signal.SIGHUP, was)


def test_a_second_relay_on_the_same_directory_is_refused(tmp_path: Path, refused: Refused) -> None:
    with RelayProcess(tmp_path / "data"):
        assert "another relay" in refused(Settings(tmp_path / "data"))


def test_the_lock_of_a_killed_relay_is_free_again(tmp_path: Path) -> None:
    relay = RelayProcess(tmp_path / "data")
    url = relay.url
    relay.kill()
    relay.restart()
    assert relay.url == url
    assert relay.stop() == 0


def test_a_port_in_use_is_refused(tmp_path: Path, refused: Refused) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port}" in refused(Settings(tmp_path / "data", port=port))


def test_a_directory_that_is_a_file_is_refused(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "file").touch()
    assert "cannot be used" in refused(Settings(tmp_path / "file"))
    assert "cannot be used" in refused(Settings(tmp_path / "file" / "below"))


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path, refused: Refused) -> None:
    connection = sqlite3.connect(tmp_path / "relay.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert "version 99" in refused(Settings(tmp_path))


def test_a_damaged_store_is_refused_in_one_sentence(tmp_path: Path, refused: Refused) -> None:
    RelayProcess(tmp_path).stop()
    whole = (tmp_path / "relay.sqlite").read_bytes()
    (tmp_path / "relay.sqlite").write_bytes(
        whole.replace(b"CREATE TABLE bundles", b"CREATE \xff\xfe\xfd\xfc\xfb bundles")
    )
    assert "relay.sqlite" in refused(Settings(tmp_path))


def test_a_store_that_opens_and_cannot_tell_its_blobs_is_refused(tmp_path: Path, refused: Refused) -> None:
    RelayProcess(tmp_path).stop()
    connection = sqlite3.connect(tmp_path / "relay.sqlite", isolation_level=None)
    connection.execute("DROP TABLE blobs")
    connection.close()
    assert "could not be read" in refused(Settings(tmp_path))


def test_somebody_elses_file_among_the_blobs_is_refused_and_not_removed(tmp_path: Path, refused: Refused) -> None:
    thesis = tmp_path / "blobs" / "my-thesis.docx"
    thesis.parent.mkdir()
    thesis.write_text("precious")
    assert "my-thesis.docx" in refused(Settings(tmp_path))
    assert thesis.read_text() == "precious"


def test_a_damaged_stamp_key_is_refused_and_not_replaced(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "stamp.key").write_bytes(b"short")
    assert "stamp.key" in refused(Settings(tmp_path))
    assert (tmp_path / "stamp.key").read_bytes() == b"short"


def test_an_address_that_cannot_be_right_is_refused(tmp_path: Path, refused: Refused) -> None:
    assert "--origin" in refused(Settings(tmp_path, host="0.0.0.0"))  # noqa: S104
    assert "not an origin" in refused(Settings(tmp_path, origin="relay.example"))
    assert "out of range" in refused(Settings(tmp_path, port=70000))
    assert "192.0.2.1" in refused(Settings(tmp_path, host="192.0.2.1"))


async def test_with_a_public_origin_only_that_one_opens_an_inbox(tmp_path: Path) -> None:
    bob = Owner("bob")
    with RelayProcess(tmp_path / "data", "--origin", "https://Relay.Example:443/") as relay:
        async with inbox(relay.url) as peer:
            assert isinstance(await peer.ask(bob.login("https://relay.example", peer.nonce)), wire.Welcome)
        async with inbox(relay.url) as peer:
            answer = await peer.ask(bob.login(relay.url, peer.nonce))
            assert answer == wire.Rejected(0, wire.RejectCode.BAD_LOGIN)


def test_directory_and_stamp_key_are_the_owners_alone_and_the_key_stays(tmp_path: Path) -> None:
    with RelayProcess(tmp_path / "data") as relay:
        key = (tmp_path / "data" / "stamp.key").read_bytes()
        assert stat.S_IMODE((tmp_path / "data" / "stamp.key").stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
        relay.restart()
        assert (tmp_path / "data" / "stamp.key").read_bytes() == key


async def test_the_log_names_no_mailbox_no_eid_no_blob_no_token_and_no_address(tmp_path: Path) -> None:
    with RelayProcess(tmp_path / "data") as relay:
        bob = await registered(relay.url, Owner("bob"))
        async with drop(relay.url) as sender, inbox(relay.url, bob) as owner:
            await sender.ask(send_to(bob, 0xABCDEF0123456789))
            await sender.ask(send_to(bob, 2, token=bytes(32)))
            await sender.ask_raw(b"\xc1 nonsense")
            await owner.say(wire.Credit(5))
            await owner.deliveries(1)
        async with aiohttp.ClientSession() as session:
            await (await session.put(f"{relay.url}/v1/blobs/{'ab' * 16}", data=b"sealed")).release()
            await (await session.get(f"{relay.url}/v1/blobs/{'ab' * 16}")).release()
        with socket.create_connection(("127.0.0.1", relay.port)) as nonsense:
            nonsense.sendall(b"GET /\x00 HTTP/9.9\r\nbad header\r\n\r\n")
            nonsense.recv(1000)
        relay.stop()
        said = relay.log
    assert "could not be served" in said
    assert "started" in said
    assert "stopped" in said
    secrets = [bob.mailbox, bob.public, bob.token, eid(0xABCDEF0123456789), bytes.fromhex("ab" * 16)]
    for secret in secrets:
        assert secret.hex() not in said
        assert repr(secret)[2:-1] not in said
    assert "127.0.0.1" not in said
    assert "nonsense" not in said


FORBIDDEN = {"nacl", "PIL", "imagehash", "numpy", "textual", "doubleratchet", "x3dh", "xeddsa", "sqlcipher3"}


@pytest.mark.parametrize(
    "imports", ["foreseal_relay.server, foreseal_relay.__main__", "foreseal_client.cli.relay, foreseal_relay.server"]
)
def test_a_relay_loads_nothing_that_could_open_an_envelope_or_look_at_a_picture(imports: str) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys, {imports}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "aiohttp" in loaded
    assert not {name.partition(".")[0] for name in loaded} & (FORBIDDEN | {"foreseal_matcher"})


def test_the_command_foreseal_relay_is_the_same_relay(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "foreseal_client.cli", "relay", "--port", "0", "--data", str(tmp_path / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        assert re.fullmatch(r"listening on http://127\.0\.0\.1:\d+\n", process.stdout.readline())
        process.terminate()
        assert process.wait(timeout=30) == 0
