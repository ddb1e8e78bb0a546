"""Recording many traces: each case several times, so that what is not the same each time does not stay in."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import gentcp
from gentcp_conformance.case import load
from gentcp_conformance.matrix import RELEASE
from gentcp_conformance.record import RecordError, recorded

from .events import Trace, Traces
from .merging import agreed, common
from .tracing import trace

if TYPE_CHECKING:
    from gentcp_conformance.case import Case

LIVE = ("otp_inet", "otp_socket")

_RUNS = 4

Told = Callable[[Trace], object]


def record_traces(
    cases: Iterable[Case], subjects: Sequence[str] = LIVE, *, jobs: int = 1, told: Told = lambda _: None
) -> Traces:
    """Traces of `cases` on two backends, which stand for OTP's inet and socket; `told` gets each as it comes.

    With more than one of `jobs` the cases, which have to be the kit's own then, are run by so many programs.
    """
    columns = {subject: subject.removeprefix("otp_") for subject in subjects}
    about = gentcp.get_backend(subjects[0]).about()
    each = partial(_of_case, columns=columns, release=about.get("release", RELEASE))
    found: list[Trace] = []
    for several in map(each, cases) if jobs == 1 else _in_programs(each, cases, jobs):
        found += several
        for one in several:
            told(one)
    return Traces(_about(about), {(one.case, one.subject): one for one in found})


def stable(case: Case, backend: str, column: str, expected: Sequence[str] = ()) -> Trace:
    """What two runs came to alike; failing that, what all of them have in common."""
    runs: list[Trace] = []
    for _ in range(_RUNS):
        run = trace(case, backend, column, expected)
        if found := next(filter(None, (agreed(other, run) for other in runs)), None):
            return found
        runs.append(run)
    return common(runs)


def _of_case(case: Case, columns: dict[str, str], release: str) -> list[Trace]:
    return [stable(case, backend, column, _expected(case.id, column, release)) for backend, column in columns.items()]


def _of_id(id: str, columns: dict[str, str], release: str) -> list[Trace]:
    case = load().get(id)
    return _of_case(case, columns, release) if case else []


def _in_programs(each: partial[list[Trace]], cases: Iterable[Case], jobs: int) -> Iterable[list[Trace]]:
    # A fresh program: the threads of this one and its VM would not survive a fork.
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(partial(_of_id, **each.keywords), [case.id for case in cases])


def _expected(case: str, column: str, release: str) -> tuple[str, ...]:
    try:
        return recorded(release).expected(case, column)
    except RecordError:
        return ()


def _about(backend: dict[str, str]) -> dict[str, str]:
    return {key: backend[key] for key in ("release", "erts", "kernel") if key in backend}
