"""A judged run in the terminal: the table, what failed in full, and the counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from gentcp_conformance.contrast import Piece, contrast
from gentcp_conformance.matrix import LIVE
from gentcp_conformance.outcome import Kind
from gentcp_conformance.summary import counts, diverging, listings
from gentcp_conformance.verdict import Judgement

from .table import STYLES, build_table, legend, marked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from gentcp_conformance.case import Case
    from gentcp_conformance.matrix import Cell, Column, Matrix
    from gentcp_conformance.outcome import Result


def print_table(console: Console, matrix: Matrix, columns: Sequence[Column], *, only_differences: bool) -> None:
    """The table of these columns."""
    rows = [row for row in matrix.rows if not only_differences or row.differs or row.failed or row.accepted]
    if rows:
        console.print(build_table(rows, columns, console.width))
        console.print(legend(matrix, columns))


def print_recorded(console: Console, matrix: Matrix, columns: Sequence[Column]) -> None:
    """The table of the cases in which the two backends of OTP diverge, from recorded columns."""
    rows = diverging(matrix)
    if rows:
        console.print(build_table(rows, columns, console.width))
        console.print(legend(matrix, columns))


def print_failures(console: Console, matrix: Matrix) -> None:
    """What failed or is flaky, in full."""
    for row in matrix.rows:
        for cell in row.run:
            if cell.verdict.failed or cell.verdict.judgement is Judgement.FLAKY:
                _print_failure(console, row.case, cell)
    for entry in matrix.stale:
        console.print()
        console.print(Text(f"STALE {entry.case} on {entry.subject}", style="bold red"))
        console.print(f"  is SAME by now: take its entry ({entry.verdict}) out of differences.toml")


def print_lists(console: Console, matrix: Matrix) -> None:
    """The cases that diverge, that the manual has wrong, and that releases disagree in."""
    for listing in listings(matrix):
        console.print()
        console.print(Text(f"{listing.title}: {len(listing.rows)}", style="bold"))
        for row, note in listing.rows:
            console.print(Text.assemble(f"  {row.case.id}  ", (row.case.title, "dim")), soft_wrap=True)
            if note:
                console.print(Padding(Text(note, style="dim"), (0, 0, 0, 4)))


def print_summary(console: Console, matrix: Matrix) -> None:
    """The counts."""
    console.print()
    console.print(_counted(matrix))
    for column in matrix.run:
        found = matrix.judgements(column)
        parts = [Text(f"{found[each]} {each}", style=STYLES[each]) for each in Judgement if found[each]]
        console.print(Text(f"{column.label}: ", style="bold") + Text(", ").join(parts))
    if matrix.stale:
        console.print(Text(f"{len(matrix.stale)} stale entries in differences.toml", style="bold red"))


def print_retried(console: Console, matrix: Matrix) -> None:
    """The cases that were as they should be only when nothing ran beside them."""
    cells = [cell for row in matrix.rows for cell in row.run if cell.result.retried]
    if cells:
        console.print(Text("as expected only when run again, alone:", style="yellow"))
    for cell in cells:
        console.print(Text(f"  {cell.result.case} on {cell.column.label}"), soft_wrap=True)


def _counted(matrix: Matrix) -> Text:
    found = counts(matrix)
    text = Text.assemble(
        (f"{found.cases} cases", "bold"),
        f"; OTP {matrix.release}'s backends diverge in {found.diverging}: "
        f"{found.documented} documented, {found.undocumented} undocumented",
    )
    if found.changed:
        text.append(f"; releases differ in {found.changed}")
    if found.contradictions:
        text.append(f"; the manual is contradicted in {found.contradictions}")
    return text


def print_outcomes(console: Console, expected: Sequence[str], result: Result) -> None:
    """What was expected and what came instead, with the difference marked."""
    for text in expected:
        _print_labelled(console, "expected", contrast(text, result.text))
    for outcome, count in result.outcomes:
        times = "" if result.stable else f" ({count} of {result.runs})"
        label = f"got{'' if outcome.kind is Kind.TERM else f' {outcome.kind}'}{times}"
        other = expected[0] if expected and outcome.kind is Kind.TERM else outcome.text
        _print_labelled(console, label, contrast(outcome.text, other))


def _print_failure(console: Console, case: Case, cell: Cell) -> None:
    console.print()
    console.print(
        Text.assemble((str(cell.verdict), STYLES[cell.verdict.judgement]), f" {case.id} on {cell.column.label}")
    )
    print_outcomes(console, cell.expected, cell.result)
    again = f"gentcp compare --case {case.id} --backend {_name(cell.column)}"
    console.print(Text.assemble(("  again: ", "dim"), again), soft_wrap=True)


def _print_labelled(console: Console, label: str, pieces: list[Piece]) -> None:
    console.print(Text(f"  {label}:", style="dim"))
    console.print(Padding(marked(pieces, console.width - 4), (0, 0, 0, 4)))


def _name(column: Column) -> str:
    plain = column.subject in {column.follows, LIVE[column.follows]}
    return column.subject if plain else f"{column.subject}:{column.follows}"
