"""A record as one page that needs nothing else: `python -m benchmarks.page RESULTS.json PAGE.html`, or --html."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jinja2
from markupsafe import Markup

from . import plots, table
from .record import Data, goal_text, measured, number

_TEMPLATE = Path(__file__).with_name("page.html.jinja")


def page(run: Data) -> str:
    """HTML; light or dark as the reader's browser is."""
    workloads = [
        workload | {"plot": Markup(plots.comparison(workload)) if measured(workload) else None}
        for workload in run["workloads"]
    ]
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(_TEMPLATE.read_text()).render(
        run=run,
        about=run["environment"],
        workloads=workloads,
        scaling=_scaling(run["workloads"]),
        goal_text=goal_text,
        goals=table.goals,
        headings=table.headings,
        measured=measured,
        notes=table.notes,
        number=number,
        row=table.row,
    )


def _scaling(workloads: list[Data]) -> Markup | None:
    """Of the workloads `echo-N`, if there are two at least."""
    found = [(int(name.removeprefix("echo-")), workload) for workload in workloads
             if (name := workload["name"]).startswith("echo-") and measured(workload)]  # fmt: skip
    return Markup(plots.scaling(found)) if len(found) > 1 else None


if __name__ == "__main__":
    _results, _page = map(Path, sys.argv[1:])
    _page.write_text(page(json.loads(_results.read_text())))
