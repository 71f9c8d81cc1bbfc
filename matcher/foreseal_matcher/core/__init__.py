"""The compiled core: a plain C library beside this file, built at install where there is a compiler.

Where it is absent its twins in numpy answer the same, bit for bit, and `foreseal doctor` says so. `foreseal_core.h`
is its interface; `library.py` is all that knows how Python calls it.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from foreseal_matcher.errors import NotInstalled

if TYPE_CHECKING:
    from foreseal_matcher.core.library import Library

__all__ = ["CHOICE", "compiled"]

CHOICE: Final = "FORESEAL_CORE"
"""The environment variable that chooses: "plain", "compiled", or by its absence whatever there is."""


def compiled() -> Library | None:
    """The compiled core, or None where its twins are to be used. Raises `NotInstalled` when the environment insists
    on a compiled core and there is none, or says something else than it can."""
    return _chosen(os.environ.get(CHOICE, ""))


@lru_cache(maxsize=4)
def _chosen(choice: str) -> Library | None:
    if choice == "plain":
        return None
    if choice not in ("", "compiled"):
        raise NotInstalled(f'{CHOICE} is "plain" or "compiled", not {choice[:40]!r}')
    # Imported here because a plain run has no use for ctypes.
    from foreseal_matcher.core.library import load

    found = load()
    if found is None and choice == "compiled":
        raise NotInstalled(f"{CHOICE} asks for the compiled core; install a C compiler, then install foreseal again")
    return found
