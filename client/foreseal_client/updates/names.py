"""Where things lie in a repository of lists. The endorsers' signatures cover these names."""

from __future__ import annotations

import re
from typing import Final

from securesystemslib.signer import Key
from tuf.api.metadata import Root

from foreseal_client.transparency.checkpoint import KEY_BYTES
from foreseal_matcher.lists.manifest import MANIFEST

__all__ = [
    "CATALOGUE",
    "KEY_NAME",
    "LOG_FIELD",
    "METADATA",
    "NAME",
    "NAME_FIELD",
    "TARGETS",
    "column_target",
    "delta_target",
    "log_key_of",
    "manifest_target",
    "name_of",
]  # fmt: skip

METADATA: Final = "metadata"
"""The folder of what is signed."""
TARGETS: Final = "targets"
"""The folder of what the signatures speak of."""
CATALOGUE: Final = "lists.json"
"""The target that names the lists of a repository."""
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Names of lists that can be published: they become folders, here and in the addresses of files."""

KEY_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
"""Names that an owner of a key can have."""
NAME_FIELD: Final = "x-foreseal-name"
"""The field of a key that says whose it is. It is there to be read, and nothing depends on it."""
LOG_FIELD: Final = "x-foreseal-log"
"""The field of the root that names the public key of the log, in hex. Whoever trusts a root trusts that log to be the
one, and only who may change the endorsers may change it."""


def log_key_of(root: Root) -> bytes | None:
    """The public key (32 bytes) of the log that every list of this root must stand in; None where it names none."""
    try:
        key = bytes.fromhex(root.unrecognized_fields[LOG_FIELD])
    except (KeyError, TypeError, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def name_of(key: Key) -> str:
    """Whose key it says it is, or the beginning of its id."""
    name = str(key.unrecognized_fields.get(NAME_FIELD, ""))
    return name if KEY_NAME.fullmatch(name) else key.keyid[:8]


def manifest_target(name: str) -> str:
    """The manifest of a list, as `list.json` is in its folder."""
    return f"{name}/{MANIFEST}"


def column_target(name: str, file: str) -> str:
    """One file of its columns."""
    return f"{name}/{file}"


def delta_target(name: str, base: str) -> str:
    """What leads from the list with the digest `base` (64 hex digits) to the one that is published."""
    return f"{name}/from-{base}.delta"
