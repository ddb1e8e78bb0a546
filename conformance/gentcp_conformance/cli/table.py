"""The matrix as a table for the terminal, narrow ones included."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from gentcp_conformance.contrast import Piece, breaks, contrast, shorten
from gentcp_conformance.verdict import Divergence, Judgement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gentcp_conformance.matrix import Cell, Column, Matrix, Row

STYLES = {
    Judgement.SAME: "green",
    Judgement.DIFFERENT: "bold red",
    Judgement.ACCEPTED: "cyan",
    Judgement.FLAKY: "bold yellow",
    Judgement.UNSUPPORTED: "dim",
    Judgement.UNKNOWN: "bold magenta",
}
_MARKS = {Divergence.NONE: "", Divergence.DOCUMENTED: "doc", Divergence.UNDOCUMENTED: "yes", Divergence.UNKNOWN: "?"}
_MARK_STYLES = {Divergence.DOCUMENTED: "yellow", Divergence.UNDOCUMENTED: "bold yellow"}

_NAME_UNIT = re.compile(r"[^-/]+[-/]?")

# Lines of a cell: more would make the matrix a list of terms, fewer would hide them all.
_LINES = 2
_FRAME = 3


def build_table(rows: Iterable[Row], columns: tuple[Column, ...], width: int) -> Table:
    """A table `width` characters wide, grouped by area."""
    name_width = max(22, min(36, width // 4))
    cell_width = max(8, (width - name_width - 4 - _FRAME * (len(columns) + 2)) // len(columns))
    table = Table(box=box.SIMPLE_HEAD, width=width, pad_edge=False, header_style="bold")
    table.add_column("case", width=name_width, overflow="fold")
    for column in columns:
        table.add_column(column.subject, width=cell_width, overflow="fold")
    table.add_column("div.", width=4)
    area = None
    for row in rows:
        if row.case.area != area:
            area = row.case.area
            table.add_section()
            table.add_row(Text(area, style="bold underline"))
        table.add_row(_name(row, name_width), *_cells(row, cell_width), _mark(row))
    return table


def marked(pieces: Iterable[Piece], width: int) -> Text:
    """Pieces of a term, what differs in bold, in lines of at most `width` that break between elements."""
    text = Text()
    for piece in pieces:
        text.append(piece.text, style="bold yellow" if piece.differs else "")
    return Text("\n").join(text.divide(breaks(text.plain, width)))


def legend(matrix: Matrix) -> Text:
    """What the colours and marks mean, of those that occur."""
    text = Text("outcomes: ", style="dim")
    found = {cell.verdict.judgement for row in matrix.rows for cell in row.cells}
    for judgement in Judgement:
        if judgement in found:
            text.append(f"{judgement} ", style=STYLES[judgement])
    text.append(f"as OTP {matrix.release};  div.: OTP's backends diverge, doc = its manual says so", style="dim")
    return text


def _name(row: Row, width: int) -> Text:
    text = Text(row.case.name)
    return Text("\n").join(text.divide(breaks(text.plain, width, _NAME_UNIT)))


def _mark(row: Row) -> Text:
    return Text(_MARKS[row.divergence], style=_MARK_STYLES.get(row.divergence, ""))


def _cells(row: Row, width: int) -> list[Text]:
    return [_cell(row, cell, width) for cell in row.cells]


def _cell(row: Row, cell: Cell, width: int) -> Text:
    first = row.cells[0]
    judgement = cell.verdict.judgement
    if cell is not first and judgement is Judgement.SAME is first.verdict.judgement and not row.differs:
        return Text("same", style=STYLES[judgement])
    other = next((each for each in row.cells if each.result.text != cell.result.text), cell)
    text = marked(shorten(contrast(cell.result.text, other.result.text), width * _LINES), width)
    text.style = STYLES[judgement] if judgement is not Judgement.UNSUPPORTED else "dim"
    if judgement is not Judgement.SAME:
        text = Text(f"{cell.verdict}\n", style=f"{STYLES[judgement]} reverse") + text
    return text
