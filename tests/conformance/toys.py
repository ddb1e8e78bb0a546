"""Cases, results and matrices to test the kit with, made without a backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gentcp_conformance.case import Case, Registry, case
from gentcp_conformance.differences import Differences
from gentcp_conformance.matrix import Column, Matrix, build
from gentcp_conformance.outcome import Kind, Outcome, Result
from gentcp_conformance.record import Record, index

if TYPE_CHECKING:
    from collections.abc import Callable

    from gentcp_conformance.subject import Subject

BOTH = (Column("inet", "inet"), Column("socket", "socket"))


def make(
    function: Callable[[Subject], Any],
    id: str = "area/topic/name",
    *,
    registry: Registry | None = None,
    **details: Any,
) -> Case:
    """A case of `function`, in a registry of its own unless one is given."""
    registry = registry or Registry()
    texts: dict[str, Any] = {"title": "A title", "means": "What it means.", "source": "gen_tcp:send/2", "fact": "f"}
    case(id, registry=registry, **{**texts, **details})(function)
    found = registry.get(id)
    assert found is not None
    return found


def result(case_id: str, subject: str, *texts: str) -> Result:
    """A result of runs that came to these terms, one each."""
    first, *others = (Outcome(Kind.TERM, text) for text in texts)
    found = Result(case_id, subject, ((first, 1),), 0.25)
    for outcome in others:
        found = found.plus(outcome)
    return found


def record(*results: Result) -> Record:
    """A record with these results."""
    subjects = tuple({"name": name} for name in sorted({each.subject for each in results}))
    return Record(subjects, {"python": "CPython 3.x"}, index(results))


def matrix(
    cases: list[Case], run: Record, recording: Record, differences: Differences | None = None, release: str = "29"
) -> Matrix:
    """A matrix of both columns."""
    return build(cases, BOTH, run, recording, differences or Differences(), release)
