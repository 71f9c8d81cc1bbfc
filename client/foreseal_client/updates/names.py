"""Where things lie in a repository of lists. The endorsers' signatures cover these names."""

from __future__ import annotations

import re
from typing import Final

from foreseal_matcher.lists.manifest import MANIFEST

__all__ = ["CATALOGUE", "METADATA", "NAME", "TARGETS", "column_target", "delta_target", "manifest_target"]

METADATA: Final = "metadata"
"""The folder of what is signed."""
TARGETS: Final = "targets"
"""The folder of what the signatures speak of."""
CATALOGUE: Final = "lists.json"
"""The target that names the lists of a repository."""
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Names of lists that can be published: they become folders, here and in the addresses of files."""


def manifest_target(name: str) -> str:
    """The manifest of a list, as `list.json` is in its folder."""
    return f"{name}/{MANIFEST}"


def column_target(name: str, file: str) -> str:
    """One file of its columns."""
    return f"{name}/{file}"


def delta_target(name: str, base: str) -> str:
    """What leads from the list with the digest `base` (64 hex digits) to the one that is published."""
    return f"{name}/from-{base}.delta"
