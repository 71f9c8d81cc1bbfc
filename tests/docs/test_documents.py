"""The documents name what exists and the numbers that hold."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from architecture.sources import modules
from docs.pages import ROOT, pages, prose, rows

ARCHITECTURE = "docs/architecture.md"
LIMITS = "docs/limits.md"
DECISIONS = sorted(page for page in pages() if page.startswith("docs/decisions/"))
FACTORS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
LIMIT_MODULES = (
    "foreseal_matcher.content",
    "foreseal_matcher.film_limits",
    "foreseal_relay.limits",
    "foreseal_client.draft",
)
NO_LIMITS = {"DAY", "HOUR", "CHECKING", "LISTING"}


def links(page: str) -> Iterator[str]:
    """Where the page's links lead, those to other sites left out."""
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose(page)):
        if not re.match(r"[a-z]+:", target):
            yield unquote(target)


def anchors(page: str) -> set[str]:
    """The names that headings can be linked by."""
    heads = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def steps() -> list[list[str]]:
    return [row for row in rows(ARCHITECTURE, 4) if row[1].startswith("`")]


def limits() -> dict[str, str]:
    return {row[0].strip("`"): row[1] for row in rows(LIMITS, 3) if row[0].startswith("`foreseal_")}


def value_of(name: str) -> object:
    module, _, constant = name.rpartition(".")
    return getattr(importlib.import_module(module), constant)


def numbers_in(cell: str) -> list[int]:
    found = re.findall(r"([\d,]*\d)(?: (KiB|MiB|GiB))?", cell)
    return [int(digits.replace(",", "")) * FACTORS.get(unit, 1) for digits, unit in found]


@pytest.mark.parametrize("page", pages())
def test_every_link_leads_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    for target in links(page):
        path, _, anchor = target.partition("#")
        there = (folder / path).resolve() if path else ROOT / page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there.relative_to(ROOT).as_posix()), target


def test_a_heading_is_linked_as_the_protocol_links_its_last_section() -> None:
    assert "inside-the-body" in anchors("docs/protocol.md")
    assert "#inside-the-body" in set(links("docs/protocol.md"))


def test_both_ways_are_told_step_by_step() -> None:
    told = [row[0].split(":")[0].split(",")[0] for row in steps()]
    assert [step for step in told if step in ("screen", "decide", "seal", "open", "show")] == [
        "screen", "decide", "seal", "open", "screen", "decide", "show",
    ]  # fmt: skip


@pytest.mark.parametrize("row", steps(), ids=lambda row: row[0])
def test_the_file_and_the_types_of_a_step_exist(row: list[str]) -> None:
    file = ROOT / row[1].strip("`")
    assert file.is_file()
    named = set(re.findall(r"[A-Z]\w+", " ".join(re.findall(r"`([^`]+)`", row[2] + row[3]))))
    assert named
    text = file.read_text(encoding="utf-8")
    assert any(re.search(rf"\b{name}\b", text) for name in named), f"{file.name} speaks of none of {named}"
    for name in named:
        homes = [module.name for module in modules() if module.exported and name in module.exported]
        homes += [
            module.name for module in modules() if module.name == "foreseal_relay.wire" and name in module.assigned
        ]
        assert homes, name
        assert isinstance(getattr(importlib.import_module(homes[0]), name), type)


def test_architecture_names_every_room() -> None:
    told = set(re.findall(r"`([\w/]+)/`", pages()[ARCHITECTURE]))
    homes = ("matcher/foreseal_matcher", "relay/foreseal_relay", "client/foreseal_client")
    rooms = {
        folder.relative_to(ROOT / home).as_posix()
        for home in homes
        for folder in (ROOT / home).rglob("*")
        if (folder / "__init__.py").is_file()
    }
    assert len(rooms) > 30
    # A room within one that is named here is told of there.
    assert {room for room in rooms if room.split("/")[0] not in told} == set()


def test_the_readme_leads_to_every_page() -> None:
    there = {page for page in pages() if re.fullmatch(r"docs/(?!decisions/).+\.md", page)}
    assert len(there) > 15
    assert there - set(links("README.md")) == set()


def test_architecture_names_every_contract_and_no_other() -> None:
    configured = re.findall(r'^id = "([^"]+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    told = " ".join(re.findall(r"import-linter ((?:`[\w-]+`(?:, )?)+)", pages()[ARCHITECTURE]))
    assert sorted(re.findall(r"`([^`]+)`", told)) == sorted(configured)


@pytest.mark.parametrize(("name", "told"), limits().items())
def test_a_limit_has_the_value_that_the_page_says(name: str, told: str) -> None:
    value = value_of(name)
    wanted = list(value) if isinstance(value, tuple) else [value]
    assert numbers_in(told)[: len(wanted)] == wanted


@pytest.mark.parametrize("module", LIMIT_MODULES)
def test_no_limit_of_a_module_is_left_out(module: str) -> None:
    exported: list[str] = importlib.import_module(module).__all__
    named = {f"{module}.{name}" for name in exported if name.isupper()} - {f"{module}.{name}" for name in NO_LIMITS}
    assert named
    assert named - set(limits()) == set()


@pytest.mark.parametrize("page", DECISIONS)
def test_a_decision_says_what_and_why_what_was_refused_and_its_price_on_one_page(page: str) -> None:
    text = pages()[page]
    assert [part for part in ("**Decided.**", "**Why.**", "efused**", "**Price.**") if part not in text] == []
    assert len(text.splitlines()) <= 60


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(page.split("/")[-1][:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("page", pages())
def test_no_page_names_a_registry_or_a_folder_of_one_machine(page: str) -> None:
    assert re.findall(r"p[y]pi|python[h]osted|/(?:home|root|work|tmp|Users)/", pages()[page], re.IGNORECASE) == []


@pytest.mark.parametrize("page", ["README.md", "docs/threat-model.md"])
def test_a_page_that_says_one_name_says_the_other(page: str) -> None:
    assert "*upload prevention*" in pages()[page]
    assert "*client-side scanning*" in pages()[page]


@pytest.mark.parametrize("page", pages())
def test_every_python_file_that_a_page_names_in_full_exists(page: str) -> None:
    named = re.findall(r"`((?:client|relay|matcher|tests|docs)/[\w./-]+\.(?:py|md|json|sql|tcss))`", prose(page))
    assert [path for path in named if not (ROOT / path).exists()] == []
