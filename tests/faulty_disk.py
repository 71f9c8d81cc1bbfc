"""A disk under SQLite that fails where it is told to, and one that forgets what was not synced.

SQLite reaches the disk through a table of functions for each open file (https://sqlite.org/vfs.html). The library that
Python's `sqlite3` has loaded is told of a second file system that is its own but for four of these functions; the
stores under test know nothing of it.
"""

from __future__ import annotations

import contextlib
import ctypes
import sqlite3
from collections.abc import Callable, Iterator
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_int64, c_void_p, cast, string_at
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

__all__ = ["FaultyDisk", "mounted"]

SQLITE_OK: Final = 0
_WRITE: Final = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE: Final = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC: Final = CFUNCTYPE(c_int, c_void_p, c_int)
_OPEN: Final = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
"""All of them addresses, and the path's above all: SQLite keeps it, and a copy of the path would be gone by then."""


class _Methods(Structure):
    """`sqlite3_io_methods`, version 3."""

    _fields_ = (
        ("version", c_int), ("close", c_void_p), ("read", c_void_p), ("write", _WRITE), ("truncate", _TRUNCATE),
        ("sync", _SYNC), *((f"other_{place}", c_void_p) for place in range(13)),
    )  # fmt: skip


class _File(Structure):
    """`sqlite3_file`: what is behind the pointer is the file system's own."""

    _fields_ = (("methods", POINTER(_Methods)),)


class _System(Structure):
    """`sqlite3_vfs`, version 3."""

    _fields_ = (
        ("version", c_int), ("file_size", c_int), ("longest_path", c_int), ("next", c_void_p), ("name", c_char_p),
        ("app", c_void_p), ("open", _OPEN), *((f"other_{place}", c_void_p) for place in range(14)),
    )  # fmt: skip


@dataclass
class FaultyDisk:
    """`fail(operation, file)` may return an SQLite error code for a `write`, `truncate` or `sync` of the file with
    this name; the operation is then not carried out. `synced`: each file's bytes as a power failure leaves them."""

    fail: Callable[[str, str], int] = lambda _, __: SQLITE_OK
    synced: dict[str, bytes] = field(default_factory=dict)
    _now: dict[str, bytearray] = field(default_factory=dict)

    def after_a_power_failure(self, folder: Path) -> None:
        """Puts into an empty folder what would be left. The shared-memory file is made anew from the log, and a
        rollback journal, which only the making of a store has, was deleted for good before anything was answered."""
        for name, content in dict(self.synced).items():  # as of one moment, while SQLite's threads go on
            if not name.endswith("-journal"):
                (folder / name).write_bytes(content)

    def write(self, name: str, data: bytes, offset: int) -> None:
        now = self._now.setdefault(name, bytearray())
        now.extend(bytes(max(0, offset + len(data) - len(now))))
        now[offset : offset + len(data)] = data

    def truncate(self, name: str, size: int) -> None:
        del self._now.setdefault(name, bytearray())[size:]

    def sync(self, name: str) -> None:
        self.synced[name] = bytes(self._now.get(name, b""))


@contextlib.contextmanager
def mounted(disk: FaultyDisk) -> Iterator[None]:
    """Every database that is opened meanwhile lies on this disk; files that are there already are taken as empty.
    Raises `OSError` where Python's SQLite is not a library of its own that could be told."""
    library = ctypes.CDLL(_library())
    library.sqlite3_vfs_find.restype = POINTER(_System)
    real = library.sqlite3_vfs_find(None)
    names: dict[int, str] = {}
    tables: list[Any] = []  # kept, since SQLite only has their addresses

    def guarded(operation: str, file: int, real_one: Callable[[], int], note: Callable[[str], None]) -> int:
        name = names.get(file, "")
        if code := disk.fail(operation, name):
            return code
        if (code := real_one()) == SQLITE_OK and name:
            note(name)
        return code

    def table(original: _Methods) -> _Methods:
        made = _Methods()
        ctypes.memmove(byref(made), byref(original), ctypes.sizeof(_Methods))
        write, truncate, sync = original.write, original.truncate, original.sync
        made.write = _WRITE(
            lambda file, data, size, offset: guarded(
                "write", file, lambda: write(file, data, size, offset),
                lambda name: disk.write(name, string_at(data, size), offset),
            )
        )  # fmt: skip
        made.truncate = _TRUNCATE(
            lambda file, size: guarded(
                "truncate", file, lambda: truncate(file, size), lambda name: disk.truncate(name, size)
            )
        )
        made.sync = _SYNC(lambda file, flags: guarded("sync", file, lambda: sync(file, flags), disk.sync))
        tables.append(made)
        return made

    def opened(_: int, path: int | None, file: int, flags: int, out: int | None) -> int:
        code: int = real.contents.open(cast(real, c_void_p), path, file, flags, out)
        handle = cast(file, POINTER(_File)).contents
        if code == SQLITE_OK and path:
            names[file] = Path(string_at(path).decode()).name
            handle.methods = ctypes.pointer(table(handle.methods.contents))
        return code

    faulty = _System()
    ctypes.memmove(byref(faulty), real, ctypes.sizeof(_System))
    faulty.name, faulty.open, faulty.next = b"faulty", _OPEN(opened), None
    library.sqlite3_vfs_register(byref(faulty), 1)
    try:
        yield
    finally:
        library.sqlite3_vfs_unregister(byref(faulty))
        library.sqlite3_vfs_register(real, 1)


def _library() -> str:
    """The shared library of SQLite that this process has loaded."""
    assert sqlite3.sqlite_version
    maps = Path("/proc/self/maps")
    lines = maps.read_text().splitlines() if maps.exists() else []
    found = {line.split()[-1] for line in lines if "/libsqlite3.so" in line}
    if len(found) != 1:
        raise OSError("Python's SQLite is not a shared library here")
    return found.pop()
