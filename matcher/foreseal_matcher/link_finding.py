"""Links in a text, as people write them: with and without a scheme, in brackets, and in the forms that hide them.

Hidden forms that are found: `hxxp`, a dot in brackets or the word for it in brackets, invisible characters, letters
of full width, a user name that looks like a host, a link inside another link's parameters. docs/links.md says which
are not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from foreseal_matcher.fingerprints.links import Link, normalised, unescaped

__all__ = ["FoundLink", "links_in"]

_SCHEME: Final = r"(?:h(?:tt|xx|\*\*)ps?:|ftp:/)"
_ENDS: Final = '\\s<>"\u3001\u3002\uff0c\uff01\uff1f\uff09\u300d\u300f\u3011\u300b'
"""What ends a path where nobody leaves a space: quotes, and the full stops and brackets of East Asian writing."""
_WITH_SCHEME: Final = re.compile(rf"(?i){_SCHEME}[/\\]*(?P<host>[^\s<>\"/\\?#]+)(?P<tail>[/\\?#][^{_ENDS}]*)?")
_WITHOUT: Final = re.compile(rf"(?P<host>[\w.\-@%\u3002]+)(?::[0-9]{{1,5}})?(?P<tail>[/\\?#][^{_ENDS}]*)?")
_INNER: Final = re.compile(r"(?i)h(?:tt|xx)ps?(?::|%(?:25)*3a)")
_MAX_INNER: Final = 8
"""Links inside one link that are looked at."""
_BRACKETED: Final = re.compile(r"(?i)(\s?[\[({]\s?(?:\.|dot|punkt)\s?[\])}]\s?)|(\[:(?://)?\])")
_AFTERWARDS: Final = ".,;:!?'*_~"
_PAIRS: Final = (("(", ")"), ("[", "]"), ("{", "}"))
_NAMES: Final = frozenset(
    (*("com", "net", "org", "info", "biz", "edu", "gov", "int", "app", "dev", "xyz", "site", "online", "shop", "store"),
     *("club", "live", "link", "top", "blog", "page", "cloud", "pro", "mobi", "news", "space", "website", "tech"),
     *("wiki", "world", "zone", "chat", "social", "games", "onion"))
)  # fmt: skip
"""Longer endings by which a bare name is a link for certain. Those of two letters are, but for the next ones."""
_FILES: Final = frozenset(
    {"py", "md", "sh", "rs", "js", "ts", "cc", "pl", "so", "gz", "ps", "ai", "mk", "vb", "cs", "hs"}
)
"""Endings of two letters that name a file as often as a country."""


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link and where it stands: `start` and `end` are places in the text as it was given, in characters. `certain`:
    it is a link, and not perhaps a file's name or two sentences without a space between them."""

    link: Link
    start: int
    end: int
    certain: bool


def links_in(text: str) -> Iterator[FoundLink]:
    """The links in a text, in the order in which they begin. Takes time in proportion to the text's length and raises
    nothing, whatever the text."""
    shown, places = _shown(text)
    at = 0
    for written in _WITH_SCHEME.finditer(shown):
        yield from _bare(shown, places, at, written.start())
        yield from _schemed(written[0], written.start(), places)
        at = written.end()
    yield from _bare(shown, places, at, len(shown))


def _schemed(written: str, start: int, places: list[int]) -> Iterator[FoundLink]:
    whole = _trimmed(written)
    link = normalised(whole)
    if link is not None:
        yield FoundLink(link, places[start], places[start + len(whole) - 1] + 1, certain=True)
    for inner in islice(_INNER.finditer(whole, 1), _MAX_INNER):
        # As a parameter it may be escaped, and another parameter may follow it.
        inside = normalised(_unescaped_scheme(whole[inner.start() :]))
        if inside is not None:
            yield FoundLink(inside, places[start + inner.start()], places[start + len(whole) - 1] + 1, certain=True)


def _bare(shown: str, places: list[int], start: int, end: int) -> Iterator[FoundLink]:
    """Links without a scheme. An e-mail address is none."""
    for written in _WITHOUT.finditer(shown, start, end):
        whole = _trimmed(written[0])
        lead = len(whole) - len(whole.lstrip(".-%@_"))
        whole = whole[lead:]
        if not ({".", "\u3002"} & set(whole)) or ("@" in written["host"] and not written["tail"]):
            continue
        link = normalised(whole)
        if link is None or not _named(link.host, whole):
            continue
        first = written.start() + lead
        certain = _certain(link.host, whole, has_path=bool(written["tail"]))
        yield FoundLink(link, places[first], places[first + len(whole) - 1] + 1, certain)


def _named(host: str, written: str) -> bool:
    """Whether a bare name can be one: "p.m" has no ending, and numbers are an address only if all four are there."""
    ending = host.rpartition(".")[2]
    return written.startswith(host) if ending.isdecimal() else len(ending) > 1


def _certain(host: str, written: str, *, has_path: bool) -> bool:
    name = host.rpartition(".")[2]
    if host.startswith("www."):
        return True
    if name.isdecimal() or name in _FILES:
        return has_path
    # "here.My" is the end of one sentence and the beginning of another.
    one_case = not written[: len(host)].rpartition(".")[2].istitle()
    return one_case and (name in _NAMES or (len(name) == 2 and name.isalpha()))


def _shown(text: str) -> tuple[str, list[int]]:
    """The text without what is invisible, with compatible letters as one and bracketed dots as dots; and for each of
    its characters the place in `text`."""
    signs: list[str] = []
    places: list[int] = []
    for at, sign in enumerate(text):
        if sign.isascii():
            signs.append(sign)
            places.append(at)
        elif unicodedata.category(sign) != "Cf" and not "\ufe00" <= sign <= "\ufe0f" and sign != "\u034f":
            plain = unicodedata.normalize("NFKC", sign)
            signs += plain
            places += [at] * len(plain)
    shown = "".join(signs)
    last = 0
    parts: list[str] = []
    kept: list[int] = []
    for hidden in _BRACKETED.finditer(shown):
        plain = "." if hidden[1] else hidden[2][1:-1]
        parts += (shown[last : hidden.start()], plain)
        kept += places[last : hidden.start()] + [places[hidden.start()]] * len(plain)
        last = hidden.end()
    return "".join((*parts, shown[last:])), kept + places[last:]


def _trimmed(written: str) -> str:
    """Without the punctuation of the sentence that it stands in; a bracket goes unless it was opened inside."""
    end = len(written)
    open_or_not = {close: written.count(close) - written.count(opened) for opened, close in _PAIRS}
    while end:
        sign = written[end - 1]
        if open_or_not.get(sign, 0) > 0:
            open_or_not[sign] -= 1
        elif sign not in _AFTERWARDS:
            break
        end -= 1
    return written[:end]


def _unescaped_scheme(written: str) -> str:
    escaped = written[:20].lower().find("%")
    if 0 <= escaped <= len("https"):
        return "".join(map(chr, unescaped(written)))
    return written
