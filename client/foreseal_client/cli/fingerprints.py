"""The option `--fingerprint`. Its names stand here once more, so that `--help` waits for no matcher; a test compares
them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import click

__all__ = ["BESIDE", "EVERY", "chosen_fingerprints"]

BESIDE: Final = ("ahash", "phash", "dhash", "whash")
"""Fingerprints that a list can hold beside PDQ."""
EVERY: Final = ("pdq", *BESIDE, "crop-resistant")
"""Fingerprints that two pictures can be compared by."""

Command = TypeVar("Command", bound=Callable[..., Any])


def chosen_fingerprints(names: Iterable[str], told: str) -> Callable[[Command], Command]:
    """The option, which may be repeated; it arrives as `names`."""
    return click.option("--fingerprint", "names", multiple=True, type=click.Choice(list(names)), help=told)
