"""What counts as a relay's address and a person's name, wherever one is read."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

__all__ = ["MAX_PERSON_NAME", "is_relay_url"]

MAX_PERSON_NAME: Final = 64
"""Longest name of a person, in characters."""
_MAX_URL: Final = 256


def is_relay_url(text: str) -> bool:
    """Whether this is the origin of a relay: `http` or `https`, a host, perhaps a port, and nothing more."""
    try:
        parts = urlsplit(text)
        port_is_possible = parts.port is None or 0 < parts.port < 65536
    except ValueError:
        return False
    return (
        len(text) <= _MAX_URL
        and text.isascii()
        and text.isprintable()
        and " " not in text
        and parts.scheme in ("http", "https")
        and all(1 <= len(label) <= 63 for label in (parts.hostname or "").removesuffix(".").split("."))
        and port_is_possible
        and parts.path in ("", "/")
        and not (parts.query or parts.fragment or parts.username or parts.password)
    )
