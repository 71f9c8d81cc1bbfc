"""Keeping what somebody wrote as evidence: provable, sealed on this device, and told to nobody.

What is kept are letters byte for byte, with the opening of their commitment, the sender's signature and the relay's
stamp. Pictures and films are not copied: a letter names each by its SHA-256, which proves which file it was, and to
pass a picture on may harm who is in it and may be a crime. They stay in the conversation for as long as it is kept.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from foreseal_client.device import Device
from foreseal_client.errors import BackupError, PeerFaultError, StoreError
from foreseal_client.sealing.archive import EVIDENCE, open_archive, seal_archive
from foreseal_client.sealing.franking import opens, signed_by
from foreseal_client.sealing.letter import decode_letter
from foreseal_client.sealing.passphrases import Stretching
from foreseal_client.store import Contact, Kept
from foreseal_client.store.key import sync_folder

__all__ = ["Exhibit", "KeptOf", "export", "forget", "keep", "kept_of", "open_evidence"]

_VERSION: Final = 1


class _Cover(msgspec.Struct, frozen=True, array_like=True):
    """Who kept it. `mailbox`: 16 bytes, what the signatures name; `made`: seconds since 1970."""

    version: int
    letters: int
    identity: bytes
    mailbox: bytes
    made: int


class Exhibit(msgspec.Struct, frozen=True):
    """One letter of an opened file of evidence. `proven`: commitment and signature hold, so it was written by
    `identity` for the mailbox of who kept it. Whether the relay stamped it only that relay can say. `files`: SHA-256 of
    each, hex."""

    eid: bytes
    identity: bytes
    name: str
    text: str
    sent_at: int
    files: tuple[str, ...]
    proven: bool


class KeptOf(msgspec.Struct, frozen=True):
    """What is kept about one person, who need not be a contact any more. `name`: as they were called when the first of
    it was kept."""

    identity: bytes
    name: str
    letters: int


def keep(contact: Contact, device: Device) -> int:
    """Copies everything of this person that can be proven to the evidence of the encrypted store, where it stays when
    messages go; how many letters were not there yet. Raises `StoreError`."""
    with device.store.transaction():
        return device.store.letters.keep(contact.identity, contact.name, device.today)


def kept_of(device: Device) -> list[KeptOf]:
    """About whom evidence is kept, in the order in which it began."""
    names: dict[bytes, str] = {}
    counts: Counter[bytes] = Counter()
    for one in device.store.letters.kept():
        names.setdefault(one.identity, one.name)
        counts[one.identity] += 1
    return [KeptOf(identity, name, counts[identity]) for identity, name in names.items()]


def forget(about: KeptOf, device: Device) -> None:
    """Erases what is kept about this person, also from the store's log; messages that are still in the conversation
    stay, and so do files of evidence that were written. Raises `StoreError`."""
    with device.store.transaction():
        device.store.letters.forget_kept(about.identity)
    device.store.ledger.forget()


def export(device: Device, path: Path, passphrase: str, fresh: Stretching | None = None) -> int:
    """Writes all of the evidence to `path`, sealed under a passphrase; how many letters. The file appears only when
    all of it is on the disk. Raises `BackupError` when it is there already, `StoreError` when it cannot be written."""
    if path.exists():
        raise BackupError(f"{path} is there already, and is not overwritten. Choose another name.")
    letters, partial = device.store.letters.kept(), path.with_name(path.name + ".partial")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as to:
            for piece in seal_archive(_records(letters, device), passphrase, fresh, EVIDENCE):
                to.write(piece)
            to.flush()
            os.fsync(to.fileno())
        partial.replace(path)
        sync_folder(path.absolute().parent)
    except OSError as fault:
        raise StoreError(f"{path} cannot be written: {fault.strerror}.") from fault
    finally:
        partial.unlink(missing_ok=True)
    return len(letters)


def open_evidence(path: Path, passphrase: str) -> list[Exhibit]:
    """What a file of evidence holds, each letter checked. Raises `WrongPassphraseError` and `BackupError`, also for
    one that does not hold as many letters as it says."""
    try:
        with path.open("rb") as source:
            records = list(open_archive(source, passphrase, EVIDENCE))
        cover, *letters = records or [b""]
        told = msgspec.msgpack.decode(cover, type=_Cover)
        if told.version != _VERSION:
            raise BackupError(f"This {EVIDENCE.name} was made by a newer Foreseal. Update this one.")
        exhibits = [_exhibit(msgspec.msgpack.decode(one, type=Kept), told.mailbox) for one in letters]
    except (msgspec.DecodeError, UnicodeDecodeError, PeerFaultError, RecursionError) as fault:
        raise BackupError(EVIDENCE.damaged) from fault
    if len(exhibits) != told.letters:
        raise BackupError(EVIDENCE.damaged)
    return exhibits


def _records(letters: list[Kept], device: Device) -> Iterator[bytes]:
    yield msgspec.msgpack.encode(_Cover(_VERSION, len(letters), device.identity, device.mailbox, device.now))
    yield from map(msgspec.msgpack.encode, letters)


def _exhibit(kept: Kept, mailbox: bytes) -> Exhibit:
    proof, letter = kept.proof, decode_letter(kept.content)
    proven = opens(proof.commitment, proof.opening, kept.content) and signed_by(
        kept.identity, proof.signature, proof.commitment, proof.opening, mailbox, kept.eid
    )
    files = tuple(ref.sha256.hex() for ref in letter.attachments)
    return Exhibit(kept.eid, kept.identity, kept.name, letter.text, letter.sent_at, files, proven)
