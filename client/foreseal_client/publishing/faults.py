"""Faults of publishing."""

from __future__ import annotations

__all__ = ["KeyProblem", "NotPublished"]


class NotPublished(Exception):
    """The repository was not changed, and what was published before still is. The message says what is wrong and what
    to do."""


class KeyProblem(NotPublished):
    """A key file cannot be used. The message names it and says what to do; nothing was signed with it."""
