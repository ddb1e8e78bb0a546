"""Who waits in recv, and for recv."""

from __future__ import annotations

import threading
from time import monotonic
from typing import Protocol

from gentcp._platform import READ
from gentcp.abc import Result
from gentcp.process import Process

from .inbound import Inbound
from .operation import NOTHING_OF_THE_SYSTEM, Operation, Wanted

_RETURN = 0.1
"""Seconds that a woken recv(2) may take to come back; it is a matter of microseconds."""


class Receiving(Protocol):
    """What a receiver asks of its socket, with the lock held; `Reader` does it."""

    fd: int
    inbound: Inbound
    lock: threading.Lock

    def reads_for(self, op: RecvOp) -> bool:
        """Whether it is up to `op` to read now."""
        ...

    def read_for(self, op: RecvOp) -> None:
        """Read once, without blocking."""

    def from_buffer(self, length: int) -> Result:
        """What recv returns of what is buffered; None: nothing yet."""

    def on_expired(self, length: int, *, at_once: bool) -> None:
        """A recv of `length` bytes has timed out; `at_once`: its timeout was 0."""

    def finish(self, op: RecvOp, result: Result) -> None:
        """Answer `op`; if it was the receiver, the next one is."""

    def drop(self, op: RecvOp) -> None:
        """Nobody waits for `op` any more."""


class RecvOp(Operation):
    """A recv that waits.  One of them is the receiver; the others are lined up behind it."""

    __slots__ = ("length", "overtaken", "patient", "reader", "timeout")

    deadline: float | None

    def __init__(self, process: Process, reader: Receiving, length: int, timeout: float | None) -> None:
        super().__init__(process)
        self.patient: bool = False
        """It takes its packet itself, in its own time: none is lost if it is interrupted before it gets there."""
        self.reader: Receiving = reader
        self.length: int = length
        self.timeout: float | None = timeout
        """Seconds; they begin when it is the receiver."""
        self.overtaken: bool = False
        """Others go first, as long as there are any; for the backend to say."""

    @property
    def lock(self) -> threading.Lock:
        """See `Operation.lock`."""
        return self.reader.lock

    def wants(self) -> Wanted:
        """Data, if it is its turn and nobody else reads."""
        reader = self.reader
        return (reader.fd, READ) if reader.reads_for(self) else NOTHING_OF_THE_SYSTEM

    def attempt(self) -> None:
        """Read."""
        if self.reader.reads_for(self):
            patient, self.patient = self.patient, False
            self.reader.read_for(self)
            self.patient = patient

    def woken(self) -> None:
        """Take what is buffered."""
        reader = self.reader
        if reader.inbound.buf and reader.reads_for(self):
            result = reader.from_buffer(self.length)
            if result is not None:
                reader.finish(self, result)

    def expire(self) -> None:
        """It has been the receiver for too long."""
        self.reader.on_expired(self.length, at_once=self.timeout == 0)
        self.reader.finish(self, ("error", "timeout"))

    def give_up(self) -> None:
        """Give up the place: the next one takes over, nothing is lost."""
        self.reader.drop(self)

    def begin(self) -> None:
        """It is the receiver now."""
        if self.timeout is not None:
            self.deadline = monotonic() + self.timeout


class Returned(Operation):
    """Waits until whoever is in a blocking recv has dealt with what that brought."""

    __slots__ = ("_lock",)

    def __init__(self, process: Process, lock: threading.Lock) -> None:
        super().__init__(process, monotonic() + _RETURN)
        self._lock = lock

    @property
    def lock(self) -> threading.Lock:
        """See `Operation.lock`."""
        return self._lock

    def attempt(self) -> None:
        """It wants nothing of the system."""

    def give_up(self) -> None:
        """Nobody wants to know any more."""
        self.result = "ok"
