"""Through a SOCKS5 proxy: everything goes there, and the proxy looks names up."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from foreseal_client.errors import RelayRefusedError, RelayUnreachableError
from foreseal_client.proxy import checked_proxy
from foreseal_client.relay_link import SocketLink
from foreseal_relay.serving import Settings, serving
from relay_peer import Owner
from socks_server import Socks, socks_server

ORIGIN = "http://relay.invalid:8700"
BOB = Owner("bob")


@pytest.fixture
async def socks(tmp_path: Path) -> AsyncIterator[Socks]:
    settings = Settings(tmp_path / "data", origin=ORIGIN, free_blobs=True)
    async with serving(settings) as (url, _):
        parts = urlsplit(url)
        async with socks_server((parts.hostname or "", parts.port or 0)) as proxy:
            yield proxy


async def test_inbox_drop_and_blobs_go_through_it_and_no_name_is_looked_up_here(
    socks: Socks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked_up(host: str, *_: object, **__: object) -> None:
        raise AssertionError(f"this device asked who {host} is")

    sealed = tmp_path / "sealed"
    sealed.write_bytes(b"sealed")
    async with SocketLink(ORIGIN, proxy=socks.url) as link:
        monkeypatch.setattr(socket, "getaddrinfo", looked_up)
        async with link.inbox(BOB.public, 0, BOB.key.sign) as inbox:
            await inbox.register(BOB.token)
        with pytest.raises(RelayRefusedError, match="not-deliverable"):
            await link.fetch_bundle(bytes(16), bytes(32))
        await link.put_blob(bytes(16), sealed)
        assert await link.issuer() is not None
    assert len(socks.asked) == 4  # a connection each: nothing is used twice
    assert set(socks.asked) == {(3, "relay.invalid", 8700)}


async def test_a_proxy_that_refuses_is_an_unreachable_relay_and_nothing_goes_around_it(socks: Socks) -> None:
    socks.refuses = True
    async with SocketLink(f"http://127.0.0.1:{socks.leads_to[1]}", proxy=socks.url) as link:
        with pytest.raises(RelayUnreachableError, match="proxy"):
            await link.fetch_bundle(bytes(16), bytes(32))
    assert len(socks.asked) == 1


async def test_a_proxy_that_is_not_there_is_an_unreachable_relay() -> None:
    async with SocketLink(ORIGIN, proxy="socks5://127.0.0.1:1") as link:
        with pytest.raises(RelayUnreachableError):
            await link.fetch_bundle(bytes(16), bytes(32))


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:9050", "http://127.0.0.1:9050", "socks4://a:1", "socks5://a", "socks5://:1"]
)
def test_what_is_no_socks5_proxy_is_refused_and_not_ignored(url: str) -> None:
    with pytest.raises(ValueError, match="socks5://"):
        SocketLink(ORIGIN, proxy=url)


def test_names_are_the_proxys_to_look_up_in_either_spelling() -> None:
    assert checked_proxy("socks5h://127.0.0.1:9050") == "socks5://127.0.0.1:9050"
