"""Cases, results and matrices to test the kit with, made without a backend."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import gentcp
from gentcp.abc import Backend, Term, Time
from gentcp.abc import Result as AnyResult
from gentcp_conformance.case import Case, Registry, case
from gentcp_conformance.differences import Differences
from gentcp_conformance.matrix import LIVE, Column, Matrix, Oracle, build
from gentcp_conformance.outcome import Kind, Outcome, Result
from gentcp_conformance.record import Record, index

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from gentcp_conformance.reports import Reports
    from gentcp_conformance.subject import Subject

BOTH = (Column("inet", "inet", "29"), Column("socket", "socket", "29"))


def make(
    function: Callable[[Subject], Any],
    id: str = "area/topic/name",
    *,
    registry: Registry | None = None,
    **details: Any,
) -> Case:
    """A case of `function`, in a registry of its own unless one is given."""
    registry = registry or Registry()
    texts: dict[str, Any] = {"title": "A title", "means": "What it means.", "source": "gen_tcp:send/2"}
    case(id, registry=registry, **{**texts, **details})(function)
    found = registry.get(id)
    assert found is not None
    return found


def logged(log: list[str], name: str = "") -> Callable[[Subject], str]:
    """A case's function that writes into `log` where it is run, and returns ok."""

    def function(t: Subject) -> str:
        log.append(f"{name} {t.backend}".strip())
        return "ok"

    return function


def met(together: threading.Barrier) -> Callable[[Subject], str]:
    """A case that finds out whether another one overlaps."""

    def function(_: Subject) -> str:
        try:
            together.wait(0.5)
        except threading.BrokenBarrierError:
            return "alone"
        return "together"

    return function


class Overlap:
    """The functions of two cases that begin together.  `one` is odd at first, and ok when it is run again."""

    def __init__(self) -> None:
        self._together = threading.Barrier(2)
        self._runs = 0
        self.decided = threading.Event()
        """`other` lasts until then: to be set as soon as nobody who would run `one` again at once can still do so."""
        self.again = threading.Event()
        """`one` is being run again."""
        self.beside: list[bool] = []
        """Whether that was so while `other` lasted."""

    def one(self, _: Subject) -> str:
        """See the class."""
        self._runs += 1
        if self._runs == 1:
            self._together.wait(5)
            return "odd"
        self.again.set()
        self.decided.set()
        return "ok"

    def other(self, _: Subject) -> str:
        """See `decided`."""
        self._together.wait(5)
        assert self.decided.wait(5)
        self.beside.append(self.again.is_set())
        return "ok"


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
    cases: list[Case],
    run: Record,
    recording: Record | Mapping[str, Record],
    differences: Differences | None = None,
    columns: tuple[Column, ...] = BOTH,
    reports: Reports | None = None,
) -> Matrix:
    """A matrix of both columns, judged against OTP 29; one recording is that of this release."""
    recordings = {"29": recording} if isinstance(recording, Record) else recording
    return build(cases, columns, run, Oracle(recordings, differences or Differences(), "29"), reports)


class ToyVm(Backend):
    """A backend that says it is a VM of a release."""

    def __init__(self, name: str, release: str) -> None:
        self.name = name
        self.release = release
        self.description = "A toy VM."

    def connect(self, address: Term, port: Term, options: list[Term], timeout: Time) -> AnyResult:
        """Nothing to connect to."""
        return ("error", "econnrefused")

    def listen(self, port: Term, options: list[Term]) -> AnyResult:
        """Nothing to listen on."""
        return ("error", "eacces")

    def about(self) -> dict[str, str]:
        """As a VM says it."""
        return {"release": self.release, "erts": "1.2", "kernel": "3.4", "command": "/somewhere/erl"}


@contextmanager
def vm(release: str) -> Generator[None]:
    """A VM of this release is what `otp_inet` and `otp_socket` are, for a time."""
    names = list(LIVE.values())
    for name in names:
        gentcp.register(ToyVm(name, release))
    try:
        yield
    finally:
        for name in names:
            gentcp.unregister(name)
