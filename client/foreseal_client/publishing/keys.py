"""The keys of endorsers: a secret file for its owner alone, and a public one to hand around."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner, SSlibKey

from foreseal_client.publishing.faults import KeyProblem
from foreseal_client.updates.names import KEY_NAME, NAME_FIELD, name_of
from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.regular import open_regular

__all__ = ["LOG", "ONLINE", "Signer", "load_public", "load_signers", "make_key", "name_of", "named"]

ONLINE: Final = "online"
"""The name of the key that signs snapshots and time stamps, and can endorse nothing."""
Signer = CryptoSigner
"""A secret key and its public one, for who hands keys on without signing."""
LOG: Final = "log"
"""The name of the key that signs the public log, and can endorse nothing either."""
_KEY: Final = ".key"
_PUBLIC: Final = ".pub"
_MOST_BYTES: Final = 16 * 1024


def make_key(folder: Path, name: str) -> SSlibKey:
    """Makes an Ed25519 key pair: `NAME.key`, readable by this user alone and not encrypted, and `NAME.pub`. Raises
    `KeyProblem`, also where there is such a key already."""
    if not KEY_NAME.fullmatch(name):
        raise KeyProblem(f"{name!r} is no name for a key; take 1 to 32 letters, digits, dots, dashes.")
    signer = CryptoSigner.generate_ed25519()
    public = named(signer.public_key, name)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Whoever may read it may endorse: the permissions are there from the first byte.
        handle = os.open(folder / f"{name}{_KEY}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "wb") as file:
            file.write(signer.private_bytes)
            file.flush()
            os.fsync(handle)
        text = json.dumps({"name": name, "ed25519": public.keyval["public"]})
        (folder / f"{name}{_PUBLIC}").write_text(text + "\n", encoding="ascii")
    except FileExistsError as error:
        raise KeyProblem(f"There is a key {name} in {folder} already; choose another name.") from error
    except OSError as error:
        raise KeyProblem(f"The key {name} cannot be written to {folder}: {error.strerror}.") from error
    return public


def load_public(path: Path) -> SSlibKey:
    """The public key in a file that `make_key` wrote. Raises `KeyProblem`."""
    try:
        with open_regular(path) as file:
            fields = json.loads(file.read(_MOST_BYTES))
        # The id is worked out here: one that a file could choose might be another key's.
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(fields["ed25519"]))
        return named(SSlibKey.from_crypto(public), str(fields["name"]))
    except OSError as error:
        raise KeyProblem(f"{path} cannot be read: {error.strerror}.") from error
    except ListUnusable as error:
        raise KeyProblem(f"{path} cannot be read: it is not a regular file.") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise KeyProblem(f"{path} is not a public key of an endorser; ask for the file ending in .pub.") from error


def load_signers(path: Path) -> list[CryptoSigner]:
    """The secret keys at `path`: one file, or all that end in .key in a folder, by name. Raises `KeyProblem`."""
    files = sorted(path.glob(f"*{_KEY}")) if path.is_dir() else [path]
    return [_load(file) for file in files]


def named(key: SSlibKey, name: str) -> SSlibKey:
    """The same key with its owner's name, which is there to be read and which nothing depends on."""
    return SSlibKey(key.keyid, key.keytype, key.scheme, key.keyval, {NAME_FIELD: name})


def _load(path: Path) -> CryptoSigner:
    try:
        with open_regular(path) as file:
            open_to_others = os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077
            secret = load_pem_private_key(file.read(_MOST_BYTES), None)
    except OSError as error:
        raise KeyProblem(f"{path} cannot be read: {error.strerror}.") from error
    except ListUnusable as error:
        raise KeyProblem(f"{path} cannot be read: it is not a regular file.") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyProblem(f"{path} is not a secret key of an endorser.") from error
    if open_to_others:
        raise KeyProblem(
            f"{path} can be read by others, who could endorse with it. Make a new key, or: chmod 600 {path}"
        )
    if not isinstance(secret, Ed25519PrivateKey):
        raise KeyProblem(f"{path} is not an Ed25519 key; endorsers have such keys.")
    return CryptoSigner(secret, named(SSlibKey.from_crypto(secret.public_key()), path.stem))
