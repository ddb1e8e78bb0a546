"""From a matrix to HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from gentcp_conformance.contrast import Piece, contrast
from gentcp_conformance.verdict import Divergence, Judgement

from .highlight import Span, spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gentcp_conformance.matrix import Matrix, Row


@dataclass(frozen=True)
class Column:
    """`key` is unique in the page; `recorded` columns are what OTP was recorded to do."""

    key: str
    title: str
    recorded: bool


@dataclass(frozen=True)
class Entry:
    """One case in one column.  `text` is what columns are compared by; `verdict` is empty in a recorded column."""

    column: Column
    text: str
    pieces: Sequence[Piece]
    verdict: str
    judgement: str
    note: str
    also: Sequence[str]


@dataclass(frozen=True)
class Part:
    """One case."""

    row: Row
    entries: Sequence[Entry]
    code: Sequence[Span]


def render(matrix: Matrix) -> str:
    """The page.  The same matrix gives the same page, but for the environment that it was made in."""
    environment = Environment(
        loader=PackageLoader("gentcp_conformance.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    areas = {area: [_part(row, matrix.release) for row in rows] for area, rows in matrix.areas().items()}
    divergences = matrix.divergences()
    return environment.get_template("report.html.j2").render(
        matrix=matrix,
        areas=areas,
        columns=_columns(matrix),
        documented=divergences[Divergence.DOCUMENTED],
        undocumented=divergences[Divergence.UNDOCUMENTED],
        counts=[(column, _counts(matrix, number)) for number, column in enumerate(matrix.columns)],
    )


def _counts(matrix: Matrix, number: int) -> list[tuple[str, int]]:
    counts = matrix.judgements(matrix.columns[number])
    return [(str(judgement), counts[judgement]) for judgement in Judgement if counts[judgement]]


def _columns(matrix: Matrix) -> list[Column]:
    subjects = [Column(f"s-{column.subject}", column.subject, recorded=False) for column in matrix.columns]
    names = {column.follows for column in matrix.columns}
    return subjects + [Column(f"o-{name}", f"OTP {matrix.release} {name}", recorded=True) for name in sorted(names)]


def _part(row: Row, release: str) -> Part:
    entries = _subject_entries(row) + _recorded_entries(row, release)
    return Part(row, entries, spans(row.case.code))


def _subject_entries(row: Row) -> list[Entry]:
    texts = [cell.result.text for cell in row.cells]
    return [
        Entry(
            Column(f"s-{cell.column.subject}", cell.column.subject, recorded=False),
            cell.result.text,
            contrast(cell.result.text, _other(cell.result.text, texts)),
            str(cell.verdict),
            str(cell.verdict.judgement),
            cell.verdict.note if cell.verdict.judgement is not Judgement.FLAKY else "",
            [outcome.text for outcome, _ in cell.result.outcomes[1:]],
        )
        for cell in row.cells
    ]


def _recorded_entries(row: Row, release: str) -> list[Entry]:
    names = sorted({cell.column.follows for cell in row.cells})
    texts = [row.recorded[name][0] for name in names if row.recorded[name]]
    entries: list[Entry] = []
    for name in names:
        column = Column(f"o-{name}", f"OTP {release} {name}", recorded=True)
        text, *also = row.recorded[name] or ("nothing recorded",)
        entries.append(Entry(column, text, contrast(text, _other(text, texts)), "", "", "", also))
    return entries


def _other(text: str, texts: Sequence[str]) -> str:
    return next((each for each in texts if each != text), text)
