"""What a relay shows of itself: counts, its log, and a certificate."""

from __future__ import annotations

import json
import logging
import re
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from foreseal_relay import wire
from foreseal_relay.logs import JsonLines, log_to_stderr
from foreseal_relay.meter import Meter, shown
from foreseal_relay.metering import MeterError, metering
from foreseal_relay.refusals import RejectCode
from foreseal_relay.server import Settings, run
from foreseal_relay.serving import AddressError, serving
from relay_peer import Owner, Running, drop, inbox, send_to
from relay_process import RelayProcess

LINE = re.compile(r'foreseal_[a-z_]+(\{answer="([a-z_]+)"\})? \d+')
CERTIFICATE, KEY, ABSENT = "certificate.pem", "key.pem", "absent.pem"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for this machine itself and its key, made for these tests and thrown away."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / CERTIFICATE).write_bytes(made.public_bytes(Encoding.PEM))
    (folder / KEY).write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder


async def page(port: int) -> str:
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return await answer.text()


async def test_what_passed_is_counted_and_none_of_it_is_named(running: Running, bob: Owner) -> None:
    async with metering(running.relay, 0) as port:
        async with drop(running.url) as sender:
            for token in (None, None, bytes(32)):
                await sender.ask(send_to(bob, token=token))
        async with inbox(running.url, bob) as owner:
            await owner.say(wire.Credit(4))
            (delivery,) = await owner.deliveries(1)
            await owner.ask(wire.Ack(1, (delivery.eid,)))
            told = await page(port)
        for line in (
            'foreseal_sends_total{answer="accepted"} 1', 'foreseal_sends_total{answer="duplicate"} 1',
            'foreseal_sends_total{answer="not_deliverable"} 1', "foreseal_deliveries_total 1",
            "foreseal_acknowledgements_total 1", "foreseal_inboxes 1", "foreseal_store_failed 0",
        ):  # fmt: skip
            assert line in told.splitlines()


def test_every_name_and_label_is_one_of_a_few_that_are_known_beforehand() -> None:
    lines = [line for line in shown(Meter(), 3, 2, failed=True).splitlines() if not line.startswith("#")]
    labels = [match[2] for line in lines if (match := LINE.fullmatch(line))]
    assert len(labels) == len(lines)
    answers = {"accepted", "duplicate", *(code.name.lower() for code in RejectCode)}
    assert {label for label in labels if label} == answers
    assert {re.split(r"[{ ]", line)[0] for line in lines} == {
        "foreseal_sends_total", "foreseal_deliveries_total", "foreseal_acknowledgements_total",
        "foreseal_connections", "foreseal_inboxes", "foreseal_store_failed",
    }  # fmt: skip


async def test_clients_do_not_reach_the_counts(running: Running) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{running.url}/metrics") as answer:
        assert answer.status == 404


async def test_a_port_that_is_taken_is_refused_in_a_sentence(running: Running) -> None:
    with pytest.raises(MeterError, match="for metrics"):
        async with metering(running.relay, int(running.url.rpartition(":")[2])):
            pytest.fail("it listens")


async def test_the_log_is_an_object_a_line_and_names_nobody(tmp_path: Path) -> None:
    bob = Owner("bob")
    with RelayProcess(tmp_path / "data", "--log-json", "--metrics", "0") as relay:
        async with drop(relay.url) as sender:
            await sender.ask(send_to(bob))
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(f"{relay.url}/v1/drop", protocols=["what-i-say"]) as socket,
        ):
            await socket.receive(timeout=20)
        key = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "é"}
        async with aiohttp.ClientSession() as http, http.get(f"{relay.url}/v1/inbox", headers=key) as answer:
            assert answer.status == 400
    assert "what-i-say" not in relay.log
    assert "fault" not in relay.log
    entries = [json.loads(line) for line in relay.log.splitlines()]
    assert {"started", "stopped"} <= {entry["event"] for entry in entries}
    assert {frozenset(entry) for entry in entries} == {frozenset({"time", "level", "event"})}
    assert bob.mailbox.hex() not in relay.log


@pytest.mark.parametrize("level", [logging.WARNING, logging.ERROR])
def test_of_what_libraries_log_only_that_they_failed_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], level: int
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    log_to_stderr()
    try:
        raise ValueError("the bytes of 127.0.0.1")
    except ValueError:
        logging.getLogger("aiohttp.websocket").log(level, "%s said it", "127.0.0.1", exc_info=True)
    logging.getLogger("asyncio").log(level, "%s said it", "127.0.0.1")
    told = capsys.readouterr().err
    assert "127.0.0.1" not in told
    assert told.count("ERROR") == (2 if level == logging.ERROR else 0)
    assert ("ValueError at test_of_what" in told) is (level == logging.ERROR)


def test_what_was_hung_on_to_a_record_does_not_reach_the_line() -> None:
    record = logging.makeLogRecord({"msg": "swept: %d", "args": (3,), "levelname": "INFO", "mailbox": "secret"})
    assert json.loads(JsonLines().format(record))["event"] == "swept: 3"
    assert "secret" not in JsonLines().format(record)


async def test_a_relay_with_a_certificate_speaks_tls_and_nothing_else(tmp_path: Path, shelf: Path) -> None:
    bob = Owner("bob")
    trusting = ssl.create_default_context(cafile=str(shelf / CERTIFICATE))
    async with serving(Settings(tmp_path / "data", tls=(shelf / CERTIFICATE, shelf / KEY))) as (url, _):
        assert url.startswith("https://127.0.0.1:")
        connector = aiohttp.TCPConnector(ssl=trusting)
        async with aiohttp.ClientSession(connector=connector) as http, http.ws_connect(f"{url}/v1/inbox") as socket:
            hello = wire.decode_server((await socket.receive()).data)
            assert isinstance(hello, wire.Hello)
            await socket.send_bytes(wire.encode(bob.login(url, hello.nonce)))
            assert isinstance(wire.decode_server((await socket.receive()).data), wire.Welcome)
        async with aiohttp.ClientSession() as http:
            with pytest.raises(aiohttp.ClientError):
                await http.get(url.replace("https", "http") + "/healthz")


@pytest.mark.parametrize("pair", [(ABSENT, ABSENT), (CERTIFICATE, CERTIFICATE), (KEY, KEY)])
async def test_a_certificate_that_does_not_fit_is_refused_in_a_sentence(
    tmp_path: Path, shelf: Path, pair: tuple[str, str]
) -> None:
    with pytest.raises(AddressError, match="cannot be used: "):
        async with serving(Settings(tmp_path / "data", tls=(shelf / pair[0], shelf / pair[1]))):
            pytest.fail("it started")


def test_a_certificate_without_its_key_is_refused(tmp_path: Path, shelf: Path) -> None:
    command = [sys.executable, "-m", "foreseal_relay", "--data", str(tmp_path), "--tls-cert", str(shelf / CERTIFICATE)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "go together" in ended.stderr


def test_a_taken_port_for_metrics_is_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with RelayProcess(tmp_path / "one") as relay:
        assert run(Settings(tmp_path / "two", metrics=relay.port)) == 2
    assert "for metrics" in capsys.readouterr().err
