"""`foreseal profile`: making, looking through, locking, backing up and restoring the store of one person."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from foreseal_client.cli.answers import say, say_json
from foreseal_client.cli.ledger import ledger
from foreseal_client.cli.on_profile import explained
from foreseal_client.cli.safeguards import counts, new_lock, safeguards
from foreseal_client.cli.unlocking import Profile, key_of, key_path, looked_through, new_passphrase, passphrase

if TYPE_CHECKING:
    from foreseal_client.store import Store

__all__ = ["profile"]

_NEW: Final = "FORESEAL_NEW_PASSPHRASE_FILE"
_BACKUP: Final = "FORESEAL_BACKUP_PASSPHRASE_FILE"
_PROFILE = click.argument("folder", type=Profile(), metavar="PROFILE")
_KEY_FILE = click.option("--key-file", type=click.Path(path_type=Path), help="Where its key file lies, if not in it.")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group()
def profile() -> None:
    """Look after the local store of one person.

    PROFILE is a folder, or a plain name such as `alice` for one among this user's own. Passphrases are asked for
    without echo, or read from the first line of the file that FORESEAL_PASSPHRASE_FILE names
    (FORESEAL_NEW_PASSPHRASE_FILE for one that is set now, FORESEAL_BACKUP_PASSPHRASE_FILE for a backup's).

    Exit code 0, or 1 with one sentence on stderr.
    """


@profile.command()
@_PROFILE
@click.option("--name", required=True, help="The name that others see.")
@click.option("--relay", required=True, help="The relay's address, such as https://relay.example.")
@click.option("--passphrase", "asked", is_flag=True, help="Lock it with a passphrase instead of a key file.")
@click.option("--young", is_flag=True, help="A young person's profile: safe settings that only a passcode loosens.")
@click.option(
    "--passcode-held-by",
    "holder",
    default="who set up this profile",
    show_default=True,
    metavar="NAME",
    help="With --young: who knows the passcode. It is always shown.",
)
def create(folder: Path, name: str, relay: str, asked: bool, young: bool, holder: str) -> None:
    """Make a profile. Nothing is sent: the relay hears of it when it is first used.

    With --young a passcode is asked for, or read from the file that FORESEAL_PASSCODE_FILE names. It loosens settings
    and opens no message: foreseal profile safeguards show
    """
    from foreseal_client.addresses import MAX_PERSON_NAME, is_relay_url
    from foreseal_client.device import Device
    from foreseal_client.safeguard_settings import begin_young
    from foreseal_client.store.key import derive_key, file_key
    from foreseal_matcher import ListSet, Mode, OnFailure, Policy

    if not 1 <= len(name) <= MAX_PERSON_NAME or not name.strip() or not name.isprintable():
        raise click.UsageError(f"A name has 1 to {MAX_PERSON_NAME} characters that can be seen.")
    if not is_relay_url(relay):
        raise click.UsageError("A relay's address is http:// or https://, a host, perhaps a port, and nothing more.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.ClickException(f"{folder} is there already and not empty. Choose another name.")
    chosen = new_passphrase(f"Passphrase for {folder.name}", _NEW) if asked else None
    with explained():
        lock = new_lock(holder) if young else None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = file_key(key_path(folder)) if chosen is None else derive_key(chosen, folder)
        policy = Policy(Mode.HOLD, OnFailure.CLOSED)
        device = Device(folder, key, lists=ListSet.empty(), policy=policy, clock=time.time, name=name, relay=relay)
        if lock is not None:
            begin_young(device, lock)
        device.close()
    say("made", str(folder), "opened by a passphrase" if asked else f"opened by the key file {key_path(folder)}")


@profile.command()
@_PROFILE
@_KEY_FILE
@_JSON
def check(folder: Path, key_file: Path | None, as_json: bool) -> None:
    """Look the whole store through: every page of the database, every file. Exit code 1 when something is damaged."""
    with explained():
        found, version = looked_through(folder, key_file)
    if as_json:
        say_json({"profile": str(folder), "schema": version, "sound": not found, "damages": found})
    elif not found:
        say("sound", str(folder), f"store version {version}")
    for damage in () if as_json else found:
        say("damaged", damage)
    if found:
        click.echo("Restore this profile from a backup: foreseal profile restore", err=True)
        sys.exit(1)


@profile.command()
@_PROFILE
@_KEY_FILE
@click.option("--qr", is_flag=True, help="Draw it to be scanned, below the text.")
@_JSON
def card(folder: Path, key_file: Path | None, qr: bool, as_json: bool) -> None:
    """Print the public card: name, relay, mailbox and identity key, signed.

    It says who this is. Nobody can write with it alone: an invitation, given by hand in the chat, opens a conversation.
    """
    from foreseal_client.cards import own_card
    from foreseal_client.errors import StoreError
    from foreseal_client.qr import qr_lines

    with _opened(folder, key_file) as store:
        account = store.account.get()
        if account is None:
            raise StoreError(f"{folder} has no account.")
        text = own_card(account.name, account.relay, account.keys)
    if as_json:
        say_json({"name": account.name, "relay": account.relay, "card": text})
        return
    say(text)
    for line in qr_lines(text) if qr else ():
        click.echo(line)


@profile.command()
@_PROFILE
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="For files."
)
@_KEY_FILE
@_JSON
def evidence(folder: Path, out: Path, key_file: Path | None, as_json: bool) -> None:
    """Write out what proves that a log of lists has shown this person and a contact two histories.

    Each file can be checked by anybody: foreseal list log evidence FILE. It names the log, and nobody who uses it.
    """
    with explained(), _opened(folder, key_file) as store:
        found = sorted({compared.evidence for compared in store.heads.all() if compared.evidence})
        if found:
            out.mkdir(parents=True, exist_ok=True)
        for encoded in found:
            path = out / f"split-view-{hashlib.sha256(encoded).hexdigest()[:16]}.json"
            path.write_bytes(encoded)
            if not as_json:
                say(str(path))
        if as_json:
            say_json({"profile": str(folder), "found": len(found)})
        elif not found:
            click.echo("Nothing is kept that would prove it.", err=True)


@profile.command("passphrase")
@_PROFILE
@_KEY_FILE
def set_passphrase(folder: Path, key_file: Path | None) -> None:
    """Lock it with a new passphrase, whatever opened it before. The old one, or the old key file, opens it no more."""
    from foreseal_client.store.key import read_key_record
    from foreseal_client.store.rekeying import to_passphrase

    with explained():
        key, before = key_of(folder, key_file), read_key_record(folder)
        to_passphrase(folder, key, new_passphrase(f"New passphrase for {folder.name}", _NEW))
        # A key file opens nothing any more; where a passphrase did, what --key-file names is somebody's other file.
        if before is not None and before.kdf != "argon2id":
            (key_file or key_path(folder)).unlink(missing_ok=True)
    say("locked", str(folder), "opened by the new passphrase")


@profile.command("key-file")
@_PROFILE
@_KEY_FILE
@click.argument("new", type=click.Path(path_type=Path), required=False)
def set_key_file(folder: Path, key_file: Path | None, new: Path | None) -> None:
    """Open it by a NEW key file from now on, and by no passphrase. Whoever has that file has the profile.

    Without NEW it lies in the profile: then a copy of the folder opens, as in the demo.
    """
    from foreseal_client.store.rekeying import to_key_file

    with explained():
        to_key_file(folder, key_of(folder, key_file), new or key_path(folder))
    say("locked", str(folder), f"opened by the key file {new or key_path(folder)}")


@profile.command()
@_PROFILE
@click.argument("out", type=click.Path(path_type=Path))
@_KEY_FILE
@_JSON
def backup(folder: Path, out: Path, key_file: Path | None, as_json: bool) -> None:
    """Write a backup to OUT, under a passphrase of its own: keys, contacts, messages and their files.

    Sessions, prekeys and tokens are left out: after a restore conversations begin anew.
    """
    from foreseal_client.store.backup import write_backup

    with _opened(folder, key_file) as store:
        chosen = new_passphrase("Passphrase for the backup", _BACKUP)
        made = write_backup(store, out, chosen, now=int(time.time()))
    if as_json:
        say_json({"backup": str(out), "contacts": made.contacts, "messages": made.messages, "files": made.files})
    else:
        say("written", str(out), f"{made.contacts} contacts", f"{made.messages} messages", f"{made.files} files")


@profile.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="BACKUP")
@_PROFILE
@click.option("--passphrase", "asked", is_flag=True, help="Lock the profile with a passphrase, not a key file.")
@click.option("--replace", is_flag=True, help="Move a profile that is there aside, to PROFILE.replaced.")
@_JSON
def restore(source: Path, folder: Path, asked: bool, replace: bool, as_json: bool) -> None:
    """Make PROFILE from a BACKUP. It is read to its end and looked through before it replaces anything.

    The device that the backup was made on must not be used any more: it finds itself outdated and stops.
    """
    from foreseal_client.store.key import derive_key, file_key
    from foreseal_client.store.restoring import restore_backup

    with explained():
        opening = passphrase("Passphrase of the backup", _BACKUP)
        chosen = new_passphrase(f"Passphrase for {folder.name}", _NEW) if asked else None

        def lock(building: Path) -> bytes:
            return file_key(key_path(building)) if chosen is None else derive_key(chosen, building)

        made = restore_backup(source, folder, opening, lock, now=int(time.time()), replace=replace)
    if as_json:
        say_json({"profile": str(folder), "contacts": made.contacts, "messages": made.messages, "files": made.files})
    else:
        say("restored", str(folder), f"{made.contacts} contacts", f"{made.messages} messages", f"{made.files} files")


@contextmanager
def _opened(folder: Path, key_file: Path | None) -> Iterator[Store]:
    from foreseal_client.store import Store

    with explained():
        store = Store(folder, key_of(folder, key_file))
        try:
            yield store
        finally:
            store.close()


profile.add_command(safeguards)
profile.add_command(counts)
profile.add_command(ledger)
