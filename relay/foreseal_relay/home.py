"""The relay's directory: one relay at a time, its store, its blobs and its stamp key."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from foreseal_relay import durable
from foreseal_relay.franking import KEY_BYTES, StampKey
from foreseal_relay.limits import DAY
from foreseal_relay.token_wire import epoch_of
from foreseal_relay.tokens import SECRET_BYTES, Issuer

__all__ = ["Home", "HomeError", "occupied"]


class HomeError(Exception):
    """The relay's directory cannot be used. The message says why; nothing in it was changed."""


@dataclass(frozen=True, slots=True)
class Home:
    """Paths inside the directory."""

    folder: Path

    @property
    def store(self) -> Path:
        """The SQLite file."""
        return self.folder / "relay.sqlite"

    @property
    def handles(self) -> Path:
        """The SQLite file of what is public."""
        return self.folder / "directory.sqlite"

    @property
    def blobs(self) -> Path:
        """The folder of blobs."""
        return self.folder / "blobs"

    @property
    def issuer_key(self) -> Path:
        """The issuer's secret and its first epoch. Relays that issue the same tokens hold copies of one such file."""
        return self.folder / "issuer.key"

    def stamp_key(self) -> StampKey:
        """The stamp key, made at the first start and readable by this user alone. Raises `HomeError`."""
        path = self.folder / "stamp.key"
        try:
            if not path.exists():
                _write_secret(path, secrets.token_bytes(KEY_BYTES))
            return StampKey(path.read_bytes())
        except OSError as error:
            raise HomeError(f"{path.name} cannot be read or written: {error.strerror}") from error
        except ValueError as error:
            raise HomeError(f"{path.name} is damaged ({error}); put back a copy, or delete it for a new key") from error

    def issuer(self, now: float) -> Issuer:
        """The issuer of tokens: its secret, made at the first start, and the epoch in which that was. Raises
        `HomeError`."""
        path = self.issuer_key
        try:
            if not path.exists():
                _write_secret(path, secrets.token_bytes(SECRET_BYTES) + epoch_of(int(now // DAY)).to_bytes(4, "big"))
            kept = path.read_bytes()
            return Issuer(kept[:-4], int.from_bytes(kept[-4:], "big"))
        except OSError as error:
            raise HomeError(f"{path.name} cannot be read or written: {error.strerror}") from error
        except ValueError as error:
            raise HomeError(
                f"{path.name} is damaged ({error}); put back a copy. Deleting it makes new keys, "
                "which every client that knows this relay will refuse"
            ) from error


@contextlib.contextmanager
def occupied(folder: Path) -> Iterator[Home]:
    """The directory, made if need be and locked until the end: two relays on one store would deliver twice. The
    operating system frees the lock when the process dies, however it dies. Raises `HomeError`."""
    try:
        _made(folder)
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise HomeError(f"{folder} cannot be used as the relay's directory: {error.strerror}") from error
    try:
        _lock(handle)
    except OSError as error:
        os.close(handle)
        raise HomeError(f"another relay is running on {folder}; stop it, or choose another directory") from error
    try:
        yield Home(folder)
    finally:
        os.close(handle)


def _made(folder: Path) -> None:
    """Makes the folder where it is not there, and those above it, each one's name durable: a power failure could
    otherwise take away all of a store that was synced file by file."""
    if not folder.parent.exists():
        _made(folder.parent)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        durable.sync_folder(folder.parent)


def _write_secret(path: Path, secret: bytes) -> None:
    """Whole or not at all, and for good: stamps made with a key that a power cut took away prove nothing."""
    partial = path.with_suffix(".new")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, secret)
        os.fsync(handle)
    finally:
        os.close(handle)
    durable.rename(partial, path)


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
