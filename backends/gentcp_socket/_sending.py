"""send and sendfile: the caller writes, blocks until everything is with the system, and gets back what was not.

Functions over a socket, with its lock held.  Nobody writes unless the system has said that it takes data: Linux takes
more than it says it has room for, and a send that times out must know what it has not written.
"""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

from gentcp.abc import Result, Term
from gentcp.engine import CHUNK, DONTWAIT, Returned
from gentcp.errors import ErlangError, reason_of
from gentcp.terms import ImproperList, NotIodata, iodata_to_bytes

from ._states import CONNECTED

if TYPE_CHECKING:
    from ._handle import SocketSocket
    from ._operations import FileOp, SendOp

FLAGS = DONTWAIT | socket.MSG_NOSIGNAL
_CHUNK = 262144


class Breaking(Returned):
    """The connection is broken: who blocks in recv(2) is the first to say why, then whoever writes goes on."""

    __slots__ = ("_handle",)

    def __init__(self, op: SendOp) -> None:
        super().__init__(op.process, op.lock)
        self._handle = op.handle

    def look(self) -> None:
        """See `Operation.look`."""
        head = self._handle.writer.head
        if head is not None:
            head.look()


def flat(data: Term, head: int) -> bytes:
    """Iodata as bytes, or what OTP raises."""
    try:
        return iodata_to_bytes(data)
    except NotIodata:
        if isinstance(data, (list, ImproperList)) and not head:
            raise ErlangError(("invalid", ("data", data))) from None
        raise ErlangError("badarg") from None


def write_more(handle: SocketSocket, op: SendOp) -> None:
    """Write until the system is full, or all is written."""
    try:
        written = _CHUNK
        while written == _CHUNK and op.result is None:  # less than it was given: the system is full
            written = _write(handle, op.frame, op.written)
            op.written += max(written, 0)
            if op.written == len(op.frame):
                handle.tx.add_call(op.written)  # its bytes have been counted as they went
                op.complete("ok")
    except OSError as error:
        reason = reason_of(error)
        reset = reason == "econnreset"
        if handle.reading and (reset or _over(handle.sock)):
            handle.returned = Breaking(op)
            return
        if reset:
            broken_for_reader(handle)
        if op.result is None:
            for other in handle.writer.waiting():
                other.failed_before(reason)
            op.complete(handle.unsendable(op.process, error))


def _over(sock: socket.socket) -> bool:
    """Whether nothing more can come, so that nobody is long in recv(2)."""
    try:
        sock.getpeername()
    except OSError:
        return True
    return False


def _write(handle: SocketSocket, frame: bytes, start: int) -> int:
    try:
        written = handle.sock.send(memoryview(frame)[start : start + _CHUNK], FLAGS)
    except (BlockingIOError, MemoryError):
        return -1
    handle.tx.add_bytes(written)
    return written


def broken_for_reader(handle: SocketSocket) -> None:
    """A reset wakes a blocked sender and the reader; in OTP the reader, a server process, is the first to look."""
    with contextlib.suppress(OSError):
        while somebody_reads(handle) and (data := handle.sock.recv(CHUNK, DONTWAIT)):
            handle.received(data, None)
    if somebody_reads(handle):
        handle.on_broken("econnreset")


def somebody_reads(handle: SocketSocket) -> bool:
    """Whether a process, or the owner's mailbox, waits for data."""
    return handle.state is CONNECTED and (handle.active is not False or handle.receiver is not None)


def overdue(handle: SocketSocket, op: SendOp) -> Result:
    """send_timeout is over."""
    if op.closes:
        op.result = ("error", "timeout")
        handle.transit("close", by=op.process)
        return handle.answered(op.process, op.result)
    return ("error", ("timeout", rest_of(op.frame, op.written, op.head)))


def rest_of(frame: bytes, written: int, head: int) -> Term:
    """What was not written: a binary, or with a header of which something went out a list of binaries (an iovec)."""
    if not written or not head:
        return frame[written:]
    if written < head:
        return [frame[written:head], frame[head:]]
    return [frame[written:]]


def write_file(handle: SocketSocket, op: FileOp) -> None:
    """Write what the system takes of a file."""
    try:
        if op.transfer.write(handle.sock):
            op.complete(("ok", op.transfer.sent))
    except OSError as error:
        reason = reason_of(error)
        if reason == "econnreset" and somebody_reads(handle):
            broken_for_reader(handle)
            reason = "epipe"  # who reads was the first to look, and the system tells it once
        if op.result is None:
            op.complete(("error", reason))
        for other in handle.writer.waiting():
            other.failed_before(reason)
    op.begun = True
