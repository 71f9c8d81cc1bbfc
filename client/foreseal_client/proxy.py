"""Connections through a SOCKS5 proxy (RFC 1928), for people who do not want a relay to see their address.

Names are looked up by the proxy. A look-up here would tell the network's own name server which relay is talked to,
which is half of what the proxy is there to hide.
"""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

import aiohttp

__all__ = ["checked_proxy", "connector", "is_proxy_fault"]


def checked_proxy(url: str) -> str:
    """The proxy's URL, `socks5://[name:password@]host:port`. Raises `ValueError` saying what is wrong with any other:
    what was meant for a proxy never goes without one."""
    parts = urlsplit(url.replace("socks5h://", "socks5://", 1))
    if parts.scheme != "socks5" or not parts.hostname or parts.port is None or parts.path.strip("/") or parts.query:
        raise ValueError("a proxy is written as socks5://host:port, for example socks5://127.0.0.1:9050")
    return parts.geturl().rstrip("/")


def connector(proxy: str | None) -> aiohttp.BaseConnector:
    """What opens connections, each for one use: one that served one recipient does not serve another."""
    if proxy is None:
        return aiohttp.TCPConnector(force_close=True)
    from aiohttp_socks import ProxyConnector

    return ProxyConnector.from_url(proxy, rdns=True, force_close=True)


def is_proxy_fault(fault: Exception) -> bool:
    """Whether the proxy refused, or cannot be reached. Its library has an exception of its own, and is not imported
    where nobody uses one."""
    library = sys.modules.get("aiohttp_socks")
    return library is not None and isinstance(
        fault, (library.ProxyError, library.ProxyTimeoutError, library.ProxyConnectionError)
    )
