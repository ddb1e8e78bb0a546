"""Processes that a case starts, whose results it looks at from outside."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import gentcp

from .term import Term, is_tuple
from .waiting import CaseError, duration_class

_GRACE = 0.4
_PATIENCE = 5.0
_STAY = 60.0

# First element of the messages by which a task is told what to do; no case can make an equal one.
_TOLD = object()


class Job:
    """One function call in a task's process."""

    def __init__(self, function: Callable[..., Term], arguments: tuple[Any, ...]) -> None:
        self._call = (function, arguments)
        self._started = threading.Event()
        self._done = threading.Event()
        self._value: Term = None
        self._error: BaseException | None = None
        self._seconds = 0.0

    def run(self) -> None:
        """Make the call, in the process that it is meant for."""
        function, arguments = self._call
        began = time.monotonic()
        self._started.set()
        try:
            self._value = function(*arguments)
        except Exception as error:  # noqa: BLE001  raised again where the outcome is looked at
            self._error = error
        except gentcp.ProcessKilled as error:
            self._error = error
            raise
        finally:
            self._seconds = time.monotonic() - began
            self._done.set()

    def outcome(self, grace: float = _GRACE) -> Term:
        """The value, or 'still_blocked' when there is none `grace` seconds after the call began (or after now).

        Raises what the call raised.
        """
        if not self._finished(grace):
            return "still_blocked"
        if self._error is not None:
            raise self._error
        return self._value

    def timed(self, grace: float = _GRACE) -> Term:
        """Like `outcome`, with how long the call took: {immediate | {blocked, Ms}, Value} | still_blocked."""
        if not self._finished(grace):
            return "still_blocked"
        return (duration_class(self._seconds), self.outcome(0))

    def _finished(self, grace: float) -> bool:
        # A busy machine may be slow to start the process: that is not what "blocked" means.
        if not self._started.wait(_PATIENCE):
            raise CaseError(f"a task did not start within {_PATIENCE:g} s")
        return self._done.wait(grace)


class Task(Job):
    """A process and its first call.

    It stays alive after that call, so that its sockets do, until `end` or `kill` or the end of the case; with `stay`
    False it ends with the call.
    """

    def __init__(self, function: Callable[..., Term], arguments: tuple[Any, ...], *, stay: bool = True) -> None:
        super().__init__(function, arguments)
        self.process = gentcp.spawn(self._live, stay)

    def start(self, function: Callable[..., Term], *arguments: Any) -> Job:
        """Call another function in the process, after what it is doing; does not wait."""
        job = Job(function, arguments)
        self.process.post((_TOLD, job))
        return job

    def call(self, function: Callable[..., Term], *arguments: Any) -> Term:
        """Call another function in the process and return its value; raises CaseError when it takes over 5 s."""
        value = self.start(function, *arguments).outcome(_PATIENCE)
        if value == "still_blocked":
            raise CaseError(f"a call in a task did not return within {_PATIENCE:g} s")
        return value

    def end(self) -> None:
        """Let the process end normally and wait for it."""
        self.process.post((_TOLD, None))
        self._join("end")

    def kill(self) -> None:
        """Kill the process, also in the middle of a blocked call, and wait for its end."""
        self.process.kill()
        self._join("die")

    def _live(self, stay: bool) -> None:
        self.run()
        while stay:
            try:
                _, job = gentcp.receive(is_told, timeout=_STAY)
            except TimeoutError:
                return
            if job is None:
                return
            job.run()

    def _join(self, what: str) -> None:
        if not self.process.join(_PATIENCE):
            raise CaseError(f"a task did not {what} within {_PATIENCE:g} s")


def is_told(message: Any) -> bool:
    """Whether a message is the kit's own, not one that a case should see."""
    return is_tuple(message) and len(message) == 2 and message[0] is _TOLD
