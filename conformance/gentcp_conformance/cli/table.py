"""The matrix as a table for the terminal, narrow ones included.

Each backend that was run has a column.  A VM and the recordings that it is compared with show in its cells, where they
do otherwise: what agrees is not repeated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from gentcp_conformance.contrast import Piece, breaks, contrast, shorten
from gentcp_conformance.severity import severity
from gentcp_conformance.verdict import Divergence, Judgement, alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gentcp_conformance.matrix import Cell, Column, Matrix, Row

STYLES = {
    Judgement.SAME: "green",
    Judgement.DIFFERENT: "bold red",
    Judgement.ACCEPTED: "cyan",
    Judgement.FLAKY: "bold yellow",
    Judgement.UNSUPPORTED: "dim",
    Judgement.UNKNOWN: "bold magenta",
    Judgement.UNJUDGED: "magenta",
    Judgement.RECORDED: "",
}
_MARKS = {Divergence.NONE: "", Divergence.DOCUMENTED: "doc", Divergence.UNDOCUMENTED: "yes", Divergence.UNKNOWN: "?"}
_MARK_STYLES = {Divergence.DOCUMENTED: "yellow", Divergence.UNDOCUMENTED: "bold yellow"}

SEVERITY_STYLES = {
    "data": "bold red", "hang": "red", "crash": "red", "messages": "yellow", "reasons": "yellow", "sizes": "dim",
}  # fmt: skip

_NAME_UNIT = re.compile(r"[^-/]+[-/]?")

# Lines of a cell: more would make the matrix a list of terms, fewer would hide them all.
_LINES = 2
_FRAME = 3
_MARK_WIDTH = 8


@dataclass(frozen=True)
class Lane:
    """A column of the table, and those that show in its cells where they do otherwise."""

    column: Column
    others: tuple[Column, ...]


def lanes(columns: Sequence[Column]) -> list[Lane]:
    """Backends have a lane each; VMs and recordings are with those that follow the same, a VM alone has its own.

    Where nothing was run each recording has one.
    """
    run = [column for column in columns if not column.recorded]
    if not run:
        return [Lane(column, ()) for column in columns]
    backends = [column for column in run if not column.live]
    kinds = {column.follows for column in backends}
    heads = backends + [column for column in run if column.live and column.follows not in kinds]
    return [
        Lane(head, tuple(each for each in columns if each.follows == head.follows and each not in heads))
        for head in heads
    ]


def build_table(rows: Iterable[Row], columns: Sequence[Column], width: int) -> Table:
    """A table of these columns, `width` characters wide, grouped by area."""
    shown = lanes(columns)
    name_width = max(22, min(36, width // 4))
    cell_width = max(8, (width - name_width - _MARK_WIDTH - _FRAME * (len(shown) + 2)) // len(shown))
    table = Table(box=box.SIMPLE_HEAD, width=width, pad_edge=False, header_style="bold")
    table.add_column("case", width=name_width, overflow="fold")
    for lane in shown:
        table.add_column(lane.column.label, width=cell_width, overflow="fold")
    table.add_column("div.", width=_MARK_WIDTH)
    area = None
    for row in rows:
        if row.case.area != area:
            area = row.case.area
            table.add_section()
            table.add_row(Text(area, style="bold underline"))
        table.add_row(_name(row, name_width), *(_cell(row, lane, shown[0], cell_width) for lane in shown), _mark(row))
    return table


def marked(pieces: Iterable[Piece], width: int) -> Text:
    """Pieces of a term, what differs in bold, in lines of at most `width` that break between elements."""
    text = Text()
    for piece in pieces:
        text.append(piece.text, style="bold yellow" if piece.differs else "")
    return Text("\n").join(text.divide(breaks(text.plain, width)))


def legend(matrix: Matrix, columns: Sequence[Column]) -> Text:
    """What the colours and marks mean, of those that occur."""
    text = Text("outcomes: ", style="dim")
    found = {cell.verdict.judgement for row in matrix.rows for cell in row.run}
    for judgement in Judgement:
        if judgement in found:
            text.append(f"{judgement} ", style=STYLES[judgement])
    text.append(f"as OTP {matrix.release}")
    others = dict.fromkeys(_short(column) for lane in lanes(columns) for column in lane.others)
    if others:
        text.append(f";  {', '.join(others)}: shown where they do otherwise")
    text.append(";  div.: OTP's backends diverge, doc = its manual says so")
    if any(row.changes for row in matrix.rows):
        text.append(", <N = otherwise before OTP N")
    return text


def _name(row: Row, width: int) -> Text:
    text = Text(row.case.name)
    name = Text("\n").join(text.divide(breaks(text.plain, width, _NAME_UNIT)))
    return Text("\n").join([name, Text(row.case.title, style="dim")])


def _mark(row: Row) -> Text:
    changed = sorted({release for releases in row.changes.values() for release in releases}, key=int)
    marks = [Text(_MARKS[row.divergence], style=_MARK_STYLES.get(row.divergence, ""))] if row.divergence else []
    if row.divergence in _MARK_STYLES:
        level = severity(row.case.id)
        marks.append(Text(level, style=SEVERITY_STYLES.get(level, "")))
    marks += [Text(f"<{release}", style="dim") for release in changed]
    return Text("\n").join(mark for mark in marks if mark.plain)


def _cell(row: Row, lane: Lane, first: Lane, width: int) -> Text:
    cells = {cell.column: cell for cell in row.cells}
    mine = cells[lane.column]
    lines = [_own(mine, cells[first.column], row, width)]
    lines += _otherwise(mine, [cells[column] for column in lane.others], width)
    return Text("\n").join(lines)


def _own(cell: Cell, first: Cell, row: Row, width: int) -> Text:
    judgement = cell.verdict.judgement
    same = judgement is Judgement.SAME is first.verdict.judgement and cell.came_to == first.came_to
    if same and cell is not first:
        return Text("same", style=STYLES[judgement])
    beside = row.run or row.cells
    other = next((each for each in beside if each.result.text != cell.result.text), cell)
    text = _outcome(cell, other, width)
    if judgement not in {Judgement.SAME, Judgement.RECORDED}:
        text = Text(f"{cell.verdict}\n", style=f"{STYLES[judgement]} reverse") + text
    return text


def _otherwise(mine: Cell, others: Sequence[Cell], width: int) -> list[Text]:
    """A label and the outcome of each group of columns that does as no other does."""
    groups: dict[tuple[frozenset[str], str], list[Cell]] = {}
    for cell in others:
        verdict = "" if _needs_no_word(cell) else str(cell.verdict)
        if verdict or not _agrees(cell, mine):
            groups.setdefault((cell.came_to, verdict), []).append(cell)
    lines: list[Text] = []
    for (_, verdict), cells in groups.items():
        names = ", ".join(_short(cell.column) for cell in cells)
        label = Text(f"{names}:" if not verdict else f"{names} ", style="dim")
        lines += [label + Text(verdict, style=f"{STYLES[cells[0].verdict.judgement]} reverse")] if verdict else [label]
        lines.append(_outcome(cells[0], mine, width))
    return lines


def _needs_no_word(cell: Cell) -> bool:
    return cell.verdict.judgement in {Judgement.SAME, Judgement.RECORDED, Judgement.UNJUDGED}


def _agrees(cell: Cell, mine: Cell) -> bool:
    return cell.came_to == mine.came_to or (
        cell.expected != () and mine.verdict.judgement is Judgement.SAME and alike(cell.expected, mine.expected)
    )


def _outcome(cell: Cell, other: Cell, width: int) -> Text:
    text = marked(shorten(contrast(cell.result.text, other.result.text), width * _LINES), width)
    text.style = STYLES[cell.verdict.judgement]
    return text


def _short(column: Column) -> str:
    if column.recorded:
        return f"OTP {column.release}"
    return f"live OTP {column.release}" if column.live else column.subject
