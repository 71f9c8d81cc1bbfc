"""The figures of a report: SVG, the same bytes for the same findings."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from typing import Any

# Before it is imported: where it finds no home to write into it takes a temporary folder, as it should, and says so in
# words for those who program with it.
logging.getLogger("matplotlib").setLevel(logging.ERROR)

import matplotlib as mpl  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from foreseal_client.study.found import Finding  # noqa: E402

__all__ = ["dots", "histogram", "histograms", "lines"]

Series = Sequence[tuple[str, Sequence[float]]]
"""Names and values."""
_STYLE: Any = {
    "svg.hashsalt": "foreseal",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
# Told apart in grey and by most people who see colours otherwise; markers differ too.
_SERIES = (("o", "#1b3a5c"), ("s", "#c05a1c"), ("^", "#4d8a56"), ("D", "#8a5a9c"), ("v", "#777777"), ("P", "#b59f2b"))


def dots(found: Sequence[tuple[str, str, Finding]], axis: str, low: float = 0.0, high: float = 1.0) -> str:
    """One row for each name, one dot with its interval for each series: (name, series, finding)."""
    names = list(dict.fromkeys(name for name, _, _ in found))
    series = list(dict.fromkeys(each for _, each, _ in found))
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(7.2, 0.9 + 0.24 * len(names)), layout="constrained")
        axes = figure.add_subplot()
        for at, each in enumerate(series):
            points = [(names.index(name), one) for name, belongs, one in found if belongs == each]
            marker, colour = _SERIES[at % len(_SERIES)]
            places = [row + (at - (len(series) - 1) / 2) * 0.2 for row, _ in points]
            below = [max(0.0, one.value - one.low) for _, one in points]
            above = [max(0.0, one.high - one.value) for _, one in points]
            values = [one.value for _, one in points]
            axes.errorbar(values, places, xerr=[below, above], fmt=marker, color=colour, label=each, ms=4, lw=1)
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.set_xlim(low - 0.02 * (high - low), high + 0.02 * (high - low))
        axes.set_xlabel(axis)
        axes.grid(axis="x", color="#dddddd", lw=0.6)
        if len(series) > 1:
            axes.legend(
                ncols=min(4, len(series)), loc="upper center", bbox_to_anchor=(0.4, 0), frameon=False, borderaxespad=4
            )
        return _svg(figure)


def histogram(series: Series, axis: str, limit: float, longest: int = 256) -> str:
    """How many of each series lie how far apart, each as shares of itself, and where the limit is."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(7.2, 2.4), layout="constrained")
        axes = figure.add_subplot()
        _steps(axes, series, limit, longest)
        axes.set_xlabel(axis)
        axes.set_ylabel("share")
        axes.legend(frameon=False)
        return _svg(figure)


def histograms(panels: Sequence[tuple[str, Series, float, int]]) -> str:
    """Several of them side by side, two a row: (name, series, limit, bits)."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(7.2, 1.9 * -(-len(panels) // 2)), layout="constrained")
        grid = figure.subplots(-(-len(panels) // 2), 2, squeeze=False)
        for axes, (name, series, limit, bits) in zip(grid.flat, panels, strict=False):
            _steps(axes, series, limit, bits)
            axes.set_xlabel(f"bits, {name}")
        for axes in grid.flat[len(panels) :]:
            axes.set_axis_off()
        grid.flat[0].legend(frameon=False)
        return _svg(figure)


def _steps(axes: Any, series: Series, limit: float, longest: int) -> None:
    wide = max(1, longest // 64)
    edges = [wide * at for at in range(longest // wide + 2)]
    for (name, values), (_, colour) in zip(series, _SERIES, strict=False):
        finite = [each for each in values if each <= longest]
        if finite:
            shares = [1 / len(values)] * len(finite)
            axes.hist(finite, edges, weights=shares, histtype="step", color=colour, label=name, lw=1.4)
    axes.axvline(limit, color="black", lw=0.9, ls="--")
    axes.text(limit, axes.get_ylim()[1], f" limit {limit:g}", va="top", fontsize=8)


def lines(series: Sequence[tuple[str, Sequence[tuple[float, float]]]], across: str, up: str) -> str:
    """Lines over a logarithmic axis."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(7.2, 2.6), layout="constrained")
        axes = figure.add_subplot()
        for (name, points), (marker, colour) in zip(series, _SERIES, strict=False):
            axes.plot(*zip(*points, strict=True), marker=marker, color=colour, label=name, lw=1.2, ms=4)
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.legend(frameon=False)
        return _svg(figure)


def _svg(figure: Any) -> str:
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": "foreseal study"})
    text = file.getvalue().decode()
    # What stands in a page begins with the element itself.
    return text[text.index("<svg") :]
