"""`gentcp compare`: run, judge, show."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from gentcp_conformance.contrast import Piece, contrast
from gentcp_conformance.environment import about, describe_backend
from gentcp_conformance.matrix import Matrix, build
from gentcp_conformance.outcome import Kind
from gentcp_conformance.record import Record, index
from gentcp_conformance.run import Quiet, Runner
from gentcp_conformance.verdict import Divergence, Judgement

from .table import STYLES, build_table, legend, marked

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from rich.console import Console
    from rich.progress import TaskID

    from gentcp_conformance.case import Case
    from gentcp_conformance.differences import Differences
    from gentcp_conformance.matrix import Cell, Column
    from gentcp_conformance.outcome import Result
    from gentcp_conformance.run import Progress as RunProgress


@dataclass(frozen=True)
class Comparison:
    """What to run, and what to judge it by."""

    cases: Sequence[Case]
    columns: tuple[Column, ...]
    recording: Record
    accepted: Differences
    release: str
    jobs: int = 1

    def run(self, console: Console) -> tuple[Record, Matrix]:
        """Run everything, with a bar if `console` is a terminal: what came out, and what that means."""
        subjects = tuple(describe_backend(column.subject) for column in self.columns)
        with _bar(console, len(self.cases) * len(self.columns)) as progress:
            runner = Runner(self._expected, progress, self.jobs)
            results = runner.run(self.cases, [column.subject for column in self.columns])
        record = Record(subjects, about(), index(results))
        return record, build(self.cases, self.columns, record, self.recording, self.accepted, self.release)

    def _expected(self, case: str, subject: str) -> tuple[str, ...]:
        # Runs are repeated to find out what is flaky; where a difference is accepted that would only take time.
        entry = self.accepted.find(case, subject, self.release)
        if entry is not None and entry.verdict == Judgement.DIFFERENT:
            return ()
        follows = {column.subject: column.follows for column in self.columns}
        return self.recording.expected(case, follows[subject])


def print_matrix(console: Console, matrix: Matrix, *, only_differences: bool = False) -> None:
    """The table, what failed in full, and the counts."""
    rows = [row for row in matrix.rows if not only_differences or row.differs or row.failed or row.accepted]
    if rows:
        console.print(build_table(rows, matrix.columns, console.width))
        console.print(legend(matrix))
    _print_failures(console, matrix)
    _print_summary(console, matrix)


def _print_failures(console: Console, matrix: Matrix) -> None:
    for row in matrix.rows:
        for cell in row.cells:
            if cell.verdict.failed or cell.verdict.judgement is Judgement.FLAKY:
                _print_failure(console, row.case, cell)
    for entry in matrix.stale:
        console.print()
        console.print(Text(f"STALE {entry.case} on {entry.subject}", style="bold red"))
        console.print(f"  is SAME by now: take its entry ({entry.verdict}) out of differences.toml")


def _print_failure(console: Console, case: Case, cell: Cell) -> None:
    console.print()
    console.print(
        Text.assemble((str(cell.verdict), STYLES[cell.verdict.judgement]), f" {case.id} on {cell.column.subject}")
    )
    for text in cell.expected:
        _print_labelled(console, "expected", contrast(text, cell.result.text))
    for outcome, count in cell.result.outcomes:
        times = f" ({count} of {cell.result.runs})" if len(cell.result.outcomes) > 1 else ""
        label = f"got{'' if outcome.kind is Kind.TERM else f' {outcome.kind}'}{times}"
        expected = cell.expected[0] if cell.expected and outcome.kind is Kind.TERM else outcome.text
        _print_labelled(console, label, contrast(outcome.text, expected))
    again = f"gentcp compare --case {case.id} --backend {_name(cell.column)}"
    console.print(Text.assemble(("  again: ", "dim"), again), soft_wrap=True)


def _print_labelled(console: Console, label: str, pieces: list[Piece]) -> None:
    console.print(Text(f"  {label}:", style="dim"))
    console.print(Padding(marked(pieces, console.width - 4), (0, 0, 0, 4)))


def _name(column: Column) -> str:
    return column.subject if column.subject == column.follows else f"{column.subject}:{column.follows}"


def _print_summary(console: Console, matrix: Matrix) -> None:
    found = matrix.divergences()
    documented, undocumented = found[Divergence.DOCUMENTED], found[Divergence.UNDOCUMENTED]
    console.print()
    console.print(
        Text.assemble(
            (f"{len(matrix.rows)} cases", "bold"),
            f"; OTP {matrix.release}'s backends diverge in {documented + undocumented}: "
            f"{documented} documented, {undocumented} undocumented",
        )
    )
    for column in matrix.columns:
        counts = matrix.judgements(column)
        line = Text(f"{column.subject}: ", style="bold")
        parts = [Text(f"{counts[each]} {each}", style=STYLES[each]) for each in Judgement if counts[each]]
        console.print(line + Text(", ").join(parts))
    if matrix.stale:
        console.print(Text(f"{len(matrix.stale)} stale entries in differences.toml", style="bold red"))


class _Bar(Quiet):
    def __init__(self, progress: Progress, task: TaskID, total: int) -> None:
        self._progress, self._task, self._left = progress, task, total

    def started(self, case: Case, backend: str) -> None:
        """Show what runs; a rerun makes the whole longer."""
        self._progress.update(self._task, case=f"{case.id} on {backend}")
        self._left -= 1
        if self._left < 0:
            total = self._progress.tasks[0].total or 0
            self._progress.update(self._task, total=total + 1)

    def finished(self, result: Result) -> None:
        """One more."""
        self._progress.advance(self._task)


@contextmanager
def _bar(console: Console, total: int) -> Generator[RunProgress]:
    if not console.is_terminal:
        yield Quiet()
        return
    shown = (BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[case]}", markup=False))
    with Progress(*shown, console=console, transient=True) as progress:
        yield _Bar(progress, progress.add_task("", total=total, case=""), total)
