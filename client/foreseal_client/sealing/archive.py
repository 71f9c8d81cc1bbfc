"""An archive: records sealed under a passphrase into one stream, for backups and for evidence. What records mean is the
affair of who writes them.

In the open stand `foreseal:backup` or `foreseal:evidence`, a version, Argon2id's costs and salt, and a check that tells
a wrong passphrase from damage. Behind it a secretstream as in `spool`, whose last chunk is marked: what was cut off is
noticed. In the stream each record is a length (4 bytes, big-endian) and that many bytes.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from nacl.exceptions import CryptoError

from foreseal_client.errors import BackupError, WrongPassphraseError
from foreseal_client.sealing.passphrases import Stretching, key_check
from foreseal_client.sealing.spool import CHUNK, open_stream, seal_stream

__all__ = ["BACKUP", "EVIDENCE", "MAX_RECORD", "Kind", "open_archive", "seal_archive"]

MAX_RECORD: Final = 16 * 1024 * 1024
"""Longest record in bytes: no row of a store comes near it."""
_VERSION: Final = 1
_SALT, _CHECK = 16, 32
_HEAD: Final = 1 + 4 + 8 + _SALT + _CHECK


@dataclass(frozen=True, slots=True)
class Kind:
    """What an archive is, so that none is taken for another: its first bytes, what its key is bound to, its name."""

    magic: bytes
    label: bytes
    name: str

    @property
    def damaged(self) -> str:
        """What is said when it is."""
        return f"This {self.name} is damaged or was cut off. Nothing was changed. Use another one."


BACKUP: Final = Kind(b"foreseal:backup\n", b"foreseal/1 backup key check", "backup")
EVIDENCE: Final = Kind(b"foreseal:evidence\n", b"foreseal/1 evidence key check", "file of evidence")


def seal_archive(
    records: Iterable[bytes], passphrase: str, fresh: Stretching | None = None, kind: Kind = BACKUP
) -> Iterator[bytes]:
    """The archive's bytes, piece by piece. `fresh`: other costs than today's. Raises `ValueError` for a record over
    `MAX_RECORD`."""
    stretching = fresh or Stretching.fresh()
    key = stretching.key(passphrase)
    costs = stretching.passes.to_bytes(4, "big") + stretching.memory.to_bytes(8, "big")
    yield kind.magic + bytes([_VERSION]) + costs + stretching.salt + key_check(key, kind.label)
    for sealed, _ in seal_stream(_chunks(records), key):
        yield sealed


def open_archive(source: BinaryIO, passphrase: str, kind: Kind = BACKUP) -> Iterator[bytes]:
    """The records. Each was authenticated before it is handed out; that all of them came is known at the end.

    Raises `WrongPassphraseError`; `BackupError` for what is foreign, of a newer version, damaged, cut off or longer
    than its end.
    """
    key = _key(source.read(len(kind.magic) + _HEAD), passphrase, kind)
    waiting = bytearray()
    try:
        for chunk in open_stream(source, key):
            waiting += chunk
            while len(waiting) >= 4:
                length = int.from_bytes(waiting[:4], "big")
                if length > MAX_RECORD:
                    raise BackupError(kind.damaged)
                if len(waiting) < 4 + length:
                    break
                yield bytes(waiting[4 : 4 + length])
                del waiting[: 4 + length]
    except CryptoError as fault:
        raise BackupError(kind.damaged) from fault
    if waiting:
        raise BackupError(kind.damaged)


def _key(head: bytes, passphrase: str, kind: Kind) -> bytes:
    if not head.startswith(kind.magic):
        raise BackupError(f"This is no {kind.name} of Foreseal's. Nothing was changed.")
    if len(head) < len(kind.magic) + _HEAD:
        raise BackupError(kind.damaged)
    rest = head[len(kind.magic) :]
    if rest[0] != _VERSION:
        raise BackupError(f"This {kind.name} was made by a newer Foreseal. Nothing was changed. Update this one.")
    passes, memory = int.from_bytes(rest[1:5], "big"), int.from_bytes(rest[5:13], "big")
    stretching = Stretching(rest[13 : 13 + _SALT], passes, memory)
    if not stretching.possible:
        raise BackupError(kind.damaged)
    key = stretching.key(passphrase)
    if not hmac.compare_digest(rest[13 + _SALT :], key_check(key, kind.label)):
        raise WrongPassphraseError
    return key


def _chunks(records: Iterable[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for record in records:
        if len(record) > MAX_RECORD:
            raise ValueError(f"a record of {len(record)} bytes does not fit into a backup")
        waiting += len(record).to_bytes(4, "big") + record
        while len(waiting) >= CHUNK:
            yield bytes(waiting[:CHUNK])
            del waiting[:CHUNK]
    if waiting:
        yield bytes(waiting)
