"""Sending a file: what is queued goes first, what is sent meanwhile is queued and comes behind it.

Functions over a port, with its lock held.
"""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

from gentcp.abc import Result
from gentcp.engine import CAN_SENDFILE, INHERITED, NOTHING_OF_THE_SYSTEM, WRITE, Operation, Transfer, Wanted, abandon
from gentcp.errors import reason_of
from gentcp.process import Process

from ._operations import PortOp
from ._sending import FLAGS, flushed, give_back, relieve, settle
from ._states import CLOSED, CONNECTED

if TYPE_CHECKING:
    from ._port import InetPort

_BROKEN = ("closed", "econnreset", "enotconn", "epipe")
_MOST = (1 << 63) - 1
"""Of the offset and the count."""


class FileOp(PortOp):
    """A file on its way.  The driver leaves the queue alone until it is through."""

    __slots__ = ("corked", "transfer")

    def __init__(self, process: Process, port: InetPort, transfer: Transfer) -> None:
        super().__init__(process, port)
        self.transfer: Transfer = transfer
        self.corked: bool = False

    def wants(self) -> Wanted:
        """Room."""
        return (self.port.fd, WRITE) if self.port.state is CONNECTED else NOTHING_OF_THE_SYSTEM

    def attempt(self) -> None:
        """Write."""
        _attempt(self.port, self)

    def give_up(self) -> None:
        """What has been written, has been written."""
        self.result = ("error", "aborted")

    def left(self) -> None:
        """See `Operation.left`.  Killed, the owner is about to take the port along, and nothing goes out before."""
        port = self.port
        if port.owner_ended and port.writer.transfer is self:
            _forget(port)
            port.writer.queue.clear()
        _end(port, self)


def ask(port: InetPort, process: Process, file: int, offset: int, count: int) -> Result | Operation:
    """sendfile/5.  Without the lock."""
    if not CAN_SENDFILE:
        return ("error", "enotsup")
    if file < 0:
        return ("error", "badarg")
    gone = port.state is INHERITED or (port.state is CLOSED and not port.writer.queue)
    if not gone and process is not port.owner:
        return ("error", "not_owner")
    if port.state is CLOSED or not (0 <= offset <= _MOST and 0 <= count <= _MOST):
        return ("error", "einval")
    op = FileOp(process, port, Transfer(file, offset, count))
    try:
        with port.lock:
            if (refused := port.answer("sendfile")) is not None:
                return refused
            _begin(port, op)
    except BaseException:
        abandon(op)
        raise
    return op


def _begin(port: InetPort, op: FileOp) -> None:
    """The file is next; the first attempt is made."""
    writer = port.writer
    writer.transfer, writer.ahead_of_file = op, writer.queue.size
    writer.look()
    port.host.stop_flushing(port.fd, port)
    if (flusher := writer.flusher()) is not None:
        give_back(port, flusher)
    op.corked = _cork(port)
    _attempt(port, op)


def _attempt(port: InetPort, op: FileOp) -> None:
    """Write what the system takes."""
    try:
        if _write_ahead(port) and op.transfer.write(port.sock):
            op.complete(("ok", op.transfer.sent))
            _end(port, op)
    except BlockingIOError:
        return
    except OSError as error:
        reason = reason_of(error)
        _forget(port)
        op.complete(("error", "closed" if reason in _BROKEN else reason))
        port.unsendable("" if reason == "ebadf" else reason, background=True)  # also for what is wrong with the file


def _write_ahead(port: InetPort) -> bool:
    """Write what was queued when the call came."""
    writer = port.writer
    while writer.ahead_of_file:
        written = port.sock.sendmsg(writer.queue.front(writer.ahead_of_file), (), FLAGS)
        writer.queue.drop(written)
        writer.ahead_of_file -= written
    return True


def abort_at(port: InetPort, event: str, reason: str) -> None:
    """What a transition means to a file: most end the connection."""
    goes_on = event == "activate" or (event == "fin" and port.settings["exit_on_close"] is False)
    if not goes_on:
        _abort(port, reason)


def _abort(port: InetPort, reason: str) -> None:
    """The connection is over, and with it the file and what was queued behind it."""
    op = port.writer.transfer
    assert op is not None
    _forget(port)
    op.complete(("error", "closed" if reason == "econnreset" else reason))
    port.writer.queue.clear()


def _end(port: InetPort, op: FileOp) -> None:
    """It is through, or its caller has gone: the queue is the host's again."""
    if op.corked:
        op.corked = False
        _uncork(port)
    if port.writer.transfer is op:
        _forget(port)
        relieve(port)
        if port.writer.queue:
            port.host.flush_later(port.fd, port)
            settle(port)
        else:
            flushed(port)


def _forget(port: InetPort) -> None:
    port.writer.transfer, port.writer.ahead_of_file = None, 0
    port.writer.look()


def _cork(port: InetPort) -> bool:
    """Whole segments at the seam of two writes; True when it was not so already."""
    if port.sock.family == socket.AF_UNIX:
        return False
    with contextlib.suppress(AttributeError, OSError, MemoryError):
        if not port.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_CORK):
            port.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
            return True
    return False


def _uncork(port: InetPort) -> None:
    if port.fd >= 0:
        with contextlib.suppress(OSError):
            port.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
