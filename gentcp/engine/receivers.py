"""Who waits in recv, and for recv: the receiver, the line behind it, and what becomes of them.

The functions are about a reader, with its lock held.
"""

from __future__ import annotations

import threading
from collections import deque
from time import monotonic
from typing import Protocol

from gentcp._platform import READ
from gentcp.abc import Result
from gentcp.process import Process

from .inbound import Inbound
from .lingering import Later, Lingering
from .operation import NOTHING_OF_THE_SYSTEM, Operation, Wanted

_RETURN = 0.1
"""Seconds that a woken recv(2) may take to come back; it is a matter of microseconds."""


class Receiving(Protocol):
    """What receivers ask of their socket, with the lock held; `Reader` has it."""

    armed: bool
    fd: int
    inbound: Inbound
    lingering: Lingering | None
    lock: threading.RLock
    queue_recv: deque[RecvOp] | None
    reading: RecvOp | None
    receiver: RecvOp | None

    @property
    def active(self) -> bool | str | int:
        """As `inet:getopts/2` says it."""
        ...

    def refuse_recv(self, length: int) -> Result:
        """None when recv may go ahead, or what it returns at once."""
        ...

    def refuse_turn(self, length: int) -> Result:
        """As `refuse_recv`, for one that was lined up and would be the receiver now."""
        ...

    def later(self, process: Process, answer: Result) -> Later | None:
        """What a call of `process` comes to when a close(2) that lingers is over, if one does."""
        ...

    def serve(self) -> None:
        """Give packets away, as long as somebody may have one."""

    def arm(self) -> None:
        """Have the descriptor watched for the owner, if it may be now."""

    def disarm(self) -> None:
        """Undo `arm`."""

    def reads_for(self, op: RecvOp) -> bool:
        """Whether it is up to `op` to read now."""
        ...

    def read_for(self, op: RecvOp) -> None:
        """Read once, without blocking."""

    def from_buffer(self, length: int) -> Result:
        """What recv returns of what is buffered; None: nothing yet."""

    def on_expired(self, length: int, *, at_once: bool) -> None:
        """A recv of `length` bytes has timed out; `at_once`: its timeout was 0."""


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
    def lock(self) -> threading.RLock:
        """See `Operation.lock`."""
        return self.reader.lock

    def wants(self) -> Wanted:
        """Data, if it is its turn and nobody else reads."""
        reader = self.reader
        if not reader.reads_for(self):
            return NOTHING_OF_THE_SYSTEM
        if reader.armed:  # from when it was active; whoever polls a descriptor for data must be the only one
            reader.disarm()
        return (reader.fd, READ)

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
                finish_receiver(reader, self, result)

    def expire(self) -> None:
        """It has been the receiver for too long."""
        self.reader.on_expired(self.length, at_once=self.timeout == 0)
        finish_receiver(self.reader, self, ("error", "timeout"))

    def give_up(self) -> None:
        """Give up the place: the next one takes over, nothing is lost."""
        drop_receiver(self.reader, self)

    def left(self) -> None:
        """See `Operation.left`."""
        if self.reader.lingering is not None:
            self.reader.lingering.left(self)

    def begin(self) -> None:
        """It is the receiver now."""
        if self.timeout is not None:
            self.deadline = monotonic() + self.timeout


class Returned(Operation):
    """Waits until whoever is in a blocking recv has dealt with what that brought."""

    __slots__ = ("_lock",)

    def __init__(self, process: Process, lock: threading.RLock) -> None:
        super().__init__(process, monotonic() + _RETURN)
        self._lock = lock

    @property
    def lock(self) -> threading.RLock:
        """See `Operation.lock`."""
        return self._lock

    def attempt(self) -> None:
        """It wants nothing of the system."""

    def give_up(self) -> None:
        """Nobody wants to know any more."""
        self.result = "ok"


# ---- the line


def line_up_receiver(reader: Receiving, process: Process, length: int, timeout: float | None) -> Result | Operation:
    """What recv returns at once, or else what it waits for: a receiver in its place; `timeout` in seconds."""
    refused = reader.refuse_recv(length)
    if refused is not None:
        return refused if reader.lingering is None else reader.later(process, refused) or refused
    if reader.receiver is not None and reader.receiver.overtaken:
        step_back(reader)
    if reader.receiver is None and reader.inbound.buf:
        result = reader.from_buffer(length)
        if result is not None:
            if reader.receiver is None:
                next_receiver(reader)
            return result
    op = RecvOp(process, reader, length, timeout)
    if reader.receiver is None:
        reader.receiver = op
        op.begin()
    else:
        _stand_behind(reader, op)
    return op


def _stand_behind(reader: Receiving, op: RecvOp) -> None:
    if reader.queue_recv is None:
        reader.queue_recv = deque()
    reader.queue_recv.append(op)


def drop_receiver(reader: Receiving, op: RecvOp) -> None:
    """Nobody waits for `op` any more."""
    finish_receiver(reader, op, op.result or ("error", "aborted"))


def finish_receiver(reader: Receiving, op: RecvOp, result: Result) -> None:
    """Answer `op`; if it was the receiver, the next one is."""
    op.result = result
    if reader.receiver is op:
        reader.receiver = None
        next_receiver(reader)
        if reader.active is not False:
            reader.arm()
    elif reader.queue_recv and op in reader.queue_recv:
        reader.queue_recv.remove(op)
    op.look()


def complete_receivers(reader: Receiving, result: Result, others: Result = None) -> None:
    """Answer every recv that waits; `others` is for those that were still lined up."""
    receiver, reader.receiver = reader.receiver, None
    if receiver is not None:
        receiver.complete(result)
    queued, reader.queue_recv = reader.queue_recv, None
    for op in queued or ():
        op.complete(others or result)


def next_receiver(reader: Receiving) -> None:
    """There is no receiver any more; if somebody is in the line, there is again.

    One that has been overtaken may still block in recv(2), and cannot take anything before that returns.
    """
    if reader.queue_recv:
        following = promote(reader, reader.queue_recv)
        if following is not None and following is not reader.reading:
            reader.serve()
            following.look()


def promote(reader: Receiving, line: deque[RecvOp]) -> RecvOp | None:
    """Make the first in line whose turn it is the receiver, now that it is looked at."""
    line = _in_turn(reader, line)
    while line:
        op = line.popleft()
        refused = None if op.overtaken else reader.refuse_turn(op.length)
        if refused is None:
            reader.receiver = op
            if not op.overtaken:
                op.begin()
            return op
        op.complete(refused)
    return None


def _in_turn(reader: Receiving, line: deque[RecvOp]) -> deque[RecvOp]:
    if line[0].overtaken and not all(op.overtaken for op in line):
        line = reader.queue_recv = deque(sorted(line, key=_is_overtaken))
    return line


def _is_overtaken(op: RecvOp) -> bool:
    return op.overtaken


def step_back(reader: Receiving) -> None:
    """The receiver is overtaken and stands at the end of the line; there is none now."""
    op, reader.receiver = reader.receiver, None
    assert op is not None
    op.overtaken = True
    _stand_behind(reader, op)


def overtake_receiver(reader: Receiving) -> None:
    """Those behind the receiver go first, and those who will come."""
    if reader.receiver is not None:
        step_back(reader)
        next_receiver(reader)
