"""Writes links.json. Forms and prefixes come from the examples of the safe-browsing lists' description
(developers.google.com/safe-browsing/v4/urls-hashing) and the URL standard, and are kept here by hand: the digests
alone are computed, from the forms written here and not by the code under test."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

FORMS: dict[str, str | None] = {
    "http://host.example/%25%32%35": "host.example/%25",
    "http://host.example/%25%32%35%25%32%35": "host.example/%25%25",
    "http://host.example/%2525252525252525": "host.example/%25",
    "http://host.example/asdf%25%32%35asd": "host.example/asdf%25asd",
    "http://host.example/%%%25%32%35asd%%": "host.example/%25%25%25asd%25%25",
    "http://%31%36%38%2e%31%38%38%2e%39%39%2e%32%36/%2E%73%65%63%75%72%65/": "168.188.99.26/.secure/",
    "http://195.127.0.11/uploads/%20%20/.verify/": "195.127.0.11/uploads/%20%20/.verify/",
    "http://host.example/%257Ea%2521b%2540c%2523d%2524e%25f%255E00%252611": "host.example/~a!b@c%23d$e%25f^00&11",
    "http://3279880203/blah": "195.127.0.11/blah",
    "http://0xc3.0x7f.0.013/blah": "195.127.0.11/blah",
    "http://195.8323083/": "195.127.0.11/",
    "http://www.example.com/blah/..": "www.example.com/",
    "http://www.example.com/a/./b/../../c/.": "www.example.com/c/",
    "http://www.example.com/../../../x": "www.example.com/x",
    "www.example.com": "www.example.com/",
    "http://www.example.com/blah#frag#more": "www.example.com/blah",
    "http://www.EXAMPLE.com/CaSe": "www.example.com/CaSe",
    "http://www.example.com.../": "www.example.com/",
    "http://..www..example.com/": "www.example.com/",
    "http://www.example.com/foo\tbar\rbaz\n2": "www.example.com/foobarbaz2",
    "http://www.example.com/q?": "www.example.com/q?",
    "http://www.example.com/q?r?s": "www.example.com/q?r?s",
    "http://example.com/foo;": "example.com/foo;",
    "http://example.com:1234/": "example.com/",
    "https://example.com:443/": "example.com/",
    "  http://www.example.com/  ": "www.example.com/",
    "http://example.com/ab%23cd": "example.com/ab%23cd",
    "http://example.com/ab%3Fcd?e": "example.com/ab%3Fcd?e",
    "http://example.com//twoslashes?more//slashes": "example.com/twoslashes?more//slashes",
    "http://example.com/?utm_source=x&id=1": "example.com/?utm_source=x&id=1",
    "http://user:word@example.com/": "example.com/",
    "http://good.example@example.com/": "example.com/",
    "http:\\\\example.com\\a\\b": "example.com/a/b",
    "hxxps://example.com/a": "example.com/a",
    "http://bücher.example/ä": "xn--bcher-kva.example/%C3%A4",
    "http://BÜCHER.example/": "xn--bcher-kva.example/",
    "http://xn--bcher-kva.example/": "xn--bcher-kva.example/",
    "http://faß.example/": "xn--fa-hia.example/",
    "http://例え。テスト/": "xn--r8jz45g.xn--zckzah/",
    "http://ｅｘａｍｐｌｅ．com/": "example.com/",  # noqa: RUF001
    "http://exam\u00adple.com/": "example.com/",
    "http://[2001:DB8:0:0::1]:8080/x": "[2001:db8::1]/x",
    "http://localhost/": None,
    "http://": None,
    "": None,
    "http://host%23.com/": None,
    "http:// leading.example/": None,
    "http://-a.example/": None,
    "http://1.2.3.4.5/": None,
    "http://256.1.1.1/": None,
    "http://[::g]/": None,
    "http://[::1/": None,
    f"http://{'a' * 64}.example/": None,
    f"http://{'a.' * 130}example/": None,
}
PREFIXES = {
    "http://a.b.c/1/2.html?param=1": [
        "a.b.c/1/2.html?param=1", "a.b.c/1/2.html", "a.b.c/", "a.b.c/1/",
        "b.c/1/2.html?param=1", "b.c/1/2.html", "b.c/", "b.c/1/",
    ],
    "http://a.b.c.d.e.f.g/1.html": [
        "a.b.c.d.e.f.g/1.html", "a.b.c.d.e.f.g/", "c.d.e.f.g/1.html", "c.d.e.f.g/", "d.e.f.g/1.html", "d.e.f.g/",
        "e.f.g/1.html", "e.f.g/", "f.g/1.html", "f.g/",
    ],
    "http://1.2.3.4/1/": ["1.2.3.4/1/", "1.2.3.4/"],
    "http://b.c/1/2/3/4/5.html": [
        "b.c/1/2/3/4/5.html", "b.c/", "b.c/1/", "b.c/1/2/", "b.c/1/2/3/",
    ],
}  # fmt: skip
TEXTS: dict[str, list[tuple[str, str, bool]]] = {
    "see https://example.com/a.": [("https://example.com/a", "example.com/a", True)],
    "good (example.com).": [("example.com", "example.com/", True)],
    "https://wiki.example/A_(b)).": [("https://wiki.example/A_(b)", "wiki.example/A_(b)", True)],
    "hxxps://evil[.]example[.]com/path": [("hxxps://evil[.]example[.]com/path", "evil.example.com/path", True)],
    "example [dot] com": [("example [dot] com", "example.com/", True)],
    "http[:]//a.example": [("http[:]//a.example", "a.example/", True)],
    "h**ps://foo.example": [("h**ps://foo.example", "foo.example/", True)],
    "seehttp://x.example/": [("http://x.example/", "x.example/", True)],
    "exa\u200bmple.com/x": [("exa\u200bmple.com/x", "example.com/x", True)],
    "ｅｘａｍｐｌｅ．ｃｏｍ": [("ｅｘａｍｐｌｅ．ｃｏｍ", "example.com/", True)],  # noqa: RUF001
    "请看https://example.com/页面。谢谢": [("https://example.com/页面", "example.com/%E9%A1%B5%E9%9D%A2", True)],
    "the end.My name": [("end.My", "end.my/", False)],
    "readme.txt and main.py": [("readme.txt", "readme.txt/", False), ("main.py", "main.py/", False)],
    "1.2.3.4/x": [("1.2.3.4/x", "1.2.3.4/x", True)],
    "a.com, b.org": [("a.com", "a.com/", True), ("b.org", "b.org/", True)],
    "bob@example.com": [],
    "3.14 and 10 p.m. and...": [],
    "and/or he/she": [],
}


def main() -> None:
    """Writes the file beside this one."""
    vectors = {
        "forms": [{"written": written, "form": form} for written, form in FORMS.items()],
        "prefixes": [
            {"written": written, "prefixes": prefixes, "digest": hashlib.sha256(prefixes[0].encode()).hexdigest()}
            for written, prefixes in PREFIXES.items()
        ],
        "texts": [
            {
                "text": text,
                "links": [
                    {"form": form, "start": text.index(part), "end": text.index(part) + len(part), "certain": certain}
                    for part, form, certain in links
                ],
            }
            for text, links in TEXTS.items()
        ],
    }
    Path(__file__).with_name("links.json").write_text(json.dumps(vectors, indent=1) + "\n")


if __name__ == "__main__":
    main()
