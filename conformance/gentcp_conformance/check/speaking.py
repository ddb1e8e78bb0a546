"""Which rules have something to say of two columns: those of whose cases the recordings differ there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gentcp_conformance.choosing import differs
from gentcp_conformance.record import Record

from .rules import Rule


@dataclass(frozen=True)
class Change:
    """A rule that speaks: what a column does, what the other one does, and the cases that show it."""

    rule: Rule
    before: str
    after: str
    cases: tuple[str, ...]


def changes(rules: Iterable[Rule], before: str, after: str, known: Mapping[str, Record]) -> list[Change]:
    """What changes from one column to the other, by recordings that have both.

    A rule that says the same of both is silent: then its cases differ in something that it is not about.
    """
    found: list[Change] = []
    for rule in rules:
        said = rule.said(before), rule.said(after)
        cases = tuple(case for case in rule.cases if differs(known, case, before, after))
        if cases and said[0] != said[1]:
            found.append(Change(rule, *said, cases))
    return found
