"""What a matrix comes to: counts, and lists of the cases behind them.  For every view but the matrix itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .verdict import Divergence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .matrix import Matrix, Row


@dataclass(frozen=True)
class Counts:
    """How many cases there are, and of how many something can be said of OTP."""

    cases: int
    documented: int
    undocumented: int
    contradictions: int
    """Cases in which OTP does not do what its manual says."""
    changed: int
    """Cases in which the recorded releases do not agree."""

    @property
    def diverging(self) -> int:
        """Cases in which OTP's backends diverge."""
        return self.documented + self.undocumented


@dataclass(frozen=True)
class Listing:
    """Cases that have something in common, each with what is to be said of it there, or ""."""

    title: str
    rows: Sequence[tuple[Row, str]]


def counts(matrix: Matrix) -> Counts:
    """The counts of a matrix."""
    found = matrix.divergences()
    return Counts(
        cases=len(matrix.rows),
        documented=found[Divergence.DOCUMENTED],
        undocumented=found[Divergence.UNDOCUMENTED],
        contradictions=sum(bool(row.case.contradicts) for row in matrix.rows),
        changed=sum(bool(row.changes) for row in matrix.rows),
    )


def diverging(matrix: Matrix) -> list[Row]:
    """The cases in which the two backends of the release that is followed diverge."""
    return [row for row in matrix.rows if row.divergence in {Divergence.DOCUMENTED, Divergence.UNDOCUMENTED}]


def listings(matrix: Matrix) -> list[Listing]:
    """The cases that the counts are of, in order."""
    rows, backends = matrix.rows, f"OTP {matrix.release}'s backends diverge"
    return [
        Listing(f"{backends}, documented", [(row, "") for row in rows if row.divergence is Divergence.DOCUMENTED]),
        Listing(f"{backends}, undocumented", [(row, "") for row in rows if row.divergence is Divergence.UNDOCUMENTED]),
        Listing(
            "OTP does not do what its manual says",
            [(row, row.case.contradicts) for row in rows if row.case.contradicts],
        ),
        Listing("Releases of OTP differ", [(row, row.since) for row in rows if row.changes]),
    ]
