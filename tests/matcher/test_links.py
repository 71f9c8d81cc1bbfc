"""Links in a text: found, brought into one form, and matched by page, folder and site."""

from __future__ import annotations

import json
import string
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_matcher import Bytes, Clear, ListNotWritten, ListSet, Match, Reason, Unreadable, Written, screen
from foreseal_matcher.content import MAX_LINKS
from foreseal_matcher.fingerprints.links import MAX_PREFIXES, normalised
from foreseal_matcher.link_finding import links_in
from foreseal_matcher.lists import Purpose, build_list, from_links

TODAY = date(2026, 11, 22)
VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "links.json").read_text())
LISTED = ("https://site.example", "https://pages.example/bad/page.html?id=7", "folder.example/kept/out/")
SIGNS = st.text(alphabet=string.ascii_letters + string.digits + "%./\\?#@:[]&=-_ \t\u200b\u3002äßЖ2eF5", max_size=60)


def listing(*links: str, folder: Path) -> ListSet:
    hashes = from_links(links, "links.txt", 1, category="example", source="tests")
    build_list(folder, hashes, name="links", version="1", made=TODAY, purpose=Purpose.SYNTHETIC)
    return ListSet.open([folder], TODAY)


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> ListSet:
    return listing(*LISTED, folder=tmp_path_factory.mktemp("links"))


def found(text: str, lists: ListSet) -> Match | None:
    verdict = screen(Written(text), lists).verdict
    assert isinstance(verdict, Match | Clear)
    return verdict if isinstance(verdict, Match) else None


@pytest.mark.parametrize("vector", VECTORS["forms"], ids=lambda vector: repr(vector["written"])[:60])
def test_a_link_has_the_form_that_the_vector_says(vector: dict[str, str | None]) -> None:
    link = normalised(str(vector["written"]))
    assert (None if link is None else str(link)) == vector["form"]


@pytest.mark.parametrize("vector", VECTORS["prefixes"], ids=lambda vector: str(vector["written"]))
def test_a_link_is_looked_up_by_the_prefixes_of_the_vector(vector: dict[str, list[str] | str]) -> None:
    link = normalised(str(vector["written"]))
    assert link is not None
    assert sorted(link.prefixes()) == sorted(vector["prefixes"])
    assert link.digest.hex() == vector["digest"]


@pytest.mark.parametrize("vector", VECTORS["texts"], ids=lambda vector: repr(vector["text"])[:60])
def test_the_links_of_a_text_are_those_of_the_vector(vector: dict[str, object]) -> None:
    links = [
        {"form": str(one.link), "start": one.start, "end": one.end, "certain": one.certain}
        for one in links_in(str(vector["text"]))
    ]
    assert links == vector["links"]


@given(SIGNS)
def test_normalising_again_changes_nothing(written: str) -> None:
    link = normalised(f"http://host.example/{written}")
    assert link is not None
    assert normalised(str(link)) == link


@given(SIGNS)
def test_a_host_is_refused_or_stays_what_it_became(written: str) -> None:
    link = normalised(written)
    if link is not None:
        assert link.host.isascii()
        assert normalised(link.host) == normalised(f"{link.host}/")
        assert str(link).isascii()


@given(st.text(max_size=200))
def test_no_text_raises_and_links_stand_inside_it(text: str) -> None:
    for one in links_in(text):
        assert 0 <= one.start < one.end <= len(text)
        assert 1 <= len(list(one.link.digests())) <= MAX_PREFIXES


@given(st.text(alphabet=string.ascii_letters + " ,!\n", max_size=80))
def test_text_without_a_dot_or_a_scheme_holds_no_link(text: str) -> None:
    assert list(links_in(text)) == []


@pytest.mark.parametrize(
    "unit",
    [
        "a.",
        "http://",
        "http://a.co ",
        "%25",
        "[.]",
        "(",
        "@",
        "https:",
        "/a",
        "/..",
        "你。",
        "-.",
        ".",
        "%",
        "[dot",
        "\u200b",
    ],
)
@pytest.mark.parametrize("start", ["", "http://a.example/"])
def test_nonsense_takes_steps_in_proportion_to_its_length(unit: str, start: str) -> None:
    """Steps and not time: Python's tracing counts lines, and a line may not be run once for each pair of signs."""
    import sys

    steps = 0

    def count(*_: object) -> object:
        nonlocal steps
        steps += 1
        return count

    text = (start + unit * 3_000)[:3_000]
    before = sys.gettrace()
    sys.settrace(count)  # type: ignore[arg-type]
    try:
        for one in links_in(text):
            list(one.link.digests())
    finally:
        sys.settrace(before)
    assert steps < 150 * len(text)


@pytest.mark.parametrize(
    "text",
    [
        "look: https://site.example/any/page?x=1",
        "HTTP://SITE.EXAMPLE.",
        "under it: deep.down.site.example/x",
        "http://friend.example@site.example/",
        "hxxps://site[.]example/a",
        "s\u200bite.example/a",
        "http://site.example:8443/",
        "http://site%2Eexample/",
        "(http://pages.example/bad/../bad/page.html?id=7)",
        "https://folder.example/kept/out/of/sight.html",
        "https://a.example/?to=https%3A%2F%2Fsite.example%2F",
    ],
)
def test_a_listed_link_is_found_however_it_is_written(lists: ListSet, text: str) -> None:
    match = found(text, lists)
    assert match is not None
    assert (match.entry.algorithm, match.distance, match.list_name) == ("link", 0, "links")


@pytest.mark.parametrize(
    "text",
    [
        "https://pages.example/bad/page.html?id=8",
        "https://pages.example/bad/page.html",
        "https://pages.example/",
        "https://folder.example/kept/",
        "https://mysite.example/",
        "https://site.example.other.example/",
        "https://other.example/site.example",
        "somebody@site.example",
        "site example",
    ],
)
def test_a_neighbour_of_a_listed_link_is_clear(lists: ListSet, text: str) -> None:
    assert found(text, lists) is None


def test_a_match_says_where_in_the_text_it_stands(lists: ListSet) -> None:
    text = "Hé, see http://ok.example/ and hxxp://si\u200bte.example, please"
    match = found(text, lists)
    assert match is not None
    assert match.span is not None
    assert text[slice(*match.span)] == "hxxp://si\u200bte.example"


def test_a_listed_page_with_its_parameters_does_not_list_the_page_without_them(tmp_path: Path) -> None:
    both = listing("a.example/x?y", "b.example/x", folder=tmp_path)
    assert found("http://a.example/x", both) is None
    assert found("http://b.example/x?y", both) is not None


@pytest.mark.parametrize(
    "text", ["", "no links here", "See readme.txt, main.py and 3.14", "the end.My next", "a@b.example"]
)
def test_plain_text_is_clear_without_any_list(text: str) -> None:
    assert screen(Written(text), ListSet.empty()).verdict == Clear()


@pytest.mark.parametrize(
    "text", ["http://a.example", "www.a.example", "example.com", "site.de/page", "http://1.2.3.4/"]
)
def test_a_link_is_unreadable_without_any_list(text: str) -> None:
    verdict = screen(Written(text), ListSet.empty()).verdict
    assert isinstance(verdict, Unreadable)
    assert verdict.reason is Reason.LIST_ABSENT


def test_a_text_with_too_many_links_is_unreadable_unless_an_early_one_is_listed(lists: ListSet) -> None:
    many = "a.com " * (MAX_LINKS + 1)
    verdict = screen(Written(many), lists).verdict
    assert isinstance(verdict, Unreadable)
    assert verdict.reason is Reason.TOO_MANY_LINKS
    assert found(f"site.example {many}", lists) is not None
    assert found("a.com " * MAX_LINKS, lists) is None


def test_what_a_file_says_inside_is_not_read(lists: ListSet) -> None:
    assert screen(Bytes(b"http://site.example/", "note.txt"), lists).verdict == Clear((Reason.OTHER_KIND,))


def test_links_that_are_the_same_are_listed_once() -> None:
    lines = ["# a comment", "", "http://A.example", "a.example/", "https://a.example:443/#top"]
    listed = list(from_links(lines, "links.txt", 5, category="c", source="s"))
    assert [line.entry.id for line in listed] == [5]


@pytest.mark.parametrize("line", ["nothing", "http://", "two words.example", "http://exa mple.com/", "3.14.15.92.65"])
def test_a_line_that_is_no_link_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(ListNotWritten, match=r"links\.txt, line 2"):
        list(from_links(["a.example", line], "links.txt", 1, category="c", source="s"))


def test_a_list_without_links_finds_none(list_folder: Path) -> None:
    pictures = ListSet.open([list_folder], TODAY)
    assert set(pictures.lists[0].counts) == {"pdq", "sha256"}
    assert found("http://site.example/", pictures) is None
