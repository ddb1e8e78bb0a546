"""Processes that wait in accept: first come, first served, each with its own timeout."""

from __future__ import annotations

import socket
import threading
from collections import deque
from time import monotonic

from gentcp._platform import READ
from gentcp.errors import reason_of
from gentcp.process import Process, current_process


class _Turn:
    __slots__ = ("process", "reason")

    def __init__(self, process: Process) -> None:
        self.process = process
        self.reason = ""


class Acceptors:
    """The queue of a listener.  Only its head makes system calls; the others are parked."""

    __slots__ = ("_closed", "_lock", "_queue", "_sock")

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._lock = threading.Lock()
        self._queue: deque[_Turn] = deque()
        self._closed = ""

    def waiting(self) -> int:
        """How many processes are in accept."""
        return len(self._queue)

    def accept(self, timeout: float | None) -> socket.socket | str:
        """A connection, or the reason why there is none: "timeout", "closed" or the system's."""
        with self._lock:
            if self._closed:
                return self._closed
            if not self._queue and (sock := self._try()) is not None:
                return sock
            turn = _Turn(current_process())
            self._queue.append(turn)
        try:
            return self._wait(turn, None if timeout is None else monotonic() + timeout)
        finally:
            self._leave(turn)

    def _wait(self, turn: _Turn, deadline: float | None) -> socket.socket | str:
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

    def _leave(self, turn: _Turn) -> None:
        with self._lock:
            if turn in self._queue:
                self._queue.remove(turn)
            if self._queue:
                self._queue[0].process.wake()

    def close(self, reason: str = "closed") -> None:
        """Nobody gets a connection any more; who waits gets `reason`."""
        with self._lock:
            self._closed = reason
            for turn in self._queue:
                turn.reason = reason
                turn.process.wake()
