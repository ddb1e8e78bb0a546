"""send and sendfile that may have to wait; functions over a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gentcp.abc import Result
from gentcp.engine import CAN_SENDFILE, Operation, Transfer, abandon
from gentcp.errors import ErlangError
from gentcp.process import Process

from ._operations import FileOp, SendOp
from ._sending import FLAGS
from ._states import CONNECTED

if TYPE_CHECKING:
    from ._handle import SocketSocket

_TOO_FAR = 1 << 63


def begin_frame(
    handle: SocketSocket, process: Process, data: bytes, kind: type[SendOp] = SendOp, *, resumable: bool = True
) -> Result | Operation:
    """A send of `data`, header included; `resumable`: what is left of it when it is given up goes first."""
    written = 0
    with handle.lock:
        if handle.state is not CONNECTED and (refused := handle.answer("send")) is not None:
            return refused
        writer = handle.writer
        if writer.head is None:
            writer.direct = False  # a signal handler must not write in the middle
            try:
                written = handle.sock.send(data, FLAGS)
            except BlockingIOError:
                pass
            except OSError as error:
                return handle.unsendable(process, error)
            if written == len(data):
                handle.tx.add(written)
                writer.look()
                return "ok"
            handle.tx.add_bytes(written)
        found = line_up(handle, process, data, written, kind)
        if isinstance(found, SendOp):
            found.resumable = resumable
        return found


def line_up(
    handle: SocketSocket,
    process: Process,
    frame: bytes,
    written: int,
    kind: type[SendOp] = SendOp,
    *,
    timed: bool = False,
) -> Result | SendOp:
    """The rest of a send goes behind those of others; `timed`: a thread waits.  With the lock held."""
    if handle.writer.torn is not None:
        return ("error", "einval")
    op = kind(process, handle, frame, written)
    handle.write_waited = True
    if timed:
        op.begin_wait()
    handle.writer.line_up(op)
    if handle.settings.send_timeout == 0:
        op.expire()
    return op


def rest(handle: SocketSocket, process: Process) -> Result | Operation:
    """Send what a send that was given up has left."""
    with handle.lock:
        if (refused := handle.answer("send")) is not None:
            return refused
        torn = handle.writer.mend()
        if torn is None:
            return "ok"
        op = SendOp(process, handle, torn.frame, torn.written)
        op.resumable = op.begun = True
        handle.writer.line_up(op)
        op.attempt()
    return op


def sendfile(handle: SocketSocket, process: Process, file: int, offset: int, count: int) -> Result | Operation:
    """sendfile/5."""
    if not CAN_SENDFILE:
        return ("error", "enotsup")
    if count < 0:
        return ("error", "badarg")
    if not -_TOO_FAR <= offset < _TOO_FAR:
        raise ErlangError(("case_clause", ("invalid", ("integer_range", offset))))
    op = FileOp(process, handle, Transfer(file, offset, count))
    try:
        with handle.lock:
            if handle.state is not CONNECTED and (refused := handle.answer("sendfile")) is not None:
                return refused
            if file < 0 or handle.writer.torn is not None:
                return ("error", "einval")
            handle.writer.line_up(op)
            op.attempt()
            if op.result is None:
                handle.write_waited = True
    except BaseException:
        abandon(op)
        raise
    return op
