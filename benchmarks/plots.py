"""Plots of a record as SVG: its colours are variables of the page, so that light and dark are the page's business."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, FormatStrFormatter, LogLocator, MaxNLocator

from .record import Data, measured

# Matplotlib draws with real colours; these are replaced in what it has drawn.
_INK, _GRID, _GENTCP, _RAW, _OTHER, _GOAL = "#010101", "#010102", "#010103", "#010104", "#010105", "#010106"
_VARIABLES = {
    _INK: "--ink", _GRID: "--grid", _GENTCP: "--gentcp", _RAW: "--raw", _OTHER: "--other", _GOAL: "--goal",
}  # fmt: skip
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": _INK,
    "axes.edgecolor": _GRID,
    "axes.labelcolor": _INK,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "axes.axisbelow": True,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "grid.color": _GRID,
    "grid.linewidth": 0.8,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "ytick.left": False,
    "legend.frameon": False,
}
_WIDTH, _ROW = 11.0, 0.27
"""Inches."""


def comparison(workload: Data) -> str:
    """The figure, its ratio to the base, and the cost, a row for each contestant; whiskers are quartiles."""
    rows = list(reversed(measured(workload)))
    figure, *costs = workload["columns"]
    panels: list[tuple[str, Callable[[Any], None]]] = [
        (figure, lambda axes: _figures(axes, workload, rows)),
    ]
    if not workload["less_is_better"]:
        panels.append((_ratio_label(rows), lambda axes: _ratios(axes, workload, rows)))
    if costs:
        unit, names = _common(costs)
        panels.append((unit, lambda axes: _costs(axes, rows, names)))

    def draw() -> Figure:
        drawn = Figure(figsize=(_WIDTH, 0.9 + _ROW * len(rows)), layout="constrained")
        for index, (label, paint) in enumerate(panels):
            axes: Any = drawn.add_subplot(1, len(panels), index + 1)
            paint(axes)
            axes.set_xlabel(label)
            axes.set_xlim(left=0)
            axes.set_ylim(-0.6, len(rows) - 0.4)
            axes.set_yticks(range(len(rows)), [one["name"] for one in rows] if not index else [""] * len(rows))
            axes.xaxis.set_major_locator(MaxNLocator(5))
            large = axes.get_xlim()[1] >= 1000
            axes.xaxis.set_major_formatter(EngFormatter(sep="") if large else FormatStrFormatter("%g"))
        return drawn

    return _svg(workload["name"], draw)


def scaling(workloads: list[tuple[int, Data]]) -> str:
    """Processor time of a message over the number of connections, a line for each contestant."""
    lines: dict[str, list[tuple[int, Data]]] = {}
    for connections, workload in workloads:
        for one in measured(workload):
            lines.setdefault(one["name"], []).append((connections, one["columns"][1]))

    def draw() -> Figure:
        drawn = Figure(figsize=(_WIDTH, 5.0), layout="constrained")
        axes: Any = drawn.add_subplot()
        axes.set_xscale("log")
        axes.set_yscale("log")
        for name, points in lines.items():
            _line(axes, name, points)
        _labels(axes, {name: (points[-1][0], points[-1][1]["median"]) for name, points in lines.items()})
        ticks = [connections for connections, _ in workloads]
        axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
        axes.minorticks_off()
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(FormatStrFormatter("%g"))
        axes.set_xlabel("connections held by one owner")
        axes.set_ylabel("CPU us/msg (log scale)")
        axes.grid(axis="y")
        return drawn

    return _svg("scaling", draw)


def _line(axes: Any, name: str, points: list[tuple[int, Data]]) -> None:
    connections = [connections for connections, _ in points]
    medians = [cost["median"] for _, cost in points]
    below = [cost["median"] - cost["low"] for _, cost in points]
    above = [cost["high"] - cost["median"] for _, cost in points]
    colour, ours = _colour(name), name.startswith(("gentcp", "raw"))
    axes.errorbar(
        connections, medians, yerr=(below, above), color=colour, marker="o", markersize=4,
        linewidth=1.8 if ours else 1.0, linestyle="-" if ours else "--", capsize=2,
    )  # fmt: skip


def _labels(axes: Any, ends: dict[str, tuple[int, float]]) -> None:
    """At the right ends of lines, moved apart where they would lie upon each other."""
    low, high = (math.log(limit) for limit in axes.get_ylim())
    height = -math.inf
    for name, (connections, median) in sorted(ends.items(), key=lambda end: end[1][1]):
        height = max(height + (high - low) * 0.036, math.log(median))
        place = {"xytext": (connections * 1.06, math.exp(height)), "va": "center"}
        axes.annotate(name, (connections, median), color=_colour(name), fontsize=8, annotation_clip=False, **place)


def _points(axes: Any, rows: list[Data], spreads: list[Data | None]) -> None:
    for position, (one, spread) in enumerate(zip(rows, spreads, strict=True)):
        if spread is None:
            continue
        low, median, high = spread["low"], spread["median"], spread["high"]
        axes.errorbar(
            [median], [position], xerr=([median - low], [high - median]), color=_colour(one["name"]),
            marker="o", markersize=5, capsize=3, linewidth=1.6,
        )  # fmt: skip


def _figures(axes: Any, workload: Data, rows: list[Data]) -> None:
    _points(axes, rows, [one["columns"][0] for one in rows])
    _bounds(axes, workload, rows, lambda _: None)


def _ratios(axes: Any, workload: Data, rows: list[Data]) -> None:
    axes.axvline(1.0, color=_RAW, linewidth=1.0, linestyle=":")
    _points(axes, rows, [one["ratio"] for one in rows])
    _bounds(axes, workload, rows, lambda one: one["base"])


def _bounds(axes: Any, workload: Data, rows: list[Data], base: Callable[[Data], str | None]) -> None:
    """The goals that are about the figure, as a ratio to that base, or to nothing."""
    for position, one in enumerate(rows):
        for goal in one["goals"]:
            if goal["of"] == workload["columns"][0] and goal["base"] == base(one):
                axes.plot([goal["bound"]] * 2, [position - 0.38, position + 0.38], color=_GOAL, linewidth=2.2)


def _ratio_label(rows: list[Data]) -> str:
    bases = {one["base"] for one in rows}
    return f"ratio to {bases.pop()}" if len(bases) == 1 else "ratio to the base"


def _costs(axes: Any, rows: list[Data], names: list[str]) -> None:
    """Bars, one behind the other where there are several sides, the second one pale."""
    for position, one in enumerate(rows):
        start = 0.0
        for index, spread in enumerate(one["columns"][1:]):
            alpha = 0.85 if not index else 0.4
            axes.barh(position, spread["median"], 0.6, left=start, color=_colour(one["name"]), alpha=alpha)
            start += spread["median"]
        last = one["columns"][-1]
        axes.errorbar([start], [position], xerr=([last["median"] - last["low"]], [last["high"] - last["median"]]),
                      color=_INK, linewidth=1.0, capsize=2)  # fmt: skip
    if len(names) > 1:
        axes.set_title(f"{names[0]}, then pale: {names[1]}", fontsize=9)


def _common(columns: list[str]) -> tuple[str, list[str]]:
    """The unit of costs, and the sides: `CPU us/msg server` and `CPU us/msg client`."""
    if len(columns) == 1:
        return columns[0], []
    parts = [column.rpartition(" ") for column in columns]
    return parts[0][0], [part[2] for part in parts]


def _colour(name: str) -> str:
    if name.startswith("gentcp"):
        return _GENTCP
    return _RAW if name.startswith("raw") else _OTHER


def _svg(name: str, draw: Callable[[], Figure]) -> str:
    """To be put into a page as it is."""
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name, "svg.id": name}):
        file = io.StringIO()
        draw().savefig(file, format="svg", transparent=True, metadata={"Date": None})
    text = file.getvalue()
    text = text[text.index("<svg") :]
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, f"var({variable})")
    return re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
