"""The page to take away: it asks nobody for anything, hides nothing that did not hold, and invents no figure."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from foreseal_client.cli.story import story
from foreseal_client.demo import steps
from foreseal_client.demo.recording import Frame
from foreseal_client.demo.scenario import named
from foreseal_client.demo.scene import Settled
from foreseal_client.demo.walk_through import brief, walk_through
from foreseal_client.tui.recorded import recorded

MEASURED = Path(__file__).resolve().parents[3] / "docs" / "measuring.md"
FONT = '@font-face { font-family: "F"; src: url("https://fonts.example/f.woff2"); }'
SVG = f'<svg xmlns="http://www.w3.org/2000/svg"><!-- by https://made.example --><style>{FONT}</style></svg>'
HOSTILE = '<script src="//evil.example">&"'
FETCHES = re.compile(r"https?:|//\w|<script|<link|<iframe|\burl\((?!#)|@import|\bon\w+=|javascript:", re.IGNORECASE)


class Tags(HTMLParser):
    """Which elements a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.met: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.met.add(tag)


def frame(*, held_up: bool = True, say: str = "It is said.", side: str = "nothing") -> Frame:
    step = steps.Search(say=say, claim="Nothing is found.", phrase="something", found=False)
    return Frame(Settled(step, held_up, {"seen": say}), {"Alice": side}, SVG)


def page(*frames: Frame) -> str:
    return walk_through(named("group"), frames, date(2026, 11, 22))


def test_nothing_in_the_page_is_fetched_or_run() -> None:
    written = page(frame())
    assert not FETCHES.search(written), FETCHES.search(written)
    assert "default-src 'none'" in written


@pytest.mark.parametrize("at", ["say", "side"])
def test_what_a_person_wrote_is_text_and_not_markup(at: str) -> None:
    parser = Tags()
    parser.feed(page(frame(**{at: HOSTILE})))  # type: ignore[arg-type]
    assert "script" not in parser.met
    assert "&lt;script" in page(frame(**{at: HOSTILE}))  # type: ignore[arg-type]


def test_what_does_not_hold_is_said_in_the_page() -> None:
    written = page(frame(), frame(held_up=False))
    assert "1 of 2 claims held" in written
    assert "IT DOES NOT HOLD: Nothing is found." in written
    assert "IT DOES NOT HOLD" not in page(frame())


def test_the_brief_has_two_sides_with_figures_and_unknowns_each() -> None:
    sides = brief()
    assert [side.title.split()[-1] for side in sides] == ["for", "against"]
    assert all(len(side.figures) >= 3 and len(side.unknowns) >= 3 for side in sides)
    assert abs(len(sides[0].text) - len(sides[1].text)) < 200


@pytest.mark.parametrize("figure", [figure for side in brief() for _, figure in side.figures])
def test_every_figure_of_the_brief_was_measured(figure: str) -> None:
    assert re.search(rf"(?<![\d.,]){re.escape(figure)}(?![\d])", MEASURED.read_text(encoding="utf-8"))


async def test_a_run_on_the_screen_is_recorded_step_by_step(tmp_path: Path) -> None:
    scenario = named("known-picture-held")
    frames = await recorded(scenario)
    assert [one.settled.step for one in frames] == list(scenario.steps)
    assert all(one.settled.held_up for one in frames)
    held = next(one for one in frames if one.settled.stopped is not None)
    assert "Not&#160;sent" in held.svg
    assert held.sides["The relay"] == "nothing"
    assert "Shall we meet at the lighthouse" in frames[1].sides["Bob"]
    written = walk_through(scenario, frames, date(2026, 11, 22))
    assert not FETCHES.search(written)
    assert len(written) < 4_000_000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [([], "--out"), (["--out", "page.html", "--scenario", "nope"], "There is no scenario 'nope'")],
)
def test_what_cannot_be_written_is_said_in_a_sentence(arguments: list[str], said: str) -> None:
    ran = CliRunner().invoke(story, arguments)
    assert ran.exit_code == 2
    assert said in ran.stderr
