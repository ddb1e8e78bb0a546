"""Runs cases on subjects: each run in a process of its own, under a time limit, with everything taken down after it."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import gentcp

from . import capabilities
from .outcome import Kind, Outcome, Result
from .subject import CaseError, Subject, Unsupported
from .term import outcome_text
from .verdict import is_expected

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .case import Case

JOBS = 16
"""How many cases to run at a time.  It does not go by cores, as they mostly wait: of 190 s they compute 5."""

MOST_JOBS = 64
"""Where more are refused: by then they wait for each other."""

# With `stop`: how many cases for each worker run before anybody looks.
_BATCH = 4

# For a killed case to notice; then its thread is given up.
_GRACE = 5.0

AsExpected = Callable[[Result], bool]
"""Whether a result will do, or is to be run again."""


def among(expected: Callable[[str, str], tuple[str, ...]]) -> AsExpected:
    """Expects one of the terms recorded by case id and backend; anything where there are none, or it cannot be run."""

    def as_expected(result: Result) -> bool:
        terms, outcome = expected(result.case, result.subject), result.outcomes[0][0]
        return outcome.kind is Kind.UNSUPPORTED or not terms or is_expected(outcome, terms)

    return as_expected


class Progress(Protocol):
    """What is told of a run, from any thread."""

    def started(self, case: Case, backend: str) -> None:
        """A case is being run, for the first time or again."""

    def finished(self, result: Result) -> None:
        """A case has been run; reruns may follow."""


class Quiet:
    """Progress that nobody looks at."""

    def started(self, case: Case, backend: str) -> None:
        """Nothing."""

    def finished(self, result: Result) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Runner:
    """How to run: `as_expected` decides what is run again, up to `reruns` times, to tell FLAKY from DIFFERENT.

    With more than one of `workers` cases overlap: they mostly wait.  What then does not come out as expected is
    forgotten and run again when all others are over, so that no failure rests on the timing of a busy machine.
    """

    as_expected: AsExpected
    progress: Progress = field(default_factory=Quiet)
    workers: int = 1
    reruns: int = 2
    stop: bool = False
    """Whether the first case that is not as expected is the last."""

    def run(self, cases: Iterable[Case], backends: Sequence[str]) -> list[Result]:
        """Results in the order of cases and backends: those of all cases, or of those up to the one that stops."""
        listed = list(cases)
        size = _BATCH * self.workers if self.stop else len(listed)
        if not listed or not backends:
            return []
        found: list[Result] = []
        for start in range(0, len(listed), size):
            if not self._some(listed[start : start + size], backends, found):
                break
        return found

    def _some(self, cases: Sequence[Case], backends: Sequence[str], found: list[Result]) -> bool:
        """Run these side by side; whether to go on."""
        trials = [(case, backend) for case in cases for backend in backends]
        first = run_trials(trials, self.progress, self.workers)
        for case, results in zip(cases, _in_turn(first, len(backends)), strict=True):
            beside = self.workers > 1 and not case.alone
            settled = [self.settle(case, result, beside=beside) for result in results]
            found += settled
            if self.stop and not all(map(self.as_expected, settled)):
                return False
        return True

    def settle(self, case: Case, result: Result, *, beside: bool) -> Result:
        """The result, or what came of runs alone when it is not as expected; `beside` others it may mean nothing."""
        if self.as_expected(result):
            return result
        if beside:
            result = run_trial((case, result.subject), self.progress)
            if self.as_expected(result):
                return replace(result, retried=True)
        for _ in range(self.reruns):
            result = run_again(case, result, self.progress)
        return result


def _in_turn(results: Sequence[Result], size: int) -> list[Sequence[Result]]:
    """So many at a time."""
    return [results[start : start + size] for start in range(0, len(results), size)]


Trial = tuple["Case", str]
"""A case and the backend to run it on."""


def run_trials(trials: Iterable[Trial], progress: Progress, workers: int = 1) -> list[Result]:
    """Run each once, `workers` at a time and those that must be alone in the end: results in their order."""
    listed = list(trials)
    with ThreadPoolExecutor(workers, "gentcp-conformance") as pool:
        together = list(pool.map(lambda trial: None if trial[0].alone else run_trial(trial, progress), listed))
    return [result or run_trial(trial, progress) for result, trial in zip(together, listed, strict=True)]


def run_trial(trial: Trial, progress: Progress) -> Result:
    """Run a case on a backend."""
    case, backend = trial
    progress.started(case, backend)
    began = time.monotonic()
    outcome = run_once(case, Subject(backend))
    result = Result(case.id, backend, ((outcome, 1),), time.monotonic() - began)
    progress.finished(result)
    return result


def run_again(case: Case, result: Result, progress: Progress) -> Result:
    """The result with one more run."""
    progress.started(case, result.subject)
    result = result.plus(run_once(case, Subject(result.subject)))
    progress.finished(result)
    return result


def run_once(case: Case, subject: Subject) -> Outcome:
    """Run a case in a new process and take down what it made."""
    if lacks := capabilities.missing(case.needs):
        return Outcome(Kind.UNSUPPORTED, f"this machine has no {' and no '.join(lacks)}")
    answers: list[Outcome] = []
    process = gentcp.spawn(lambda: answers.append(_attempt(case, subject)), name=case.id)
    if not process.join(case.limit):
        process.kill()
        answers = [Outcome(Kind.TIMEOUT, f"no outcome within {case.limit:g} s")]
    left = _take_down(subject)
    process.join(_GRACE)
    return left or (answers[0] if answers else Outcome(Kind.CRASH, "the process of the case was killed"))


def _attempt(case: Case, subject: Subject) -> Outcome:
    try:
        return Outcome(Kind.TERM, outcome_text(case.function(subject)))
    except Unsupported as why:
        return Outcome(Kind.UNSUPPORTED, str(why))
    except CaseError as why:
        return Outcome(Kind.CRASH, f"the stage did not come about: {why}")
    except Exception as error:  # noqa: BLE001  whatever a backend under test raises is an outcome
        return Outcome(Kind.CRASH, _describe(error))


def _describe(error: Exception) -> str:
    """The exception and where it came from, innermost first; without line numbers of the standard library."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames[1:])]
    return f"{type(error).__name__}: {error} at {' < '.join(places[:4])}"


def _take_down(subject: Subject) -> Outcome | None:
    try:
        subject.close()
    except CaseError as why:
        return Outcome(Kind.CRASH, f"left behind: {why}")
    return None
