"""A worker: a process of the system that runs programs on one subject, many at a time since they mostly wait.

`python -m gentcp_conformance.explore.worker NAME COUNT` reads one JSON document a line: the number of a run, its
program and its patience.  It answers each with a line: that number and the log, or why it is lost.  The first line
says what the subject is.  It ends with its input.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from ..environment import describe_subject
from . import program
from .running import run
from .stage import Lost

if TYPE_CHECKING:
    from collections.abc import Generator


class Gate:
    """Many may be in at a time, or one that must be alone."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._alone = False

    @contextmanager
    def passed(self, *, alone: bool) -> Generator[None]:
        """Inside."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone and not (alone and self._inside))
            self._inside += 1
            self._alone = alone
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._alone = False
                self._changed.notify_all()


class Worker:
    """Runs programs on a backend and writes what comes of them."""

    def __init__(self, backend: str, answers: IO[str]) -> None:
        self._backend, self._answers = backend, answers
        self._writing, self._gate = threading.Lock(), Gate()

    def answer(self, **found: Any) -> None:
        """One line, at once."""
        with self._writing:
            self._answers.write(json.dumps(found) + "\n")
            self._answers.flush()

    def run(self, asked: dict[str, Any]) -> None:
        """Run a program and answer."""
        number = asked["run"]
        try:
            wanted = program.from_json(asked["program"])
            with self._gate.passed(alone=wanted.alone):
                self.answer(run=number, log=run(wanted, self._backend, asked["patience"]))
        except Lost as why:
            self.answer(run=number, lost=str(why))
        except Exception as error:  # noqa: BLE001  the run goes on; what went wrong is told with the program
            self.answer(run=number, log=[f"?{type(error).__name__}: {error}"])


def main() -> None:
    """Serve until the input ends."""
    backend, count = sys.argv[1], int(sys.argv[2])
    # What a backend may print must not come between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    worker = Worker(backend, answers)
    try:
        worker.answer(ready=describe_subject(backend))
    except Exception as error:  # noqa: BLE001  told to whoever started this
        worker.answer(failed=f"{type(error).__name__}: {error}")
        return
    pool = ThreadPoolExecutor(count)
    for line in sys.stdin:
        pool.submit(worker.run, json.loads(line))
    os._exit(0)


if __name__ == "__main__":
    main()
