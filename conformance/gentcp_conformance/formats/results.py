"""`results.json`: everything that a matrix holds, as one JSON document; `results.schema.json` describes it."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from gentcp_conformance.coverage import index
from gentcp_conformance.severity import severity
from gentcp_conformance.summary import counts
from gentcp_conformance.verdict import Divergence, Judgement

if TYPE_CHECKING:
    from gentcp_conformance.coverage import Index
    from gentcp_conformance.matrix import Cell, Column, Matrix, Row
    from gentcp_conformance.outcome import Result
    from gentcp_conformance.reports import Report

VERSION = 1
_DIFFERS = (Divergence.DOCUMENTED, Divergence.UNDOCUMENTED)

_DIVERGENCES = {
    Divergence.NONE: "none",
    Divergence.DOCUMENTED: "documented",
    Divergence.UNDOCUMENTED: "undocumented",
    Divergence.UNKNOWN: "unknown",
}


def schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    text = (files("gentcp_conformance") / "formats" / "results.schema.json").read_text(encoding="utf-8")
    return cast("dict[str, Any]", json.loads(text))


def render(matrix: Matrix) -> str:
    """The document.  Columns and cases are in the order of the matrix; cells are by the column's key."""
    known = index.load()
    document = {
        "schema": schema()["$id"],
        "version": VERSION,
        "release": matrix.release,
        "failed": matrix.failed,
        "about": dict(matrix.about),
        "counts": asdict(counts(matrix)),
        "columns": [_column(column, matrix) for column in matrix.columns],
        "cases": [_case(row, known) for row in matrix.rows],
        "stale": [asdict(entry) for entry in matrix.stale],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _column(column: Column, matrix: Matrix) -> dict[str, Any]:
    described = {subject["name"]: subject for subject in matrix.subjects}
    judgements = matrix.judgements(column)
    return {
        "key": column.key,
        "label": column.label,
        "subject": column.subject,
        "follows": column.follows,
        "release": column.release,
        "recorded": column.recorded,
        "about": {} if column.recorded else dict(described.get(column.subject, {})),
        "counts": {str(each): judgements[each] for each in Judgement if judgements[each]},
    }


def _case(row: Row, known: Index) -> dict[str, Any]:
    return {
        "id": row.case.id,
        "area": row.case.area,
        "title": row.case.title,
        "means": row.case.means,
        "source": row.case.source,
        "needs": list(row.case.needs),
        "documented": row.case.documented,
        "contradicts": row.case.contradicts,
        "divergence": _DIVERGENCES[row.divergence],
        "since": row.since,
        "severity": severity(row.case.id) if row.changes or row.divergence in _DIFFERS else "",
        "uses": list(known.words(row.case.id)),
        "reports": [_report(report) for report in row.reports],
        "cells": {cell.column.key: _cell(cell) for cell in row.cells},
    }


def _report(report: Report) -> dict[str, Any]:
    return {"id": report.id, "also": list(report.also), "said": report.said, "link": report.link}


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "verdict": str(cell.verdict.judgement),
        "note": cell.verdict.note,
        "outcomes": _outcomes(cell.result),
        "expected": list(cell.expected),
        "seconds": round(cell.result.seconds, 3),
    }


def _outcomes(result: Result) -> list[dict[str, Any]]:
    return [{"kind": str(outcome.kind), "text": outcome.text, "count": count} for outcome, count in result.outcomes]
