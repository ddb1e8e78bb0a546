"""Processes that wait in accept: first come, first served, each with its own timeout."""

from __future__ import annotations

import os
import socket
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any

from gentcp._platform import READ
from gentcp.abc import Result
from gentcp.errors import reason_of
from gentcp.process import Process

from .operation import NOTHING_OF_THE_SYSTEM, Operation, Wanted

TakeIn = Callable[[socket.socket], Result]
"""Makes a socket of the backend of a connection: `("ok", handle)`.  Called with the listener's lock held."""
_NO_MEMORY = ("error", "enomem")


class AcceptOp(Operation):
    """A place in the line."""

    __slots__ = ("_acceptors", "take_in")

    def __init__(self, process: Process, acceptors: Acceptors, take_in: TakeIn) -> None:
        super().__init__(process)
        self._acceptors = acceptors
        self.take_in: TakeIn = take_in

    @property
    def lock(self) -> threading.RLock:
        """That of the listener."""
        return self._acceptors.lock

    def wants(self) -> Wanted:
        """A connection, if it is at the head of the line."""
        return self._acceptors.wanted_by(self)

    def attempt(self) -> None:
        """Somebody wants to connect."""
        self._acceptors.attempt(self)

    def expire(self) -> None:
        """It was its time, or that of those before it."""
        self._acceptors.leave(self, ("error", "timeout"))

    def give_up(self) -> None:
        """Leave the line."""
        self._acceptors.leave(self, ("error", "aborted"))


class Acceptors:
    """The line of a listener.  Only its head makes system calls.  With the listener's lock held."""

    __slots__ = ("_accept", "_line", "_made", "_nobody", "_sock", "lock")

    def __init__(self, sock: socket.socket, lock: threading.RLock) -> None:
        sock.setblocking(False)
        self._sock = sock
        # socket.accept is made of it; that looks up the kind of socket each time, which takes longer than all the rest.
        accept = sock._accept  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
        self._accept: Callable[[], tuple[int, Any]] = accept
        self._made: Callable[[int], socket.socket] = partial(socket.socket, sock.family, sock.type, sock.proto)
        self._line: deque[AcceptOp] = deque()
        self._nobody: Result | None = None
        self.lock: threading.RLock = lock

    def waiting(self) -> int:
        """How many processes are in accept."""
        return len(self._line)

    def processes(self) -> list[Process]:
        """Those that are in accept, the first in the line first."""
        return [op.process for op in self._line]

    def accept(self, process: Process, timeout: float | None, take_in: TakeIn) -> Result | AcceptOp:
        """A connection, or the error of the system; or else a place in the line."""
        if not self._line and (found := self._try()) is not None:
            if isinstance(found, tuple):
                return found
            try:
                return take_in(found)
            except MemoryError:
                return _not_taken(found)
        op = AcceptOp(process, self, take_in)
        if timeout is not None:
            op.deadline = monotonic() + timeout
        try:
            self._line.append(op)
        except BaseException:
            self.leave(op, ("error", "aborted"))
            raise
        return op

    def wanted_by(self, op: AcceptOp) -> Wanted:
        """See `AcceptOp.wants`."""
        line = self._line
        return (self._sock.fileno(), READ) if line and line[0] is op else NOTHING_OF_THE_SYSTEM

    def attempt(self, op: AcceptOp) -> None:
        """Accept for the head of the line, and as long as there is a connection for those behind it.

        To wake them, for each to ask the system anew, takes longer.  A connection must not go to the dead.
        """
        line = self._line
        if not line or line[0] is not op:
            return
        while line and line[0].process.alive and (found := self._try()) is not None:
            first = line.popleft()
            if isinstance(found, tuple):
                first.complete(found)
                continue
            try:
                result = first.take_in(found)
            except MemoryError:
                result = _not_taken(found)
            first.complete(result)
        if line and line[0] is not op:
            line[0].look()

    def end(self, result: Result) -> None:
        """Nobody can connect any more: `result` is for who finds no connection that waits already."""
        self._nobody = result
        if self._line:
            self.attempt(self._line[0])

    def _try(self) -> socket.socket | Result | None:
        fd = -1
        try:
            fd = self._accept()[0]
            sock = self._made(fd)
        except BlockingIOError:
            return self._nobody
        except OSError as error:
            return ("error", reason_of(error))
        except MemoryError:
            if fd >= 0:
                os.close(fd)
            return _NO_MEMORY
        if sock.gettimeout() is not None:  # socket.setdefaulttimeout is not for us
            sock.settimeout(None)
        return sock

    def leave(self, op: AcceptOp, result: Result) -> None:
        """`op` has its result."""
        if op in self._line:
            self._line.remove(op)
            op.complete(result)
        if self._line:
            self._line[0].look()

    def close(self, reason: str = "closed") -> None:
        """Who waits gets `reason`."""
        line, self._line = self._line, deque()
        for op in line:
            op.complete(("error", reason))


def _not_taken(sock: socket.socket) -> Result:
    """There is no memory for what the connection needs."""
    sock.close()
    return _NO_MEMORY
