"""A close(2) that lingers, which is done elsewhere, and the calls that wait until it is over.

`{linger, {true, Seconds}}` makes close(2) wait for data that the kernel has not got rid of.  Whoever is in close or in
another call of the socket meanwhile waits for a `Later`; nobody waits in the system but the host's helper.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Protocol

from gentcp.abc import Result
from gentcp.process import Process, local

from .driver import driver
from .host import Host
from .linger import do_not_linger
from .locks import held
from .operation import Operation
from .waiting import wait

Answer = Callable[[], Result]
CLOSED: Result = ("error", "closed")


class Lingered(Protocol):
    """What this asks of the socket; `Endpoint` has it."""

    lingering: Lingering | None
    lock: threading.RLock
    sock: socket.socket

    @property
    def host(self) -> Host:
        """That of its owner."""
        ...

    def reap(self) -> None:
        """Close the descriptor if nobody is in a system call on it any more.  With the lock held."""


class Later(Operation):
    """A call that is answered when close(2) is over."""

    __slots__ = ("_lock", "answer", "call")

    def __init__(self, process: Process, lock: threading.RLock, answer: Result, call: Answer | None) -> None:
        super().__init__(process)
        self._lock = lock
        self.answer: Result = answer
        """The result, unless `call` is made then."""
        self.call: Answer | None = call
        """It must not raise."""

    @property
    def lock(self) -> threading.RLock:
        """See `Operation.lock`."""
        return self._lock

    def attempt(self) -> None:
        """It wants nothing of the system."""

    def give_up(self) -> None:
        """Nobody wants to know any more; the socket is closed all the same."""
        self.complete(("error", "aborted"))


class Lingering:
    """One close(2) that lingers."""

    __slots__ = ("_after", "_line", "_over", "_polling", "_socket", "done", "ends", "rouses", "serves")

    def __init__(
        self,
        sock: Lingered,
        polling: Iterable[Operation],
        over: Callable[[], None] | None = None,
        after: Callable[[], None] | None = None,
    ) -> None:
        """`over` is called when close(2) has returned, `after` when the calls that waited have been made."""
        self._socket = sock
        self._over = [] if over is None else [over]
        self._after = after
        self.ends: bool = after is not None
        """Those calls are the last ones."""
        self.rouses: bool = False
        """The owner is told that the socket is closed, before those calls are made."""
        self._polling = set(polling)
        """A thread that polls the descriptor keeps it open: close(2) would take effect there, and later."""
        self._line: list[Later] = []
        self.done: bool = False
        """close(2) has returned, and what waited for that is being done."""
        self.serves: bool = True
        """Calls that waited are made when it is over; else they are told that the socket is closed."""

    # ---- with the lock held

    def line_up(self, process: Process, answer: Result, call: Answer | None) -> Later | None:
        """Answer a call of `process` later: with what `call` gives then, if the socket still serves, or `answer`.

        None: close(2) is over, and the calls are being made.
        """
        if self.done:
            return None
        later = Later(process, self._socket.lock, answer, call)
        self._line.append(later)
        return later

    def then(self, function: Callable[[], None]) -> None:
        """Call it, too, when close(2) has returned."""
        if self.done:
            function()
        else:
            self._over.append(function)

    def waiting(self) -> int:
        """How many calls wait."""
        return sum(later.result is None for later in self._line)

    def polled(self) -> bool:
        """Whether close(2) would not take effect yet."""
        return bool(self._polling)

    def left(self, operation: Operation) -> None:
        """Nobody polls the descriptor for `operation` any more."""
        if operation in self._polling:
            self._polling.discard(operation)
            self._socket.reap()

    # ---- without it

    def start(self) -> None:
        """Nobody polls the descriptor any more: close it."""
        try:
            self._socket.host.aside(self.run)
        except RuntimeError:  # no more threads
            do_not_linger(self._socket.sock)
            driver().call_soon(self.run)

    def run(self) -> None:
        """Close, which may block, and answer who waited."""
        sock = self._socket
        with contextlib.suppress(OSError):
            sock.sock.close()
        with sock.lock:
            self.done = True
            for over in self._over:
                over()
        results = [self._result(later) for later in self._line]
        with sock.lock:
            sock.lingering = None
            if self._after is not None:
                self._after()
            for later, result in zip(self._line, results, strict=True):
                if later.result is None:
                    later.complete(result)

    def _result(self, later: Later) -> Result:
        if later.call is None or later.result is not None or not self.serves:
            return later.answer
        here = getattr(local, "process", None)
        local.process = later.process
        try:
            return later.call()
        finally:
            del local.process
            if here is not None:
                local.process = here


def answer_of(later: Later) -> Result:
    """Wait, as a thread does.

    A task cannot, which asks `Endpoint.begin_asking` instead, and a signal handler in the middle of a call cannot.
    """
    return later.answer if held(later.lock) or later.process.host is not None else wait(later)
