"""How `gentcp compare` ends: on one screen, what diverges and how bad that is, and how to go on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from gentcp_conformance.severity import SEVERITIES, rank, severity
from gentcp_conformance.summary import diverging

from .table import SEVERITY_STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from gentcp_conformance.matrix import Matrix, Row

_WORST = 10


def print_ending(console: Console, matrix: Matrix, page: Path | None) -> None:
    """What of OTP's two backends diverges, the worst of it, and three commands."""
    rows = diverging(matrix)
    if rows:
        console.print()
        console.print(_by_area(rows))
        _print_worst(console, rows)
    console.print()
    if page is not None:
        console.print(Text.assemble(("page   ", "bold"), str(page)), soft_wrap=True)
    console.print(_commands(matrix, rows, page))


def _by_area(rows: Sequence[Row]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("diverging")
    for name in SEVERITIES:
        table.add_column(name, justify="right", style=SEVERITY_STYLES[name])
    table.add_column("all", justify="right")
    areas = dict.fromkeys(row.case.area for row in rows)
    for area in areas:
        table.add_row(area, *_counted([row for row in rows if row.case.area == area]))
    if len(areas) > 1:
        table.add_row(Text("all", style="bold"), *_counted(rows))
    return table


def _counted(rows: Sequence[Row]) -> list[str]:
    found = [severity(row.case.id) for row in rows]
    return [*(str(found.count(name) or "") for name in SEVERITIES), str(len(rows))]


def _print_worst(console: Console, rows: Sequence[Row]) -> None:
    console.print()
    console.print(Text("the most dangerous", style="bold"))
    for row in sorted(rows, key=lambda row: rank(row.case.id))[:_WORST]:
        level = severity(row.case.id)
        line = Text.assemble((f"{level:9} ", SEVERITY_STYLES.get(level, "")), row.case.title)
        line.truncate(console.width, overflow="ellipsis")
        console.print(line, soft_wrap=True)


def _commands(matrix: Matrix, rows: Sequence[Row], page: Path | None) -> Table:
    worst = min(rows, key=lambda row: rank(row.case.id)).case.id if rows else matrix.rows[0].case.id
    differing = f"gentcp list --differs {matrix.release}:inet,{matrix.release}:socket"
    last = ("gentcp check src/", "what changes in your code")
    if page is None:
        last = ("gentcp compare --html compare.html", "a page to read")
    table = Table.grid(padding=(0, 2))
    table.add_row(Text("go on", style="bold"), f"gentcp show {worst}", Text("one of them", style="dim"))
    table.add_row("", differing, Text("all of them", style="dim"))
    table.add_row("", last[0], Text(last[1], style="dim"))
    return table
