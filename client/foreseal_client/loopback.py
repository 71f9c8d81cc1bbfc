"""Who may speak to a server on the loopback interface.

Any page in any browser of this machine can send requests to any of its ports, and so can other accounts. Against that
stand a token which they do not know, a `Host` that must be this machine's (a page whose name was made to lead here, by
DNS rebinding, sends its own), and a look at `Origin`, which each server takes in its own way.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Final

__all__ = ["ADDRESS", "is_same_token", "names_this_machine", "new_token"]

ADDRESS: Final = "127.0.0.1"
_NAMES: Final = (ADDRESS, "localhost", "[::1]")
_TOKEN_BYTES: Final = 32


def new_token() -> str:
    """A random token of 256 bits, in letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def is_same_token(shown: str, token: str) -> bool:
    """Compares in a time that tells nothing of how much of it was right."""
    return hmac.compare_digest(shown.encode(errors="replace"), token.encode())


def names_this_machine(host: str) -> bool:
    """Whether a `Host` header, with or without a port, is a name by which only this machine is reached."""
    name, _, port = host.rpartition(":")
    return host in _NAMES or (port.isdigit() and name in _NAMES)
