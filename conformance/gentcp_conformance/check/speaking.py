"""Which rules have something to say of two columns: those of whose cases the recordings differ there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gentcp_conformance.record import Record, recorded, releases
from gentcp_conformance.verdict import alike

from .rules import Rule


class ColumnError(ValueError):
    """There is no recording of a column; names those that there are."""


@dataclass(frozen=True)
class Change:
    """A rule that speaks: what a column does, what the other one does, and the cases that show it."""

    rule: Rule
    before: str
    after: str
    cases: tuple[str, ...]


def columns() -> list[str]:
    """Those that are recorded, such as "29:inet"."""
    return [f"{release}:{name}" for release in releases() for name in ("inet", "socket")]


def recordings_of(*wanted: str) -> dict[str, Record]:
    """The recordings that have these columns, by release.  Raises ColumnError and RecordError."""
    for column in wanted:
        if column not in columns():
            raise ColumnError(f"nothing is recorded of {column!r}; there are {', '.join(columns())}")
    return {release: recorded(release) for release in {column.partition(":")[0] for column in wanted}}


def changes(rules: Iterable[Rule], before: str, after: str, known: Mapping[str, Record]) -> list[Change]:
    """What changes from one column to the other, by recordings that have both.

    A rule that says the same of both is silent: then its cases differ in something that it is not about.
    """
    found: list[Change] = []
    for rule in rules:
        said = rule.said(before), rule.said(after)
        cases = tuple(case for case in rule.cases if _differs(known, case, before, after))
        if cases and said[0] != said[1]:
            found.append(Change(rule, *said, cases))
    return found


def _differs(known: Mapping[str, Record], case: str, before: str, after: str) -> bool:
    terms = [_terms(known, case, column) for column in (before, after)]
    return all(terms) and not alike(*terms)


def _terms(known: Mapping[str, Record], case: str, column: str) -> tuple[str, ...]:
    release, _, name = column.partition(":")
    return known[release].expected(case, name)
