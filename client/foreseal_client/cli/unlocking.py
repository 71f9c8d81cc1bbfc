"""Which profile a command means, and what opens it: a key file, or a passphrase that is asked for without echo."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Final

import click

__all__ = ["ASKED_UNDER", "SHORTEST", "Profile", "key_of", "key_path", "looked_through", "new_passphrase", "passphrase"]

ASKED_UNDER: Final = "FORESEAL_PASSPHRASE_FILE"
SHORTEST: Final = 8
"""Fewest characters of a new passphrase. Argon2id makes guessing dear, not impossible."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)


class Profile(click.ParamType[Path]):
    """A profile's folder, or a plain name for one of this user's own."""

    name = "profile"

    def convert(self, value: object, _param: click.Parameter | None, _context: click.Context | None) -> Path:
        """`alice` lies with this user's other programs' files; what has a slash in it, or exists here, is a path."""
        text = str(value)
        if not _NAME.fullmatch(text) or Path(text).is_dir():
            return Path(text)
        import platformdirs

        return platformdirs.user_data_path("foreseal") / "profiles" / text


def key_path(profile: Path) -> Path:
    """Where a profile's key file lies unless somebody says otherwise."""
    return profile / "key"


def key_of(profile: Path, key_file: Path | None) -> bytes:
    """The key that opens a profile. Raises `StoreError` (`WrongKeyError` among it), and `click.ClickException` when a
    passphrase is wanted and there is nobody to ask."""
    from foreseal_client.errors import StoreError
    from foreseal_client.store.key import derive_key, file_key, read_key_record

    record = read_key_record(profile)
    if record is None:
        raise StoreError(f"There is no profile in {profile}. Check the name, or make one: foreseal profile create")
    if record.kdf == "argon2id":
        return derive_key(passphrase(f"Passphrase of {profile.name}", ASKED_UNDER), profile)
    path = key_file or key_path(profile)
    if not path.exists():
        raise StoreError(f"The key file {path} is not there. Say where it is: --key-file FILE")
    return file_key(path)


def looked_through(profile: Path, key_file: Path | None) -> tuple[list[str], int | None]:
    """What is damaged in a profile's store, in words, and the version of its tables; None where it is damaged so that
    it does not open. Raises what `key_of` raises, and `StoreError` where it cannot be opened for another reason."""
    from foreseal_client.errors import StoreDamagedError
    from foreseal_client.store import Store

    try:
        store = Store(profile, key_of(profile, key_file))
    except StoreDamagedError as fault:
        return [str(fault)], None
    try:
        return list(store.damages()), store.schema_version
    finally:
        store.close()


def passphrase(prompt: str, variable: str) -> str:
    """A passphrase: the first line of the file that an environment variable names, or typed without echo."""
    named = os.environ.get(variable)
    if named:
        try:
            # Some editors begin a file with a mark of its encoding, which nobody could type.
            with Path(named).open(encoding="utf-8-sig") as file:
                return file.readline(4096).rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as fault:
            reason = getattr(fault, "strerror", None) or "it is no text"
            raise click.ClickException(f"The passphrase cannot be read from {named} ({variable}): {reason}.") from fault
    if not sys.stdin.isatty():
        raise click.ClickException(f"A passphrase is needed and there is no terminal to ask on. Set {variable}.")
    typed: str = click.prompt(prompt, hide_input=True, err=True)
    return typed


def new_passphrase(prompt: str, variable: str) -> str:
    """A passphrase that is set now: typed twice, and not too short."""
    chosen = passphrase(prompt, variable)
    if len(chosen) < SHORTEST:
        raise click.ClickException(f"A passphrase has at least {SHORTEST} characters. Nothing was changed.")
    if not os.environ.get(variable) and click.prompt("The same again", hide_input=True, err=True) != chosen:
        raise click.ClickException("The two are not the same. Nothing was changed.")
    return chosen
