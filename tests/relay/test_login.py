"""Origins: what a login is signed for."""

from __future__ import annotations

import pytest

from foreseal_relay.login import holds, local_origins, origin_of
from relay_peer import Owner


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://relay.example", "https://relay.example"),
        ("https://Relay.Example:443/", "https://relay.example"),
        ("http://relay.example:80", "http://relay.example"),
        ("http://relay.example:443", "http://relay.example:443"),
        ("wss://relay.example", "https://relay.example"),
        ("ws://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_origin_has_one_spelling(url: str, origin: str) -> None:
    assert origin_of(url) == origin
    assert origin_of(origin) == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "relay.example",
        "//relay.example",
        "ftp://relay.example",
        "https://",
        "https://a/b",
        "https://a?b",
        "https://a#b",
        "https://a:port",
        "https://user@a",
    ],
)
def test_what_is_no_origin_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        origin_of(url)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_an_address_that_names_no_host_needs_a_public_origin(host: str) -> None:
    with pytest.raises(ValueError, match="--origin"):
        local_origins(host, 80)


def test_beyond_loopback_only_the_address_itself_is_an_origin() -> None:
    assert local_origins("192.0.2.1", 8080) == ("http://192.0.2.1:8080",)


def test_a_login_made_for_another_relay_does_not_hold_here_whatever_host_its_bearer_names() -> None:
    login = Owner("bob").login("https://evil.example", bytes(32))
    assert holds(login, bytes(32), ["https://evil.example"])
    assert not holds(login, bytes(32), ["https://relay.example"])
    assert not holds(login, bytes(32), [])
