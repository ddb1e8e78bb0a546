"""What was asked of a socket and has no answer yet.

An operation belongs to its socket, not to the call that waits for it.  It says what it waits for, goes on when it is
told that this is there, expires, or is given up.  Who waits, and how, is the business of its waiter (`waiting.py`: a
thread; `following.py`: nobody, the answer is told when it comes).
"""

from __future__ import annotations

import threading
from typing import Any, Final, Protocol

from gentcp._compiled import mypyc_attr
from gentcp.abc import Result
from gentcp.process import Process, local

NOTHING_OF_THE_SYSTEM: Final = (-1, 0)
"""What an operation wants that waits for other operations: it is woken."""
Wanted = tuple[int, int]
"""A descriptor and READ or WRITE."""


class Waiter(Protocol):
    """Who waits for an operation, where that is not the thread of its process."""

    def look(self) -> None:
        """The result of the operation, or what it wants, may have changed.  With its lock held."""


@mypyc_attr(allow_interpreted_subclasses=True)
class Operation:
    """All methods are called with `lock` held."""

    __slots__ = ("deadline", "outer", "process", "result", "waiter")

    def __init__(self, process: Process, deadline: float | None = None) -> None:
        self.process: Process = process
        """Whom it is for."""
        self.result: Result = None
        """None as long as there is none; then it stays.  It may be another operation, which is waited for then."""
        self.deadline: float | None = deadline
        """In seconds of `time.monotonic`."""
        self.waiter: Waiter | None = None
        self.outer: Any = None
        """What its thread waited in already, which a signal handler has interrupted."""

    @property
    def lock(self) -> threading.RLock:
        """That of its socket."""
        raise NotImplementedError

    def begin_wait(self) -> None:
        """Its thread is about to wait for it; before anybody else knows of it."""
        process = self.process
        self.outer = process.waits_in
        process.waits_in = self

    def answered(self) -> bool:
        """Whether it has its result."""
        return self.result is not None

    def wants(self) -> Wanted:
        """What it waits for."""
        return NOTHING_OF_THE_SYSTEM

    def attempt(self) -> None:
        """The system has said that what it wants is there."""
        raise NotImplementedError

    def woken(self) -> None:
        """Somebody has called `look`.  Only waiters that may be interrupted before they take a result say so."""

    def expire(self) -> None:
        """The deadline is over."""
        self.result = ("error", "timeout")

    def give_up(self) -> None:
        """Whom it was for has ended, or was interrupted while it waited."""
        raise NotImplementedError

    def left(self) -> None:
        """It has its result, and nobody polls a descriptor for it any more."""

    def complete(self, result: Result) -> None:
        """Set the result, and tell whoever waits."""
        self.result = result
        self.look()

    def look(self) -> None:
        """Have whoever waits look again."""
        waiter = self.waiter
        if waiter is not None:
            waiter.look()
        elif self.process is not getattr(local, "process", None) or self.process.parked:
            self.process.wake()

    def waiter_down(self, process: Process) -> None:
        """`process` has been killed, which waited for it.  Called without the lock."""
        with self.lock:
            if self.process is process and self.result is None:
                self.give_up()
