"""recv and accept whose caller does not wait: the result comes as `{inet_async, Port, Ref, Result}`.

What they need of the system is polled by the caller's mailbox, as for an active socket; a time that is over is the
driver's business.
"""

from __future__ import annotations

import socket
from abc import abstractmethod

from gentcp.abc import Result, Term
from gentcp.engine import RecvOp, Timer, Turn, driver
from gentcp.ports import port_number, port_time
from gentcp.process import Process, current_process

from ._sendfile import FilePort
from ._states import CLOSED


class AsyncRecv(RecvOp):
    """A recv that was asked for by `process`."""

    __slots__ = ("__weakref__", "number", "port", "timer", "told", "watched")

    def __init__(self, process: Process, length: int, port: AsyncPort, number: int) -> None:
        super().__init__(process, length)
        self.port = port
        self.number = number
        self.timer: Timer | None = None
        self.told = False
        self.watched = -1

    def wake(self) -> None:
        """Tell the result, or watch the descriptor if that is what it waits for."""
        if self.result is not None:
            self._tell()
            return
        fd = self.port.fd if self.port.reads_for(self) else -1
        if fd != self.watched:
            self._unwatch()
            if fd >= 0:
                self.watched = fd
                self.process.watch(fd, self)
                driver().serve(self.process)

    def on_ready(self, events: int) -> None:
        """The descriptor is readable."""
        with self.port.lock:
            if self.result is None and self.port.reads_for(self):
                self.port.read_for(self)
            self.wake()

    def expire(self) -> None:
        """The time is over."""
        with self.port.lock:
            if self.result is None:
                self.port.expire(self)
                self.wake()

    def owner_down(self, reason: Term) -> None:
        """The caller has ended: its place is free, and nothing is read for it."""
        with self.port.lock:
            if self.result is None:
                self.port.give_up(self)
            self.wake()

    def _tell(self) -> None:
        self._unwatch()
        if self.timer is not None:
            driver().cancel(self.timer)
        self.process.disown(self)
        if not self.told:
            self.told = True
            self.process.post(("inet_async", self.port.term, self.number, self.result))

    def _unwatch(self) -> None:
        if self.watched >= 0:
            self.process.unwatch(self.watched)
            self.watched = -1


class AsyncAccept(Turn):
    """An accept that was asked for by `process`."""

    __slots__ = ("__weakref__", "number", "port", "timer", "told", "watched")

    def __init__(self, process: Process, port: AsyncPort, number: int) -> None:
        super().__init__(process)
        self.port = port
        self.number = number
        self.timer: Timer | None = None
        self.told = False
        self.watched = -1

    def wake(self) -> None:
        """Give up, or watch the listener, being the first in line."""
        if self.reason:
            self.left()
            self.tell(("error", self.reason))
        elif self.watched < 0 and self.process.alive:
            self.watched = self.port.fd
            self.process.watch(self.watched, self)
            driver().serve(self.process)

    def left(self) -> None:
        """Stop watching, before the next one begins."""
        if self.watched >= 0:
            self.process.unwatch(self.watched)
            self.watched = -1

    def on_ready(self, events: int) -> None:
        """Somebody wants to connect."""
        acceptors = self.port.acceptors
        found = acceptors.take(self) if acceptors is not None and self.process.alive else None
        if found is not None:
            self.tell(self.port.accepted(found, self.process))

    def expire(self) -> None:
        """The time is over."""
        if self.port.acceptors is not None and self.port.acceptors.leave(self):
            self.tell(("error", "timeout"))

    def owner_down(self, reason: Term) -> None:
        """The caller has ended."""
        if self.port.acceptors is not None:
            self.port.acceptors.leave(self)

    def tell(self, result: Result) -> None:
        """Send the message."""
        if not self.told:
            self.told = True
            self.process.post(("inet_async", self.port.term, self.number, result))
        self.release()

    def release(self) -> None:
        """It is over: neither the time nor the caller's end matters any more."""
        if self.timer is not None:
            driver().cancel(self.timer)
        self.process.disown(self)


class AsyncPort(FilePort):
    """Adds async_recv and async_accept."""

    __slots__ = ()

    def async_recv(self, length: Term, time: Term) -> Result:
        """`("ok", number)`; the message has the same number.  `prim_inet:async_recv/3`."""
        wait, size = port_time(time), port_number(length)
        size = size if size < 0x80000000 else 0
        me = current_process()
        with self.lock:
            if self.state is CLOSED:
                return ("error", "einval")
            if (refused := self._refuse_recv(size)) is not None:
                return refused
            op = AsyncRecv(me, size, self, self._next_number())
            result = self._from_buffer(size) if self.inbound.buf else None
            if result is not None:
                op.complete(result)
                return ("ok", op.number)
            self.receiver = op
            if not self.reading:
                self._read(op)
            if not op.done() and wait == 0:
                self.expire(op)
            if op.done():
                op.wake()
                return ("ok", op.number)
            if wait is not None:
                op.timer = driver().call_later(wait, op.expire)
        me.own(op)
        with self.lock:
            op.wake()
        return ("ok", op.number)

    def _next_number(self) -> int:
        self.asked = (self.asked + 1) & 0xFFFF
        return self.asked

    def reads_for(self, op: AsyncRecv) -> bool:
        """Whether the mailbox of the caller reads.  With the lock held, as in what follows."""
        return self.receiver is op and not self.reading and self._reads_for_recv() and op.process.alive

    def read_for(self, op: AsyncRecv) -> None:
        """The descriptor is readable."""
        self._read(op)

    def expire(self, op: AsyncRecv) -> None:
        """The time of `op` is over."""
        self._on_expired(op.length)
        self._finish(op, ("error", "timeout"))

    def give_up(self, op: AsyncRecv) -> None:
        """Nobody waits for `op` any more."""
        self._finish(op, ("error", "aborted"))

    def async_accept(self, time: Term) -> Result:
        """`("ok", number)`; the message has the same number.  `prim_inet:async_accept/2`."""
        wait, me = port_time(time), current_process()
        acceptors = self.acceptors
        if self.answer("accept") is not None or acceptors is None:
            return ("error", "einval")
        turn = AsyncAccept(me, self, self._next_number())
        found = acceptors.join(turn)
        if found is not None:
            turn.tell(self.accepted(found, me))
        elif wait == 0 and acceptors.leave(turn):
            turn.tell(("error", "timeout"))
        else:
            self._keep(turn, wait)
        return ("ok", turn.number)

    def _keep(self, turn: AsyncAccept, wait: float | None) -> None:
        if wait is not None:
            turn.timer = driver().call_later(wait, turn.expire)
        turn.process.own(turn)
        if turn.told:
            turn.release()

    @abstractmethod
    def accepted(self, found: socket.socket | str, owner: Process) -> Result:
        """`("ok", socket)` for a new connection, which is not registered yet; or why there is none."""
