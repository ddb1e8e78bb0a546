"""One side of a comparison: the workers of a subject, begun anew when it dies or hangs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from . import program as programs
from .outcomes import UNDEFINED
from .outcomes import text as notation

if TYPE_CHECKING:
    from .program import Program
    from .subjects import Subject

AT_A_TIME = 8
"""How many programs a worker runs at a time: they mostly wait."""

_ANSWER = 30.0
_START = 60.0
_ENDING = 5.0
_LACKS = notation(UNDEFINED, {})
_MODULE = "gentcp_conformance.explore.worker"


class NoSubject(Exception):
    """The workers of a subject cannot be started; says why."""


class Gone(Exception):
    """The subject has died, or hangs."""


@dataclass(frozen=True)
class Outcome:
    """The log of a program, or why there is none: the subject is `lost` whenever it runs the program."""

    log: tuple[str, ...] = ()
    lost: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """What is compared."""
        return (f"lost: {self.lost}",) if self.lost else self.log

    @property
    def lacking(self) -> bool:
        """Whether the subject has not all of the functions."""
        return any(line.endswith(_LACKS) for line in self.log)


class Runs(Protocol):
    """What runs programs on a subject."""

    def submit(self, program: Program, patience: float = 1.0) -> Future[Outcome]:
        """Run it, beside others."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class Side:
    """Runs programs in so many workers of a subject.  NoSubject when they cannot be started."""

    def __init__(self, subject: Subject, jobs: int, at_a_time: int = AT_A_TIME) -> None:
        self.subject = subject
        self.lost = 0
        self._at_a_time = at_a_time
        self._choosing, self._alone = threading.Lock(), threading.Lock()
        self._workers = [_Client(subject, at_a_time) for _ in range(jobs)]
        self._threads = ThreadPoolExecutor(jobs * at_a_time, f"explore-{subject.text}")
        try:
            self.about = [each.wait_ready() for each in self._workers].pop()
        except NoSubject:
            self.close()
            raise

    def submit(self, program: Program, patience: float = 1.0) -> Future[Outcome]:
        """Run a program when its turn comes."""
        return self._threads.submit(self._run, program, patience)

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.close()

    def _run(self, program: Program, patience: float) -> Outcome:
        worker = self._least_busy()
        try:
            return Outcome(tuple(worker.run(program, patience)))
        except Gone:
            self._replace(worker)
        with self._alone:  # which of those that ran has done it, only a run alone tells
            fresh = _Client(self.subject, 1)
            try:
                fresh.wait_ready()
                return Outcome(tuple(fresh.run(program, patience)))
            except Gone as why:
                self.lost += 1
                return Outcome(lost=str(why))
            finally:
                fresh.close()

    def _least_busy(self) -> _Client:
        with self._choosing:
            chosen = min(self._workers, key=lambda worker: worker.running)
            chosen.running += 1
            return chosen

    def _replace(self, worker: _Client) -> None:
        with self._choosing:
            if worker in self._workers:
                self._workers.remove(worker)
                self._workers.append(_Client(self.subject, self._at_a_time))
        worker.close()


class _Client:
    """A worker, as its parent sees it."""

    def __init__(self, subject: Subject, at_a_time: int) -> None:
        self.running = 0
        self._subject = subject
        self._process = subprocess.Popen(  # noqa: S603  it is this Python
            [sys.executable, "-m", _MODULE, subject.backend, str(at_a_time)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
            env={**os.environ, **subject.environment},
        )  # fmt: skip
        self._writing, self._numbers = threading.Lock(), 0
        self._asked: dict[int, Future[list[str]]] = {}
        self._ready: Future[dict[str, str]] = Future()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def wait_ready(self) -> dict[str, str]:
        """What the subject says of itself.  NoSubject when it does not come about."""
        try:
            return self._ready.result(_START)
        except (Gone, TimeoutError) as error:
            raise NoSubject(f"{self._subject.text}: {str(error) or 'it does not start'}") from None

    def run(self, program: Program, patience: float) -> list[str]:
        """The log.  Gone when the worker or its subject is."""
        future: Future[list[str]] = Future()
        with self._writing:
            self._numbers += 1
            number, self._asked[self._numbers] = self._numbers, future
            asked = {"run": number, "program": programs.as_json(program), "patience": patience}
            with suppress(OSError):
                self._write(asked)
        try:
            return future.result(_ANSWER)
        except TimeoutError:
            raise Gone(f"no answer within {_ANSWER:g} s") from None
        finally:
            self.running -= 1

    def close(self) -> None:
        """End the worker; what it was asked for is gone."""
        self._process.kill()
        self._process.wait()
        self._reading.join(_ENDING)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what is not yet written
                    pipe.close()
        self._end("another program that ran meanwhile took the subject with it")

    def _write(self, asked: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._take(json.loads(line))
        self._end("the worker has ended")

    def _take(self, answer: dict[str, Any]) -> None:
        if "ready" in answer:
            self._ready.set_result(answer["ready"])
        elif "failed" in answer:
            self._ready.set_exception(Gone(answer["failed"]))
        elif (future := self._asked.pop(answer["run"], None)) is not None:
            if "lost" in answer:
                future.set_exception(Gone(answer["lost"]))
            else:
                future.set_result(answer["log"])

    def _end(self, why: str) -> None:
        if not self._ready.done():
            with suppress(Exception):
                self._ready.set_exception(Gone(why))
        while self._asked:
            with suppress(KeyError, Exception):
                self._asked.popitem()[1].set_exception(Gone(why))
