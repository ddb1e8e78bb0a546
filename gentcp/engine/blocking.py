"""A thread in recv that blocks in the system, and the way of a recv that is not the usual one; functions over a reader.

While it blocks, `reading` is its operation, and nobody else reads.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Protocol

from gentcp._blocking import warn_in_loop
from gentcp._platform import set_receive_quantum
from gentcp.abc import Result
from gentcp.errors import reason_of
from gentcp.process import Process, current_process

from .operation import Operation
from .receivers import Receiving, RecvOp, Returned, drop_receiver, line_up_receiver
from .waiting import wait

QUANTUM = 1
"""Seconds after which a blocked recv looks whether its process has been killed, if the socket is not closed by that."""


class Blocking(Receiving, Protocol):
    """What such a recv asks of its socket; `Reader` has it."""

    owner: Process
    returned: Returned | None
    returns: bool
    sock: socket.socket

    def recv_size(self, length: int) -> int:
        """How much to ask the system for."""
        ...

    def received(self, data: bytes | None, failure: str | None) -> None:
        """The system has given `data` (empty: the end of the stream), or `failure`.  With the lock held."""

    def on_lent(self) -> None:
        """Somebody else than the owner reads, for the first time.  With the lock held."""

    def reap(self) -> None:
        """Close the descriptor if it is time to.  With the lock held."""


def receive(reader: Blocking, length: int, timeout: float | None) -> Result:
    """`recv` with checked arguments; `timeout` in seconds."""
    process = current_process()
    found: Result | Operation = None
    try:
        with reader.lock:
            found = line_up_receiver(reader, process, length, timeout)
            if not isinstance(found, Operation):
                return found
            process.waits_in = found
            blocking = None
            if isinstance(found, RecvOp) and timeout is None and reader.receiver is found and not reader.reading:
                blocking = reader.reading = found
                if process is not reader.owner and not reader.returns:
                    keep_returning(reader)
        process.check()  # killed before `waits_in` was set: exit() could not wake this recv
        return wait(found) if blocking is None else recv_blocking(reader, blocking)
    except BaseException:
        if isinstance(found, RecvOp):
            interrupted(reader, found)
        raise
    finally:
        process.waits_in = None


def keep_returning(reader: Blocking) -> None:
    """Whoever reads may be killed without the socket being closed: that does not wake it in recv(2)."""
    with contextlib.suppress(OSError):  # then the next one tries
        set_receive_quantum(reader.sock, QUANTUM)
        reader.returns = True
    reader.on_lent()


def recv_blocking(reader: Blocking, op: RecvOp, data: bytes | None = None, failure: str | None = None) -> Result:
    """Read until there is a packet; `data` or `failure` is what a first system call brought already."""
    again = True
    while again:  # also when it was answered meanwhile: `reading` has promised a system call
        if data is None and failure is None:
            warn_in_loop()
            data, failure = _call(reader, op)
        with reader.lock:
            reader.reading = None
            again = _after_call(reader, op, data, failure)
        data = failure = None
    return wait(op)


def _call(reader: Blocking, op: RecvOp) -> tuple[bytes | None, str | None]:
    try:
        return reader.sock.recv(reader.recv_size(op.length)), None
    except BlockingIOError:
        op.process.check()  # the receive quantum is over
        return None, None
    except OSError as error:
        return None, reason_of(error)


def _after_call(reader: Blocking, op: RecvOp, data: bytes | None, failure: str | None) -> bool:
    """Deal with what a blocking recv brought; True when the caller makes another one."""
    if data is not None or failure is not None:
        reader.received(data, failure)
    elif op.overtaken and reader.receiver is op:
        reader.serve()
    if reader.returned is not None:
        _came_back(reader)
    if op.result is not None:
        _left_call(reader, op)
        return False
    if reader.active is False:
        reader.reading = op
        return True
    reader.arm()
    if reader.receiver is not None and reader.receiver is not op:
        reader.receiver.look()  # it has overtaken this one
    return False


def _came_back(reader: Blocking) -> None:
    returned, reader.returned = reader.returned, None
    assert returned is not None
    returned.complete("ok")


def _left_call(reader: Blocking, op: RecvOp) -> None:
    """The system call is over: what had to wait for that, happens now."""
    if reader.active is not False:
        reader.arm()
    if reader.receiver is not None and reader.receiver is not op:
        reader.receiver.look()
    reader.reap()


def interrupted(reader: Blocking, op: RecvOp) -> None:
    """Who made this recv was killed, or Ctrl-C came."""
    with reader.lock:
        if reader.reading is op:
            reader.reading = None
            if reader.returned is not None:
                _came_back(reader)
        if op.process.spare is op:
            op.process.spare = None
        drop_receiver(reader, op)
        op.left()
        _left_call(reader, op)
