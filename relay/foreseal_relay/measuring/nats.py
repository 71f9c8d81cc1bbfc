"""The peer: nats-server's JetStream with one replica and a sync for every message, asked over plain sockets.

The protocol is text (https://docs.nats.io/reference/reference-protocols/nats-protocol): a publish names where its
answer goes, and JetStream answers there once the message is stored.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import time
from pathlib import Path

__all__ = ["nats_accepts"]

_BODY = 4096


def nats_accepts(folder: Path, program: str, clients: int, in_flight: int, seconds: float) -> float:
    """Durable accepts of 4 KiB a second from so many connections. Raises `RuntimeError` when it does not start."""
    (folder / "nats").mkdir()
    settings = folder / "nats.conf"
    ports = folder / "nats-ports"
    ports.mkdir()
    settings.write_text(
        f'listen: "127.0.0.1:-1"\nports_file_dir: "{ports}"\n'
        f'jetstream {{ store_dir: "{folder / "nats"}", sync_interval: always }}\n',
        encoding="utf-8",
    )
    with (folder / "nats.log").open("wb") as log:
        server = subprocess.Popen([program, "-c", str(settings)], stdout=log, stderr=log)
    try:
        return asyncio.run(_measure(_port(server, ports), clients, in_flight, seconds))
    finally:
        server.terminate()
        server.wait()


def _port(server: subprocess.Popen[bytes], ports: Path) -> int:
    ends = time.monotonic() + 20
    while time.monotonic() < ends and server.poll() is None:
        for file in ports.glob("*.ports"):
            if told := file.read_text(encoding="utf-8"):
                return int(json.loads(told)["nats"][0].rpartition(":")[2])
        time.sleep(0.05)
    raise RuntimeError("nats-server did not start")


async def _measure(port: int, clients: int, in_flight: int, seconds: float) -> float:
    reader, writer = await _connected(port)
    stream = json.dumps({"name": "S", "subjects": ["m.*"], "storage": "file", "num_replicas": 1}).encode()
    writer.write(b"SUB _I.made 1\r\nPUB $JS.API.STREAM.CREATE.S _I.made %d\r\n%b\r\n" % (len(stream), stream))
    if b'"error"' in await _answer(reader):
        raise RuntimeError("nats-server made no stream")
    writer.close()
    began = time.perf_counter()
    counts = await asyncio.gather(*(_client(port, number, in_flight, began + seconds) for number in range(clients)))
    return sum(counts) / (time.perf_counter() - began)


async def _client(port: int, number: int, in_flight: int, ends: float) -> int:
    reader, writer = await _connected(port)
    said = b"PUB m.%d _I.%d %d\r\n%b\r\n" % (number, number, _BODY, os.urandom(_BODY))
    writer.write(b"SUB _I.%d 1\r\n" % number + said * in_flight)
    answered = 0
    while time.perf_counter() < ends:
        if b'"error"' in await _answer(reader):
            raise RuntimeError("nats-server refused a message")
        answered += 1
        writer.write(said)
    writer.close()
    return answered


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    writer.write(b'CONNECT {"verbose":false,"pedantic":false}\r\n')
    return reader, writer


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """The next message's text; pings are let be, as a run is shorter than the server's patience."""
    while True:
        line = await reader.readline()
        if line.startswith(b"MSG "):
            return await reader.readexactly(int(line.split()[-1]) + 2)
        if not line or line.startswith(b"-ERR"):
            raise RuntimeError("nats-server ended the connection")
