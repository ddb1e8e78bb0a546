"""Sides of a hunt without workers: programs are run in this process, and on one side a backend may have a fault."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from contextlib import nullcontext
from typing import TYPE_CHECKING

from gentcp_conformance.explore.hunt import Counted, Hunt
from gentcp_conformance.explore.program import dumps
from gentcp_conformance.explore.running import run
from gentcp_conformance.explore.side import Outcome
from gentcp_conformance.explore.subjects import Subject

from . import mutants

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gentcp_conformance.explore.known import Known
    from gentcp_conformance.explore.program import Program

    from .mutants import Mutant

QUICK = 0.4
"""Patience enough where nothing else runs."""

_one_at_a_time = threading.Lock()


class InProcess:
    """A side that runs at once what it is asked for, each program once: they have been chosen not to vary."""

    def __init__(self, backend: str, mutant: Mutant | None = None) -> None:
        self.subject = Subject(backend, backend)
        self.about: dict[str, str] = {}
        self._mutant = mutant
        self._seen: dict[str, Outcome] = {}

    def submit(self, program: Program, patience: float = 1.0) -> Future[Outcome]:
        done: Future[Outcome] = Future()
        key = dumps(program)
        if key not in self._seen:
            with _one_at_a_time, mutants.alive(self._mutant) if self._mutant else nullcontext():
                self._seen[key] = Outcome(tuple(run(program, self.subject.backend, QUICK)))
        done.set_result(self._seen[key])
        return done

    def close(self) -> None:
        pass


class Scripted:
    """A side that says what it is told to."""

    def __init__(self, answer: Callable[[Program], Outcome]) -> None:
        self.subject = Subject("scripted", "scripted")
        self._answer = answer

    def submit(self, program: Program, patience: float = 1.0) -> Future[Outcome]:
        done: Future[Outcome] = Future()
        done.set_result(self._answer(program))
        return done

    def close(self) -> None:
        pass


class Unseen:
    """Progress that nobody looks at."""

    def at(self, doing: str, counted: Counted) -> None:
        pass


def hunt(
    left: InProcess | Scripted,
    right: InProcess | Scripted,
    known: Sequence[Known] = (),
    pair: tuple[str, str] = ("inet", "otp_inet"),
) -> Hunt:
    return Hunt(left, right, pair, known, Unseen(), 4)


def fault(name: str) -> Mutant:
    """A fault by its id."""
    return next(each for each in mutants.everything() if each.id == name)
