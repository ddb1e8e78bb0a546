"""From a matrix to HTML."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gentcp_conformance.coverage import index
from gentcp_conformance.severity import SEVERITIES
from gentcp_conformance.summary import Counts, counts
from gentcp_conformance.verdict import Divergence, Judgement

from . import view
from .packed import pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gentcp_conformance.case import Case
    from gentcp_conformance.matrix import Column, Matrix

# Short names of divergences: for classes, filters and the narrow column.
KINDS = {
    Divergence.DOCUMENTED: "documented",
    Divergence.UNDOCUMENTED: "undocumented",
    Divergence.NONE: "same",
    Divergence.UNKNOWN: "unknown",
}


class Traces(Protocol):
    """What was seen and prepared apart from the run, by the id of a case; None where there is nothing."""

    def diagram(self, case_id: str, /) -> str | None:
        """An SVG of what happened; the script puts it into the page as it is."""

    def erlang(self, case_id: str, /) -> str | None:
        """The case as Erlang source text."""


def render(matrix: Matrix, traces: Traces | None = None) -> str:
    """The page.  The same matrix gives the same page, but for the environment that it was made in."""
    parts = [view.part(row, matrix.release) for row in matrix.rows]
    codes = {part.case.id: _codes(part.case, traces) for part in parts}
    page = _environment().get_template("report.html.j2")
    return page.render(
        matrix=matrix,
        areas=_areas(matrix, parts),
        totals=counts(matrix),
        groups=view.groups(matrix.columns),
        starts=view.starts(matrix.columns),
        pairs=view.pairs(matrix, parts),
        verdicts=[(column, _verdicts(matrix, column)) for column in matrix.run],
        judgements=_judgements(matrix),
        codes=codes,
        packed=pack(codes),
        uses=_uses([part.case.id for part in parts]),
        severities=SEVERITIES,
        kind=KINDS.__getitem__,
        name=view.name,
        short=view.short,
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("gentcp_conformance.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["text"] = _text
    return environment


def _text(value: str) -> Markup:
    # Between tags, where quotes mean nothing: as terms are full of them, that is a twentieth of the page.
    return Markup(value.replace("&", "&amp;").replace("<", "&lt;"))  # noqa: S704  escaped right here


def _areas(matrix: Matrix, parts: Iterable[view.Part]) -> list[tuple[str, Counts, list[view.Part]]]:
    left = iter(parts)
    areas = matrix.areas().items()
    return [(area, counts(replace(matrix, rows=tuple(rows))), list(islice(left, len(rows)))) for area, rows in areas]


def _verdicts(matrix: Matrix, column: Column) -> list[tuple[Judgement, int]]:
    found = matrix.judgements(column)
    return [(judgement, found[judgement]) for judgement in Judgement if found[judgement]]


def _judgements(matrix: Matrix) -> list[Judgement]:
    found = {cell.verdict.judgement for row in matrix.rows for cell in row.run}
    return [judgement for judgement in Judgement if judgement in found]


def _uses(cases: Sequence[str]) -> str:
    """JSON: by what is used, the numbers of the cases that use it, as they stand in the page."""
    known = index.load()
    found: dict[str, list[int]] = {}
    for number, case in enumerate(cases):
        for word in known.words(case):
            found.setdefault(word, []).append(number)
    return json.dumps(found, separators=(",", ":")).replace("<", "\\u003c")


def _codes(case: Case, traces: Traces | None) -> dict[str, str]:
    picture = traces.diagram(case.id) if traces else None
    erlang = traces.erlang(case.id) if traces else None
    texts = {"python": case.code, "erlang": erlang, "diagram": picture}
    return {kind: text for kind, text in texts.items() if text}
