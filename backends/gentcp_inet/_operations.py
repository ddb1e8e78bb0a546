"""What may wait in a port: senders, commands, and close."""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING

from gentcp.abc import Result, Term
from gentcp.engine import NOTHING_OF_THE_SYSTEM, WRITE, Follower, Operation, Wanted, nobody
from gentcp.process import Process
from gentcp.system_monitor import busy_port

from . import _sending
from ._states import CLOSED

if TYPE_CHECKING:
    from ._port import InetPort


class PortOp(Operation):
    """An operation of a port."""

    __slots__ = ("port",)

    def __init__(self, process: Process, port: InetPort) -> None:
        super().__init__(process)
        self.port: InetPort = port

    @property
    def lock(self) -> threading.RLock:
        """See `Operation.lock`."""
        return self.port.lock

    def attempt(self) -> None:
        """It is woken, and wants nothing of the system."""


class InLine(PortOp):
    """It may be suspended in front of a busy port; then it goes on with `enter`."""

    __slots__ = ("told",)

    def __init__(self, process: Process, port: InetPort) -> None:
        super().__init__(process, port)
        self.told: int = -1
        """The spell of which the system monitor has been told."""

    def enter(self) -> None:
        """The port is not busy, or not connected, any more."""
        raise NotImplementedError

    def stay(self, spell: int) -> None:
        """The port is busy, again or still."""
        if spell != self.told:
            self.told = spell
            busy_port(self.process, self.port.term)

    def give_up(self) -> None:
        """It has not come to anything yet."""
        suspended = self.port.writer.suspended
        if suspended and self in suspended:
            suspended.remove(self)
        self.complete(("error", "aborted"))
        _sending.settle(self.port)


class Sender(InLine):
    """A send: suspended as long as it has `data`, then blocked by a full queue.

    Its time belongs to the port: when its process ends the data stays queued, and the port busy until the time is over.
    """

    __slots__ = ("data", "flushes", "timed")

    def __init__(self, process: Process, port: InetPort, data: bytes | None, *, timed: bool) -> None:
        super().__init__(process, port)
        self.data: bytes | None = data
        self.timed: bool = timed
        """A thread waits, which may flush the queue meanwhile: nothing has to change threads."""
        self.flushes: bool = False

    def wants(self) -> Wanted:
        """Room, if it flushes the queue."""
        return (self.port.fd, WRITE) if self.flushes else NOTHING_OF_THE_SYSTEM

    def attempt(self) -> None:
        """Flush."""
        if self.flushes:
            _sending.flush(self.port)

    def enter(self) -> None:
        """Send."""
        data, self.data = self.data, None
        if self.port.state is CLOSED:
            self.complete(("error", "einval"))
            return
        result = _sending.submit(self.port, data or b"")
        if result is not None:
            self.complete(self.port.answered(self.process, result))
        else:
            _sending.block(self.port, self)
            self.look()

    def expire(self) -> None:
        """send_timeout is over."""
        self.result = _sending.overdue(self.port, self)

    def give_up(self) -> None:
        """The port goes on waiting."""
        if self.data is not None:
            self.data = None
            super().give_up()
        elif not isinstance(self.waiter, Follower):
            _sending.give_back(self.port, self)
            follower = Follower(self, nobody)
            self.waiter = follower
            follower.look()

    def left(self) -> None:
        """See `Operation.left`."""
        if self.port.lingering is not None:
            self.port.lingering.left(self)


class Drained(PortOp):
    """close/1 returns when the queue has been written, or has not moved for a while, or the linger time is over.

    As in OTP "moved" is measured against the size at first: once there was progress, it waits to the end.  Nobody tells
    it of the end of an active port, nor of the queue of a closed one; it finds out when it looks for progress.
    """

    __slots__ = ("_before", "_last", "_patience")

    def __init__(self, process: Process, port: InetPort, *, longest: float, patience: float) -> None:
        super().__init__(process, port)
        self._before = port.writer.queue.size
        self._last = monotonic() + longest
        self._patience = patience
        self.deadline = min(self._last, monotonic() + patience)

    def check(self) -> bool:
        """Whether there is nothing left to wait for."""
        if not self.port.writer.waited_for():
            self.told()
        return self.result is not None

    def told(self) -> None:
        """The queue is written."""
        if self.result is None:
            self.complete("ok")

    def expire(self) -> None:
        """Give up, or wait on."""
        now = monotonic()
        if self.port.gone or now >= self._last or self.port.writer.queue.size == self._before:
            self.result = "ok"
        else:
            self.deadline = min(self._last, now + self._patience)

    def give_up(self) -> None:
        """Whoever closes has gone, and the socket stays open."""
        self.result = ("error", "aborted")

    def left(self) -> None:
        """See `Operation.left`."""
        closers = self.port.writer.closers
        if closers and self in closers:
            closers.remove(self)


class Command(Sender):
    """A sender that does not wait: the answer is a message."""

    __slots__ = ()

    def __init__(self, process: Process, port: InetPort) -> None:
        super().__init__(process, port, None, timed=False)


def reply(port: InetPort, process: Process, label: Term, result: Result) -> None:
    """The message with the answer to a command."""
    process.post(("inet_reply", port.term, result, label))
