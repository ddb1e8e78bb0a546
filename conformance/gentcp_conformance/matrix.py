"""Cases by subjects: every outcome with its verdict, and where the columns differ.  What every view shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .verdict import Divergence, Judgement, Verdict, divergence, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .case import Case
    from .differences import Difference, Differences
    from .outcome import Result
    from .record import Record

# The columns of a recording of OTP, and what gentcp's own backends follow.
ORACLE_COLUMNS = ("inet", "socket")


@dataclass(frozen=True)
class Column:
    """A subject and the column of the recording that it is judged against."""

    subject: str
    follows: str


@dataclass(frozen=True)
class Cell:
    """One case on one subject."""

    column: Column
    result: Result
    expected: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True)
class Row:
    """One case.  `recorded` has the terms of each column of the recording."""

    case: Case
    cells: tuple[Cell, ...]
    recorded: Mapping[str, tuple[str, ...]]
    divergence: Divergence

    @property
    def differs(self) -> bool:
        """Whether the subjects' outcomes differ from each other."""
        return len({frozenset(cell.result.outcomes) for cell in self._comparable()}) > 1

    @property
    def failed(self) -> bool:
        """Whether a subject is not what its expectation says."""
        return any(cell.verdict.failed for cell in self.cells)

    @property
    def accepted(self) -> bool:
        """Whether a subject differs from its expectation on purpose."""
        return any(cell.verdict.judgement is Judgement.ACCEPTED for cell in self.cells)

    def _comparable(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.verdict.judgement is not Judgement.UNSUPPORTED]


@dataclass(frozen=True)
class Matrix:
    """All rows, in the order of the cases; `stale` are entries of the differences file that no longer apply."""

    release: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    stale: tuple[Difference, ...]
    about: Mapping[str, str]

    @property
    def failed(self) -> bool:
        """Whether the run is to be reported as a failure."""
        return bool(self.stale) or any(row.failed for row in self.rows)

    def areas(self) -> dict[str, list[Row]]:
        """Rows by area, in order."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.case.area, []).append(row)
        return found

    def divergences(self) -> Counter[Divergence]:
        """How many rows there are of each divergence."""
        return Counter(row.divergence for row in self.rows)

    def judgements(self, column: Column) -> Counter[Judgement]:
        """How many cells of a column there are of each judgement."""
        return Counter(cell.verdict.judgement for row in self.rows for cell in row.cells if cell.column == column)

    def verdicts(self) -> dict[tuple[str, str], str]:
        """Verdict of every cell as text, by case and subject."""
        cells = (cell for row in self.rows for cell in row.cells)
        return {(cell.result.case, cell.result.subject): str(cell.verdict) for cell in cells}


def build(
    cases: Iterable[Case],
    columns: tuple[Column, ...],
    run: Record,
    recording: Record,
    differences: Differences,
    release: str,
) -> Matrix:
    """Judge every result of a run that covers all `cases` on all `columns`."""
    rows = tuple(_row(case, columns, run, recording, differences, release) for case in cases)
    return Matrix(release, columns, rows, _stale(rows, differences, release), run.about)


def _row(
    case: Case,
    columns: tuple[Column, ...],
    run: Record,
    recording: Record,
    differences: Differences,
    release: str,
) -> Row:
    recorded = {name: recording.expected(case.id, name) for name in ORACLE_COLUMNS}
    cells: list[Cell] = []
    for column in columns:
        result, expected = run.results[case.id, column.subject], recorded[column.follows]
        verdict = judge(result, expected, differences.find(case.id, column.subject, release))
        cells.append(Cell(column, result, expected, verdict))
    return Row(case, tuple(cells), recorded, divergence(*recorded.values(), documented=case.documented))


def _stale(rows: tuple[Row, ...], differences: Differences, release: str) -> tuple[Difference, ...]:
    cells = (cell for row in rows for cell in row.cells if cell.verdict.judgement is Judgement.SAME)
    entries = (differences.find(cell.result.case, cell.result.subject, release) for cell in cells)
    return tuple(entry for entry in entries if entry is not None)
