"""Who may open an inbox: the holder of the Ed25519 key that the mailbox's id is derived from (RFC 8032).

The signature covers the origin that the client dialled. The relay compares it with the origins it was started with
and never with the `Host` a request names: a relay that lured a client could pass its login on here, with any `Host`
it likes.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from foreseal_relay.wire import Login, login_message, mailbox_of

__all__ = ["holds", "local_origins", "origin_of", "proven"]

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")


def holds(login: Login, server_nonce: bytes, origins: Collection[str]) -> bool:
    """Whether the login was signed by the mailbox's key, for one of these origins and for this connection."""
    if not hmac.compare_digest(mailbox_of(login.key), login.mailbox):
        return False
    return any(_signed(login, server_nonce, origin) for origin in origins)


def origin_of(url: str) -> str:
    """A URL's origin as clients sign it: `scheme://host[:port]`, lower case, without the scheme's own port; `ws` and
    `wss` count as `http` and `https` (RFC 6454, section 4). Raises `ValueError` for anything but such a URL."""
    parts = urlsplit(url)
    extra = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in _SCHEMES or not parts.hostname or extra:
        raise ValueError(f"{url!r} is not an origin: write it as https://relay.example or http://127.0.0.1:8080")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{_SCHEMES[parts.scheme]}://{host}{port}"


def local_origins(host: str, port: int, scheme: str = "http") -> tuple[str, ...]:
    """The origins of a relay that was given no public one. On loopback all names of this machine count: no other
    relay can be reached under them. Raises `ValueError` for an address that names no host (0.0.0.0, ::)."""
    shown = f"[{host}]" if ":" in host else host
    if shown in ("0.0.0.0", "[::]"):  # noqa: S104
        raise ValueError(f"listening on {host} needs --origin: the URL under which clients reach this relay")
    names = _THIS_MACHINE if shown in _THIS_MACHINE else (shown,)
    return tuple(origin_of(f"{scheme}://{name}:{port}") for name in names)


def _signed(login: Login, server_nonce: bytes, origin: str) -> bool:
    message = login_message(origin, login.mailbox, server_nonce, login.client_nonce, login.generation)
    return proven(login.key, login.signature, message)


def proven(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this Ed25519 key (32 bytes) signed exactly this message. `message` begins with its label."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):  # ValueError: 32 bytes that are no point of the curve
        return False
    return True
