"""Processes that wait in accept: first come, first served, each with its own timeout."""

from __future__ import annotations

import socket
import threading
from collections import deque
from time import monotonic

from gentcp._platform import READ
from gentcp.errors import reason_of
from gentcp.process import Process, current_process


class Turn:
    """A place in the line.  Its methods are called with the line's lock held."""

    __slots__ = ("process", "reason")

    def __init__(self, process: Process) -> None:
        self.process: Process = process
        self.reason: str = ""

    def wake(self) -> None:
        """Look again: it is at the head of the line, or has a `reason` to give up."""
        self.process.wake()

    def left(self) -> None:
        """It has left the line, and the next one is not yet at its head."""


class Acceptors:
    """The queue of a listener.  Only its head makes system calls; the others are parked."""

    __slots__ = ("_closed", "_lock", "_queue", "_sock")

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._lock = threading.Lock()
        self._queue: deque[Turn] = deque()
        self._closed = ""

    def waiting(self) -> int:
        """How many processes are in accept."""
        return len(self._queue)

    def processes(self) -> list[Process]:
        """Those that are in accept, the first in the line first."""
        with self._lock:
            return [turn.process for turn in self._queue]

    def accept(self, timeout: float | None) -> socket.socket | str:
        """A connection, or the reason why there is none: "timeout", "closed" or the system's."""
        with self._lock:
            if self._closed:
                return self._closed
            if not self._queue and (sock := self._try()) is not None:
                return sock
            turn = Turn(current_process())
            self._queue.append(turn)
        try:
            return self._wait(turn, None if timeout is None else monotonic() + timeout)
        finally:
            self.leave(turn)

    def _wait(self, turn: Turn, deadline: float | None) -> socket.socket | str:
        process = turn.process
        while True:
            ahead, fd = self._queue, self._sock.fileno()
            if ahead and ahead[0] is turn and fd >= 0:
                process.wait_fd(fd, READ, deadline)
            else:
                process.park(deadline)
            with self._lock:
                process.check()  # a connection must not go to the dead
                if turn.reason:
                    return turn.reason
                if self._queue[0] is turn and (sock := self._try()) is not None:
                    return sock
                if deadline is not None and monotonic() >= deadline:
                    return "timeout"

    def _try(self) -> socket.socket | str | None:
        try:
            sock = self._sock.accept()[0]
        except BlockingIOError:
            return None
        except OSError as error:
            return reason_of(error)
        if sock.gettimeout() is not None:  # socket.setdefaulttimeout is not for us
            sock.settimeout(None)
        return sock

    def join(self, turn: Turn) -> socket.socket | str | None:
        """What `accept` would give at once; if that is nothing, None, and `turn` is in the line."""
        with self._lock:
            if self._closed:
                return self._closed
            if not self._queue and (sock := self._try()) is not None:
                return sock
            self._queue.append(turn)
            if self._queue[0] is turn:
                turn.wake()
            return None

    def take(self, turn: Turn) -> socket.socket | str | None:
        """A connection for the head of the line, which then leaves it, or the system's reason; None: not yet."""
        with self._lock:
            if not self._queue or self._queue[0] is not turn or (sock := self._try()) is None:
                return None
            self._remove(turn)
            return sock

    def leave(self, turn: Turn) -> bool:
        """False when it was not in the line any more."""
        with self._lock:
            return self._remove(turn)

    def _remove(self, turn: Turn) -> bool:
        there = turn in self._queue
        if there:
            self._queue.remove(turn)
            turn.left()
        if self._queue:
            self._queue[0].wake()
        return there

    def close(self, reason: str = "closed") -> None:
        """Nobody gets a connection any more; who waits gets `reason`."""
        with self._lock:
            self._closed = reason
            for turn in tuple(self._queue):
                turn.reason = reason
                turn.wake()
