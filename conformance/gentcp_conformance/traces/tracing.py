"""One case on one subject, traced."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gentcp
from gentcp_conformance.outcome import Kind as Ended
from gentcp_conformance.outcome import Outcome
from gentcp_conformance.run import run_once
from gentcp_conformance.subject import Subject

from .canonical import points, renumbered
from .events import Trace
from .naming import Names
from .observer import Observer
from .patching import patched
from .recorder import Recorder
from .stage import Stage

if TYPE_CHECKING:
    from gentcp_conformance.case import Case

# Replacements are for the whole program.
_one_at_a_time = threading.Lock()

DISTURBED = "recorded without looks at the connection: they changed the outcome"
OTHER = "not the recorded outcome"


def trace(case: Case, backend: str, column: str, expected: Sequence[str] = ()) -> Trace:
    """What happens when `case` runs on `backend`, under the name of the column of OTP that it stands for.

    The outcome must be one of `expected`, if there are any; when looking at the connection changes it, the trace is
    made without.
    """
    outcome, found = traced(case, backend, column)
    if _fits(outcome, expected):
        return found
    outcome, plain = traced(case, backend, column, observe=False)
    notes = [DISTURBED] if _fits(outcome, expected) else [OTHER]
    return replace(plain, notes=tuple(notes))


def traced(case: Case, backend: str, column: str, *, observe: bool = True) -> tuple[Outcome, Trace]:
    """The outcome of one run, and its trace."""
    gentcp.get_backend(backend).about()  # starts a VM, whose start is no part of the case
    recorder = Recorder(settle=observe)
    observer = Observer(recorder, queues=column == "inet") if observe else None
    subject = Subject(backend)

    def function(t: Subject) -> Any:
        recorder.start()
        if observer is not None:
            observer.start()
        try:
            return case.function(t)
        finally:
            recorder.stop()

    with _one_at_a_time, patched(Stage(recorder, observer, backend).patches()):
        outcome = run_once(replace(case, function=function), subject)
    recorder.stop()
    if observer is not None:
        with suppress(RuntimeError):  # it never began
            observer.join()
    names = Names(backend, recorder.lanes)
    return outcome, Trace(case.id, column, tuple(renumbered(points(recorder, names))))


def _fits(outcome: Outcome, expected: Sequence[str]) -> bool:
    return outcome.kind is Ended.TERM and (not expected or outcome.text in expected)
