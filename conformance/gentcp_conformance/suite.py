"""What `pytest --pyargs gentcp_conformance` collects: a test for each case and backend.

This file is where pytest finds the suite; `pytest_plugin` says which backends it is about.
"""

from __future__ import annotations

import shlex
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from .case import load
from .contrast import Piece, contrast, shorten
from .outcome import Kind, Result
from .run import Runner
from .timing import is_timed
from .verdict import Judgement, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .ahead import Ahead
    from .case import Case
    from .matrix import Column, Oracle
    from .run import Trial

NODE = "gentcp_conformance/suite.py"
"""Where the tests are for pytest, so that their ids do not depend on where the kit is installed."""
TIMING = "gentcp_timing"
"""The marker of cases that depend on the clock, and their group for pytest-xdist: `--dist loadgroup` keeps it together,
so that they run one after the other.
"""
_WIDTH = 96


class FlakyCase(pytest.PytestWarning):
    """A case came to the recorded outcome in some of its runs only."""


@dataclass(frozen=True)
class Target:
    """A backend under test; `spec` is how the command line names it, `options` are the others that made it so.

    `ahead` runs the cases of all targets.
    """

    spec: str
    column: Column
    oracle: Oracle
    reruns: int
    options: tuple[str, ...]
    ahead: Ahead


class Suite(pytest.File):
    """All backends."""

    targets: tuple[Target, ...] = ()

    def collect(self) -> Iterable[Cases]:
        """A collector each."""
        for target in self.targets:
            yield Cases.from_parent(self, name=target.spec, target=target)


class Cases(pytest.Collector):
    """All cases on one backend."""

    def __init__(self, *, target: Target, **details: Any) -> None:
        super().__init__(**details)
        self.target = target

    def collect(self) -> Iterable[CaseItem]:
        """A test each, in the order of the cases."""
        for case in load().select():
            yield CaseItem.from_parent(self, name=case.id, case=case, target=self.target)


class CaseItem(pytest.Item):
    """One case on one backend."""

    def __init__(self, *, case: Case, target: Target, **details: Any) -> None:
        super().__init__(**details)
        self.case = case
        self.target = target
        if is_timed(case):
            self.add_marker(TIMING)
            if self.config.pluginmanager.hasplugin("xdist"):
                self.add_marker(pytest.mark.xdist_group(TIMING))

    @property
    def trial(self) -> Trial:
        """What to run."""
        return self.case, self.target.column.subject

    def in_group(self) -> CaseItem:
        """The same with its group in its name, which is how pytest-xdist tells its controller of it."""
        assert self.parent is not None
        return CaseItem.from_parent(self.parent, name=f"{self.name}@{TIMING}", case=self.case, target=self.target)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """The case and the backend stand above its failure."""
        return self.config.rootpath / NODE, None, f"{self.case.id} on {self.target.spec}"

    def runtest(self) -> None:
        """Run it and tell pytest what the verdict means."""
        oracle, column = self.target.oracle, self.target.column
        runner = Runner(lambda result: oracle.as_expected(result, column), reruns=self.target.reruns)
        result = self.target.ahead.result(self.nodeid, self.trial, runner)
        verdict, entry = oracle.verdict(result, column), oracle.difference(self.case.id, column)
        if entry is not None and verdict.judgement is Judgement.SAME:
            self._say("STALE")
            pytest.fail(f"STALE: is SAME by now, take out the entry that accepts it as {entry.verdict}", pytrace=False)
        self._say(str(verdict))
        self._report(verdict, result)

    def _say(self, verdict: str) -> None:
        """For the summary, which with pytest-xdist is written by another process, and for JUnit XML."""
        self.user_properties += [("inet_backend", self.target.spec), ("verdict", verdict)]

    def _report(self, verdict: Verdict, result: Result) -> None:
        match verdict.judgement:
            case Judgement.UNSUPPORTED:
                pytest.skip(verdict.note)
            case Judgement.ACCEPTED:
                pytest.xfail(verdict.note)
            case Judgement.FLAKY:
                warnings.warn(FlakyCase("\n".join(self._explain(verdict, result))), stacklevel=1)
            case _ if verdict.failed:
                pytest.fail("\n".join(self._explain(verdict, result)), pytrace=False)
            case _:
                pass

    def _explain(self, verdict: Verdict, result: Result) -> Iterator[str]:
        column = self.target.column
        expected = self.target.oracle.expected(self.case.id, column)
        oracle = f"OTP {column.release}'s {column.follows}"
        unknown = verdict.judgement is Judgement.UNKNOWN
        yield f"{verdict}: {verdict.note} ({oracle})" if unknown else f"{verdict}: {column.subject} is not as {oracle}"
        yield f"  {self.case.title}"
        yield from _comparison(result, expected)
        yield f"  again:     {self._again()}"
        yield f"  explained: gentcp show {self.case.id}"

    def _again(self) -> str:
        test = f"gentcp_conformance.suite::{self.target.spec}::{self.case.id}"
        return shlex.join(["pytest", "--pyargs", test, f"--inet-backend={self.target.spec}", *self.target.options])


def _comparison(result: Result, expected: tuple[str, ...]) -> Iterator[str]:
    """What was recorded and what came, marked where they differ; after long ones the places in question."""
    got = [outcome.text for outcome, _ in result.outcomes if outcome.kind is Kind.TERM and outcome.text not in expected]
    yield from _lines("expected:", expected, *got[:1])
    for outcome, count in result.outcomes:
        label = "got:" if result.stable else f"got ({count} of {result.runs}):"
        yield from _lines(label, [outcome.shown], *(expected[:1] if outcome.text in got else ()))
    if got and expected and max(len(got[0]), len(expected[0])) > _WIDTH:
        yield "  in short:"
        for one, other in ((expected[0], got[0]), (got[0], expected[0])):
            yield from _marked("    ", shorten(contrast(one, other), _WIDTH))


def _lines(label: str, texts: Iterable[str], other: str = "") -> Iterator[str]:
    for text in texts:
        pieces = contrast(text, other) if other and len(text) <= _WIDTH else [Piece(text, differs=False)]
        yield from _marked(f"  {label:<10} ", pieces)


def _marked(margin: str, pieces: list[Piece]) -> Iterator[str]:
    yield margin + "".join(piece.text for piece in pieces)
    marks = "".join(("^" if piece.differs else " ") * len(piece.text) for piece in pieces).rstrip()
    if marks:
        yield " " * len(margin) + marks
