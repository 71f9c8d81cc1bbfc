"""Links: brought into one form, and named by digests of their sites and pages.

The form follows the URL standard (url.spec.whatwg.org, 4.4 and 3.5) and what safe-browsing lists do to a URL before
they hash it (developers.google.com/safe-browsing/v4/urls-hashing): scheme, user, port and fragment are left out,
letters are lowered and made ASCII in the host, escapes are undone until nothing changes, dot segments are resolved.
Parameters are kept: with others a page can be another page. A list holds the SHA-256 of such a form; a link is looked
up by itself, without its parameters, by the folders above it and by the hosts above its own.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from foreseal_matcher.fingerprints.addresses import as_ipv4, as_ipv6

__all__ = ["BYTES", "MAX_PREFIXES", "Link", "normalised", "unescaped"]

BYTES: Final = 32
MAX_HOSTS: Final = 5
"""The host itself, and up to four made of its last five labels and fewer; never the last label alone."""
MAX_PATHS: Final = 6
"""The page with its parameters, without them, and up to four folders from the root on."""
MAX_PREFIXES: Final = MAX_HOSTS * MAX_PATHS

_SCHEME: Final = re.compile(r"(?i)(?:h(?:tt|xx|\*\*)ps?|ftp):[/\\]*")
_PORT: Final = re.compile(r":[0-9]*$")
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_DOTS: Final = str.maketrans("\u3002\uff0e\uff61", "...")
"""What IDNA takes for a full stop (UTS 46, section 2.3)."""
_IN_A_QUERY: Final = frozenset(b"#%") | frozenset(range(0x21)) | frozenset(range(0x7F, 0x100))
_IN_A_PATH: Final = _IN_A_QUERY | frozenset(b"?\\")
_HEX: Final = frozenset(b"0123456789abcdefABCDEF")


@dataclass(frozen=True, slots=True)
class Link:
    """A link in its one form. `host`: ASCII, an IPv6 address in brackets. `path`: begins with a slash. `query`: what
    stands behind the question mark, None where there is none."""

    host: str
    path: str
    query: str | None = None

    def __str__(self) -> str:
        """As lists hash it: `host/path?query`. Normalising it again gives the same link."""
        return f"{self.host}{self.path}" if self.query is None else f"{self.host}{self.path}?{self.query}"

    @property
    def digest(self) -> bytes:
        """What a list holds of it, 32 bytes. Of a link to a host alone it lists all pages there, of one that ends with
        a slash all that lie below."""
        return _digest(str(self))

    def prefixes(self) -> Iterator[str]:
        """What it is looked up by, from the page itself to the widest: at most `MAX_PREFIXES` texts, none twice."""
        pages = dict.fromkeys(self._pages())
        for host in self._hosts():
            for page in pages:
                yield host + page

    def digests(self) -> Iterator[bytes]:
        """The digests of its prefixes, 32 bytes each."""
        return map(_digest, self.prefixes())

    def _hosts(self) -> Iterator[str]:
        yield self.host
        labels = self.host.split(".")
        if self.host.startswith("[") or labels[-1].isdecimal():
            return
        for count in range(min(MAX_HOSTS, len(labels) - 1), 1, -1):
            yield ".".join(labels[-count:])

    def _pages(self) -> Iterator[str]:
        if self.query is not None:
            yield f"{self.path}?{self.query}"
        yield self.path
        folders = self.path.split("/")[1:-1][: MAX_PATHS - 3]
        for count in range(len(folders) + 1):
            yield "/".join(["", *folders[:count], ""])


def normalised(written: str) -> Link | None:
    """The link that a text as a whole is, with or without a scheme, or None if it names no host that could be on the
    internet. Takes time in proportion to its length and raises nothing."""
    rest = _SCHEME.sub("", "".join(sign for sign in written if sign not in "\t\r\n").strip(), count=1)
    rest = rest.partition("#")[0]
    before_query, mark, query = rest.partition("?")
    authority, slash, path = before_query.replace("\\", "/").partition("/")
    host = _host(_PORT.sub("", authority.rpartition("@")[2]))
    if host is None:
        return None
    return Link(host, _path(slash + path), _escaped(unescaped(query), _IN_A_QUERY) if mark else None)


def _host(written: str) -> str | None:
    if written.startswith("["):
        return as_ipv6(written)
    if len(written) > 1000:
        return None
    decoded = unescaped(written).decode("utf-8", "replace")
    # UTS 46 without its deviations: what is invisible goes, compatible letters become one, case is lowered.
    mapped = unicodedata.normalize("NFKC", decoded.translate(_DOTS))
    shown = "".join(sign for sign in mapped.lower() if unicodedata.category(sign) not in ("Cf", "Cc"))
    labels = [label for label in unicodedata.normalize("NFC", shown).split(".") if label]
    plain = [_ascii(label) for label in labels]
    named = ".".join(plain)
    if not all(map(_LABEL.fullmatch, plain)) or len(named) > 253:
        return None
    if plain and (plain[-1][:1].isdecimal()):
        return as_ipv4(plain)
    return named if len(plain) > 1 else None


def _ascii(label: str) -> str:
    if label.isascii() or len(label) > 63:
        return label
    return "xn--" + label.encode("punycode").decode("ascii")


def _path(written: str) -> str:
    kept: list[bytes] = []
    *folders, page = unescaped(written).split(b"/")
    for folder in folders:
        if folder == b"..":
            del kept[-1:]
        elif folder not in (b"", b"."):
            kept.append(folder)
    if page == b"..":
        del kept[-1:]
    whole = b"".join(b"/" + folder for folder in kept) + b"/" + (b"" if page in (b".", b"..") else page)
    return _escaped(whole, _IN_A_PATH)


def unescaped(written: str) -> bytes:
    """Percent-escapes undone until nothing changes, in one pass: each byte may complete an escape begun before it."""
    encoded = written.encode("utf-8", "surrogatepass")
    if b"%" not in encoded:
        return encoded
    done = bytearray()
    for byte in encoded:
        done.append(byte)
        while len(done) > 2 and done[-3] == ord("%") and done[-2] in _HEX and done[-1] in _HEX:
            done[-3:] = bytes((int(done[-2:], 16),))
    return bytes(done)


def _escaped(content: bytes, signs: frozenset[int]) -> str:
    return "".join(f"%{byte:02X}" if byte in signs else chr(byte) for byte in content)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("ascii")).digest()
