"""Making the index: running cases on gentcp's backends and noting what they use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gentcp_conformance.matrix import ORACLE_COLUMNS, Column, Oracle
from gentcp_conformance.outcome import Kind
from gentcp_conformance.run import Progress, Quiet, Runner
from gentcp_conformance.verdict import Verdict

from .index import Index, Uses, common
from .inventory import load
from .watching import Watch

if TYPE_CHECKING:
    from gentcp_conformance.case import Case
    from gentcp_conformance.outcome import Result

# How often a case is run before what it uses is believed, when that is not what is in the index.
_RUNS = 3


@dataclass(frozen=True)
class Survey:
    """What came of it: the index of the cases that were run, and what is not as it should be.

    `stale` are cases that do not use what the old index says; `odd` results that are neither as recorded nor
    accepted, with their verdicts: what their cases use is not to be trusted.
    """

    index: Index
    stale: tuple[str, ...]
    odd: tuple[tuple[Result, Verdict], ...]


@dataclass(frozen=True)
class Surveyor:
    """How to run: `oracle` judges, and decides what is run again; `workers` cases at a time."""

    oracle: Oracle
    progress: Progress = field(default_factory=Quiet)
    workers: int = 1

    def survey(self, cases: Sequence[Case], old: Index) -> Survey:
        """Run each of `cases`; those that do not do as in `old` again, alone: only what they always use counts.

        A case that this machine cannot run keeps what `old` says.
        """
        index, results = self._run(cases, self.workers)
        doubtful = [case for case in cases if not _same(index, old, case.id)]
        runs = self._alone(doubtful, [index] if self.workers == 1 else []) if doubtful else []
        settled = {case.id: _settled(case.id, runs, old) for case in doubtful}
        unsupported = {each.case for each in results if each.outcomes[0][0].kind is Kind.UNSUPPORTED}
        keep = {case: old.cases[case] for case in unsupported if case in old.cases}
        found = Index({**index.cases, **settled, **keep})
        stale = tuple(case.id for case in cases if not _same(found, old, case.id))
        return Survey(found, stale, tuple(self._odd(results)))

    def _alone(self, cases: Sequence[Case], runs: Sequence[Index]) -> list[Index]:
        more = _RUNS - len(runs)
        return [*runs, *(self._run(cases, 1)[0] for _ in range(more))]

    def _run(self, cases: Sequence[Case], workers: int) -> tuple[Index, list[Result]]:
        watch = Watch(load(), ORACLE_COLUMNS)
        with watch.watching():
            runner = Runner(self._as_expected, self.progress, workers)
            results = runner.run([watch.watched(case) for case in cases], ORACLE_COLUMNS)
        found = {
            case.id: {name: watch.found.get((case.id, name), frozenset()) for name in ORACLE_COLUMNS} for case in cases
        }
        return Index(found), results

    def _as_expected(self, result: Result) -> bool:
        return self.oracle.as_expected(result, self._column(result.subject))

    def _odd(self, results: Iterable[Result]) -> Iterable[tuple[Result, Verdict]]:
        for result in results:
            column = self._column(result.subject)
            verdict = self.oracle.verdict(result, column)
            if verdict.failed and self.oracle.expected(result.case, column):
                yield result, verdict

    def _column(self, backend: str) -> Column:
        return Column(backend, backend, self.oracle.release)


def _same(index: Index, old: Index, case: str) -> bool:
    return index.cases.get(case) == old.cases.get(case)


def _settled(case: str, runs: Sequence[Index], old: Index) -> Uses:
    """What is in the old index if some run came to that, otherwise what all runs have in common."""
    if any(_same(run, old, case) for run in runs):
        return old.cases[case]
    return common(run.cases[case] for run in runs)
