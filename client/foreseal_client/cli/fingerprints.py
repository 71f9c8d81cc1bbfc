"""The option `--fingerprint`, and what is said wherever a fingerprint of 64 bits can match.

Names stand here once more, so that `--help` waits for no matcher; a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import click

__all__ = ["BESIDE", "EVERY", "chance_of", "chance_warning", "chosen_fingerprints"]

BESIDE: Final = ("ahash", "phash", "dhash", "whash")
"""Fingerprints that a list can hold beside PDQ."""
EVERY: Final = ("pdq", *BESIDE, "crop-resistant")
"""Fingerprints that two pictures can be compared by."""
_WORSE: Final = "Real pictures meet more often than chance says: docs/measuring.md."
_MANY: Final = 1_000_000

Command = TypeVar("Command", bound=Callable[..., Any])


def chosen_fingerprints(names: Iterable[str], told: str) -> Callable[[Command], Command]:
    """The option, which may be repeated; it arrives as `names`."""
    return click.option("--fingerprint", "names", multiple=True, type=click.Choice(list(names)), help=told)


def chance_of(name: str, entries: int) -> str:
    """How many of so many random entries one look at a picture would match by chance, at the usual limit."""
    from foreseal_matcher.fingerprints.fingerprint import by_chance
    from foreseal_matcher.fingerprints.known import FINGERPRINTS

    known = FINGERPRINTS[name]
    return f"{name} at {known.limit} of {known.bits} bits {by_chance(known.bits, known.limit, entries):.1g}"


def chance_warning(names: Iterable[str], entries: int = _MANY) -> str:
    """The warning that short fingerprints match by chance, with the numbers for a list of so many entries."""
    numbers = ", ".join(chance_of(name, entries) for name in names)
    return f"Fingerprints match by chance. Of {entries:,} random entries one look would meet: {numbers}. {_WORSE}"
