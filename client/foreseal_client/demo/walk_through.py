"""A run that was shown, as one page to take away: no script, no outside request, fit to be printed.

What stands in it is escaped where it comes from a person or a device. The pictures of the screens are Textual's own
export; its web font is taken out, so that opening the page asks nobody for anything.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from datetime import date
from html import escape
from importlib import resources
from string import Template
from typing import Final

import msgspec

from foreseal_client.demo.evidence import readable
from foreseal_client.demo.recording import Frame
from foreseal_client.demo.scenario import Scenario
from foreseal_client.words import DEMO

__all__ = ["Side", "brief", "walk_through"]

_FONT: Final = re.compile(r"@font-face\s*\{[^}]*\}")
_GENERATED: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK: Final = re.compile(r'(xmlns(:\w+)?)="https?://[^"]*"')


class Side(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One page of the brief. `figures`: what was measured, and the figure as docs/measuring.md has it."""

    title: str
    text: str
    figures: tuple[tuple[str, str], ...]
    unknowns: tuple[str, ...]


class _Brief(msgspec.Struct, frozen=True):
    side: tuple[Side, ...]


def brief() -> tuple[Side, ...]:
    """The strongest case for, and the strongest against."""
    text = resources.files(__package__).joinpath("brief.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), _Brief).side


def walk_through(scenario: Scenario, frames: Sequence[Frame], day: date) -> str:
    """The page, in HTML."""
    page = Template(resources.files(__package__).joinpath("page.html").read_text("utf-8"))
    return page.substitute(
        title=escape(scenario.title), sentence=escape(DEMO), shows=escape(scenario.shows), day=day.isoformat(),
        kept=sum(frame.settled.held_up for frame in frames), count=len(frames), limits=escape(scenario.limits),
        steps="\n".join(_step(number, frame) for number, frame in enumerate(frames, 1)),
        sides="\n".join(_side(side, frames) for side in brief()),
    )  # fmt: skip


def _step(number: int, frame: Frame) -> str:
    settled = frame.settled
    rows = "".join(f"<tr><th>{escape(who)}</th><td>{escape(what)}</td></tr>" for who, what in frame.sides.items())
    verdict = "It holds" if settled.held_up else "IT DOES NOT HOLD"
    return (
        f'<section class="step"><h2>{number}. {escape(settled.step.say)}</h2>'
        f"<figure>{_own(frame.svg)}<figcaption>{escape(settled.step.look)}</figcaption></figure>"
        f'<p class="held">{verdict}: {escape(settled.step.claim)}</p>'
        f'<p class="seen">Seen: {escape(readable(settled.evidence))}</p>'
        f"<table><caption>What each side saw last</caption>{rows}</table></section>"
    )


def _own(svg: str) -> str:
    """The picture without what would be fetched from elsewhere. In a page a name space need not be named."""
    return _LINK.sub("", _GENERATED.sub("", _FONT.sub("", svg)))


def _side(side: Side, frames: Sequence[Frame]) -> str:
    rows = "".join(f"<tr><td>{escape(what)}</td><td>{escape(figure)}</td></tr>" for what, figure in side.figures)
    stopped = [frame.settled.evidence for frame in frames if frame.settled.stopped is not None]
    bytes_out = sum(int(str(one.get("bytes_out", 0))) for one in stopped)
    measured = f"<tr><td>times something was stopped in this run</td><td>{len(stopped)}</td></tr>"
    if stopped:
        measured += f"<tr><td>bytes that left because of it</td><td>{bytes_out}</td></tr>"
    unknowns = "".join(f"<li>{escape(one)}</li>" for one in side.unknowns)
    return (
        f'<section class="side"><h2>{escape(side.title)}</h2><p>{escape(side.text.strip())}</p>'
        f"<h3>Figures</h3><table>{rows}{measured}</table>"
        "<p>From docs/measuring.md, 2026-11-22, on a shared 2-core x86 Linux server, which is no phone; the last rows "
        f"from this run.</p><h3>Unknown</h3><ul>{unknowns}</ul></section>"
    )
