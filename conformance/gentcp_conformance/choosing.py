"""Cases by what they use, and by the columns in which they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .finding import used
from .matrix import ORACLE_COLUMNS
from .record import Record, recorded, releases
from .verdict import alike

if TYPE_CHECKING:
    from .case import Case
    from .coverage.index import Index


class ColumnError(ValueError):
    """There is no recording of a column; names those that there are."""


def uses(index: Index, case: str, wanted: str) -> bool:
    """Whether a case uses an option, function, packet type, counter or message on some backend.

    `wanted` is "send_timeout", "gen_tcp:send/2", "send", "packet=4", or with the place "active@setopts".
    """
    word = wanted.lower().replace("=", "/")
    bare, _, place = word.partition("@")
    for name in ORACLE_COLUMNS:
        for use in index.of(case, name):
            if bare in used(use.partition("@")[0]).names and (not place or use.lower().endswith(f"@{place}")):
                return True
    return False


def columns() -> list[str]:
    """Those that are recorded, such as "29:inet"."""
    return [f"{release}:{name}" for release in releases() for name in ORACLE_COLUMNS]


def recordings_of(*wanted: str) -> dict[str, Record]:
    """The recordings that have these columns, by release.  Raises ColumnError and RecordError."""
    for column in wanted:
        if column not in columns():
            raise ColumnError(f"nothing is recorded of {column!r}; there are {', '.join(columns())}")
    return {release: recorded(release) for release in sorted({column.partition(":")[0] for column in wanted})}


def terms(known: Mapping[str, Record], case: str, column: str) -> tuple[str, ...]:
    """What was recorded of a case in a column such as "29:inet"."""
    release, _, name = column.partition(":")
    return known[release].expected(case, name)


def differs(known: Mapping[str, Record], case: str, before: str, after: str) -> bool:
    """Whether two columns came to something else, as far as both are recorded."""
    both = [terms(known, case, column) for column in (before, after)]
    return all(both) and not alike(*both)


@dataclass(frozen=True)
class Filter:
    """What a case has to be: one that has all of these `uses`, and differs between two columns."""

    uses: Sequence[str] = ()
    differ: tuple[str, str] | None = None

    def of(self, cases: Iterable[Case], index: Index, known: Mapping[str, Record]) -> list[Case]:
        """The cases that are so, in their order."""
        return [
            case
            for case in cases
            if all(uses(index, case.id, wanted) for wanted in self.uses)
            and (self.differ is None or differs(known, case.id, *self.differ))
        ]

    def unused(self, cases: Iterable[str], index: Index) -> str:
        """The first of `uses` that no case has; empty when each has one."""
        ids = list(cases)
        return next((wanted for wanted in self.uses if not any(uses(index, id, wanted) for id in ids)), "")
