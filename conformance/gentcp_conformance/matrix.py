"""Cases by columns: every outcome with its verdict, and where the columns differ.  What every view shows."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from .outcome import Kind, Outcome, Result
from .reports import Reports
from .verdict import Divergence, Judgement, Verdict, alike, divergence, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .case import Case
    from .differences import Difference, Differences
    from .record import Record
    from .reports import Report

# The columns of a recording of OTP, and what gentcp's own backends follow.
ORACLE_COLUMNS = ("inet", "socket")

# The release that gentcp's own backends follow.
RELEASE = "29"

# Backends that are a VM, by what they do as: they follow their own release.
LIVE = {"inet": "otp_inet", "socket": "otp_socket"}

_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9_-]+")
_NOTHING = Outcome(Kind.UNSUPPORTED, "nothing recorded")


@dataclass(frozen=True)
class Column:
    """A backend that is run, or what was recorded of one of OTP's.

    `subject` is the backend's name; `follows` and `release` say which column of which recording it is judged against,
    or, with `recorded`, which it is.
    """

    subject: str
    follows: str
    release: str
    recorded: bool = False

    @property
    def live(self) -> bool:
        """Whether this is a VM."""
        return not self.recorded and self.subject in LIVE.values()

    @property
    def label(self) -> str:
        """For people."""
        if self.recorded:
            return f"OTP {self.release} {self.follows}"
        return f"{self.subject} (live OTP {self.release})" if self.live else self.subject

    @property
    def key(self) -> str:
        """For machines: unique among the columns, letters, digits, "-" and "_"."""
        if self.recorded:
            return f"otp-{self.release}-{self.follows}"
        return _NOT_IN_AN_ID.sub("-", self.subject)


def recorded_columns(releases: Iterable[str]) -> tuple[Column, ...]:
    """The columns of the recordings of `releases`."""
    return tuple(Column(name, name, release, recorded=True) for release in releases for name in ORACLE_COLUMNS)


@dataclass(frozen=True)
class Cell:
    """One case in one column.  Of a recorded column `expected` is what was recorded."""

    column: Column
    result: Result
    expected: tuple[str, ...]
    verdict: Verdict

    @property
    def came_to(self) -> frozenset[str]:
        """What cells are compared by: all that is expected if it came out so, as it may be one of several."""
        if self.expected and self.verdict.judgement in {Judgement.SAME, Judgement.RECORDED}:
            return frozenset(self.expected)
        return frozenset(outcome.shown for outcome, _ in self.result.outcomes)


@dataclass(frozen=True)
class Row:
    """One case.

    `recorded` has the terms by release and column, of all recordings; `divergence` is that of the release that is
    followed; `changes` has, by column, the releases that did not do as the recorded one before them; `reports` are
    those that lead to the case.
    """

    case: Case
    cells: tuple[Cell, ...]
    recorded: Mapping[tuple[str, str], tuple[str, ...]]
    divergence: Divergence
    changes: Mapping[str, tuple[str, ...]]
    reports: tuple[Report, ...] = ()

    @property
    def run(self) -> tuple[Cell, ...]:
        """The cells of the columns that were run."""
        return tuple(cell for cell in self.cells if not cell.column.recorded)

    @property
    def differs(self) -> bool:
        """Whether the outcomes of what was run differ from each other."""
        comparable = [cell for cell in self.run if cell.verdict.judgement is not Judgement.UNSUPPORTED]
        return len({cell.came_to for cell in comparable}) > 1

    @property
    def failed(self) -> bool:
        """Whether a subject is not what its expectation says."""
        return any(cell.verdict.failed for cell in self.cells)

    @property
    def accepted(self) -> bool:
        """Whether a subject differs from its expectation on purpose."""
        return any(cell.verdict.judgement is Judgement.ACCEPTED for cell in self.cells)

    @property
    def since(self) -> str:
        """Which releases do otherwise, such as "differs before OTP 27 (inet)"; empty when none does."""
        return since(self.changes)


@dataclass(frozen=True)
class Matrix:
    """All rows, in the order of the cases; `stale` are entries of the differences file that no longer apply.

    `release` is the one that gentcp's own backends are judged against; `subjects` describe what was run.
    """

    release: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    stale: tuple[Difference, ...]
    about: Mapping[str, str]
    subjects: tuple[Mapping[str, str], ...] = ()

    @property
    def run(self) -> tuple[Column, ...]:
        """The columns that were run."""
        return tuple(column for column in self.columns if not column.recorded)

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
        """Verdict of every cell that was run as text, by case and subject."""
        cells = (cell for row in self.rows for cell in row.run)
        return {(cell.result.case, cell.result.subject): str(cell.verdict) for cell in cells}


@dataclass(frozen=True)
class Oracle:
    """What results are judged by.

    `recordings` are by release, whether they have a column or not; `release` is the one that gentcp follows.
    """

    recordings: Mapping[str, Record]
    differences: Differences
    release: str

    def expected(self, case: str, column: Column) -> tuple[str, ...]:
        """The terms recorded of what `column` follows; empty when there is nothing."""
        recording = self.recordings.get(column.release)
        return recording.expected(case, column.follows) if recording else ()

    def difference(self, case: str, column: Column) -> Difference | None:
        """The entry that accepts a difference there."""
        return None if column.recorded else self.differences.find(case, column.subject, column.release)

    def as_expected(self, result: Result, column: Column) -> bool:
        """Whether a run will do, or is to be repeated: as recorded, or as accepted where that is something else.

        Where nothing is recorded, or the case cannot be run, nothing would come of a repetition.
        """
        judgement = self.verdict(result, column).judgement
        if judgement is Judgement.SAME:
            return self.difference(result.case, column) is None
        settled = judgement in {Judgement.ACCEPTED, Judgement.UNSUPPORTED, Judgement.UNJUDGED}
        return settled or not self.expected(result.case, column)

    def verdict(self, result: Result, column: Column) -> Verdict:
        """The verdict on what a column's subject came to."""
        if column.recorded:
            return Verdict(Judgement.RECORDED)
        if column.release not in self.recordings:
            return Verdict(Judgement.UNJUDGED, f"there is no recording of OTP {column.release}")
        return judge(result, self.expected(result.case, column), self.difference(result.case, column))


def build(
    cases: Iterable[Case], columns: tuple[Column, ...], run: Record, oracle: Oracle, reports: Reports | None = None
) -> Matrix:
    """Judge every result of a run that covers all `cases` on all `columns` but the recorded ones."""
    named = reports or Reports()
    rows = tuple(replace(_row(case, columns, run, oracle), reports=named.of(case.id)) for case in cases)
    return Matrix(oracle.release, columns, rows, _stale(rows, oracle), run.about, run.subjects)


def _row(case: Case, columns: tuple[Column, ...], run: Record, oracle: Oracle) -> Row:
    cells = tuple(_cell(case, column, run, oracle) for column in columns)
    known = {(each.release, each.follows): each for each in recorded_columns(sorted(oracle.recordings, key=int))}
    recorded = {key: oracle.expected(case.id, column) for key, column in known.items()}
    followed = [recorded.get((oracle.release, name), ()) for name in ORACLE_COLUMNS]
    return Row(case, cells, recorded, divergence(*followed, documented=case.documented), changes(recorded))


def _cell(case: Case, column: Column, run: Record, oracle: Oracle) -> Cell:
    if column.recorded:
        recording = oracle.recordings.get(column.release)
        found = recording.results.get((case.id, column.follows)) if recording else None
        result = found or Result(case.id, column.follows, ((_NOTHING, 1),))
    else:
        result = run.results[case.id, column.subject]
    return Cell(column, result, oracle.expected(case.id, column), oracle.verdict(result, column))


def _stale(rows: tuple[Row, ...], oracle: Oracle) -> tuple[Difference, ...]:
    cells = (cell for row in rows for cell in row.run if cell.verdict.judgement is Judgement.SAME)
    entries = (oracle.difference(cell.result.case, cell.column) for cell in cells)
    return tuple(entry for entry in entries if entry is not None)


def changes(recorded: Mapping[tuple[str, str], tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """By column, the releases whose outcome is not that of the recorded release before; without columns of none."""
    found: dict[str, tuple[str, ...]] = {}
    for name in ORACLE_COLUMNS:
        terms = [(release, recorded[release, name]) for release, column in recorded if column == name]
        there = [(release, texts) for release, texts in terms if texts]
        releases = tuple(release for (_, old), (release, new) in pairwise(there) if not alike(old, new))
        if releases:
            found[name] = releases
    return found


def since(changes: Mapping[str, tuple[str, ...]]) -> str:
    """`changes` in words."""
    by_releases: dict[tuple[str, ...], list[str]] = {}
    for column, releases in changes.items():
        by_releases.setdefault(releases, []).append(column)
    return "; ".join(f"{_changed(releases)} ({', '.join(names)})" for releases, names in by_releases.items())


def _changed(releases: tuple[str, ...]) -> str:
    names = [f"OTP {release}" for release in releases]
    return f"differs before {names[0]}" if len(names) == 1 else f"changed with {' and '.join(names)}"
