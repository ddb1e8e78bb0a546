"""Waiting for something to be so, with a limit; nothing here sleeps in the hope that it is long enough."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

import gentcp

PATIENCE = 20.0
"""Seconds after which a condition counts as failed; a healthy run never waits so long."""
_T = TypeVar("_T")


def eventually(probe: Callable[[], _T], patience: float = PATIENCE) -> _T:
    """The first true value that `probe` gives; AssertionError when there is none in time."""
    deadline = monotonic() + patience
    pause = threading.Event()
    while not (found := probe()):
        if monotonic() > deadline:
            raise AssertionError(f"still not so after {patience} s: {probe}; last answer {found!r}")
        pause.wait(0.001)
    return found


def stopwatch() -> Callable[[], float]:
    """A function that tells the seconds since this call."""
    start = monotonic()
    return lambda: monotonic() - start


class Task:
    """A gentcp process whose result is kept: what the function returned, "killed", or what it raised."""

    def __init__(self, function: Callable[..., object], *args: Any) -> None:
        self._done = threading.Event()
        self._result: Any = None
        self._error: Exception | None = None
        self.process = gentcp.spawn(self._run, function, args, name=getattr(function, "__name__", "task"))

    def _run(self, function: Callable[..., object], args: tuple[Any, ...]) -> None:
        try:
            self._result = function(*args)
        except gentcp.ProcessKilled:
            self._result = "killed"
            raise
        except Exception as error:  # noqa: BLE001  it is raised again by `result`
            self._error = error
        finally:
            self._done.set()

    @property
    def done(self) -> bool:
        return self._done.is_set()

    def result(self, patience: float = PATIENCE) -> Any:
        """What the function returned, once its process has ended too."""
        assert self._done.wait(patience), f"{self.process} is still blocked after {patience} s"
        self.join(patience)
        if self._error is not None:
            raise self._error
        return self._result

    def join(self, patience: float = PATIENCE) -> None:
        assert self.process.join(patience), f"{self.process} has not ended after {patience} s"
        thread = self.process.thread
        assert thread is not None
        thread.join(patience)

    def kill(self) -> None:
        self.process.kill()

    def end(self) -> None:
        """Whatever it does, it does no longer."""
        self.kill()
        self.join()


def run_python(code: str, *arguments: str, patience: float = PATIENCE) -> str:
    """Run a program in an interpreter of its own, and return what it printed."""
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=patience)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout
