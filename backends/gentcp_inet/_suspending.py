"""send to a port that may be busy; functions over a port, with its lock held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gentcp.abc import Result, Term
from gentcp.engine import Operation
from gentcp.process import Process
from gentcp.terms import NotIodata, iodata_to_bytes, is_int

from . import _sending
from ._operations import InLine, Sender
from ._states import CLOSED, CONNECTED

if TYPE_CHECKING:
    from ._port import InetPort


def begin(port: InetPort, process: Process, data: Term) -> Result | Operation:
    """A send that no thread waits for.  Without the lock."""
    if port.state is CLOSED:
        return ("error", "closed")
    try:
        flat = iodata_to_bytes([data] if is_int(data) else data)
    except NotIodata:
        return ("error", "einval")
    with port.lock:
        return put(port, process, flat, timed=False)


def put(port: InetPort, process: Process, data: bytes, *, timed: bool, force: bool = False) -> Result | Operation:
    """The result of a send, or a sender that waits for it: `timed`, in a thread."""
    if port.writer.busy and port.state is CONNECTED and not force:
        op = Sender(process, port, data, timed=timed)
        if timed:
            op.begin_wait()
        suspend(port, op)
        return op
    result = _sending.submit(port, data)
    if result is None:
        op = Sender(process, port, None, timed=timed)
        if timed:
            op.begin_wait()
        _sending.block(port, op)
        return op
    return result if port.lingering is None else port.answered(process, result)


def suspend(port: InetPort, op: InLine) -> None:
    """In front of a busy port.  A close that waits for the queue waits for it too."""
    writer = port.writer
    if writer.suspended is None:
        writer.suspended = _sending.new_line()
    writer.suspended.append(op)
    op.stay(writer.spell)
