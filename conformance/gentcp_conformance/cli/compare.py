"""`gentcp compare`: run, judge, show, write."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from .. import differences, environment, record
from ..case import registry
from ..contrast import Piece, contrast
from ..matrix import Matrix, build
from ..outcome import Kind
from ..record import Record
from ..run import Quiet, Runner
from ..verdict import Divergence, Judgement
from .table import STYLES, build_table, legend, marked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from rich.console import Console
    from rich.progress import TaskID

    from ..case import Case
    from ..matrix import Cell, Column
    from ..outcome import Result
    from ..run import Progress as RunProgress


@dataclass(frozen=True)
class Files:
    """Where to write, if anywhere."""

    json: Path | None = None
    html: Path | None = None


def compare(  # noqa: PLR0917  the choices of one command line
    console: Console,
    cases: Sequence[Case],
    columns: tuple[Column, ...],
    release: str,
    jobs: int,
    files: Files,
    only_differences: bool,
) -> Matrix:
    """Run `cases` on the subjects of `columns`, print the matrix and write the files."""
    recording = record.recorded(release)
    accepted = differences.load(registry.ids())
    render = _renderer() if files.html else None
    with _bar(console, len(cases) * len(columns)) as progress:
        runner = Runner(_expected(recording, columns), progress, jobs)
        results = runner.run(cases, [column.subject for column in columns])
    subjects = tuple(environment.describe_backend(column.subject) for column in columns)
    run = Record(subjects, environment.about(), record.index(results))
    matrix = build(cases, columns, run, recording, accepted, release)
    print_matrix(console, matrix, only_differences=only_differences)
    if files.json:
        with files.json.open("w", encoding="utf-8") as file:
            record.write(run, file, matrix.verdicts())
    if files.html and render:
        files.html.write_text(render(matrix), encoding="utf-8")
    return matrix


def print_matrix(console: Console, matrix: Matrix, *, only_differences: bool = False) -> None:
    """The table, what failed in full, and the counts."""
    rows = [row for row in matrix.rows if not only_differences or row.differs or row.failed]
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
def _bar(console: Console, total: int) -> Iterator[RunProgress]:
    if not console.is_terminal:
        yield Quiet()
        return
    shown = (BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[case]}", markup=False))
    with Progress(*shown, console=console, transient=True) as progress:
        yield _Bar(progress, progress.add_task("", total=total, case=""), total)


def _expected(recording: Record, columns: tuple[Column, ...]) -> _Lookup:
    return _Lookup(recording, {column.subject: column.follows for column in columns})


@dataclass(frozen=True)
class _Lookup:
    recording: Record
    follows: dict[str, str]

    def __call__(self, case: str, subject: str) -> tuple[str, ...]:
        return self.recording.expected(case, self.follows[subject])


def _renderer() -> Callable[[Matrix], str]:
    """The page's renderer, before the run: after it would be late to learn that jinja2 is missing."""
    from ..report import render  # noqa: PLC0415  only --html needs jinja2

    return render
