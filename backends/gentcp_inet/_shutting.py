"""shutdown and close; functions over a port."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from gentcp.abc import Term
from gentcp.engine import Steps, linger_time, reading_ends
from gentcp.errors import ErlangError
from gentcp.process import Process

from . import _sending
from ._operations import Drained
from ._states import CLOSED

if TYPE_CHECKING:
    from ._port import InetPort

_HOW = {"read": socket.SHUT_RD, "write": socket.SHUT_WR, "read_write": socket.SHUT_RDWR}
_PATIENCE = 5.0
"""Seconds without progress after which close stops waiting for the queue (INET_CLOSE_TIMEOUT in OTP)."""
_LONGEST = 180.0
"""Seconds that close waits at most; arbitrary in OTP too."""


def shutdown(port: InetPort, process: Process, how: Term) -> Steps:
    """shutdown/2; it has read what it has made the end of the stream, unless it waits behind the queue."""
    if port.state is CLOSED:
        return ("error", "closed")
    if not isinstance(how, str) or how not in _HOW:
        raise ErlangError("function_clause")
    returned = None
    with port.lock:
        port.catch_up()
        result = port.answer("shutdown") or _sending.shut(port, _HOW[how])
        if result == "ok" and how != "write" and port.writer.shut_pending is None:
            returned = reading_ends(port, process)
    if returned is not None:
        yield returned
    return result


def flush_and_close(port: InetPort, process: Process) -> Steps:
    """Close without a look at messages."""
    later = None
    with port.lock:
        port.catch_up()
        drained = _drained(port, process)
    if drained is not None:
        yield drained
    with port.lock:
        if port.state is not CLOSED:  # somebody else may have been quicker
            lingers, time = linger_time_of(port)
            if lingers and time == 0:
                _sending.drop_queue(port)  # not before: what is sent meanwhile must not follow half a packet
            port.close_now(process)
        if port.lingering is not None:
            later = port.later(process, "ok")
    if later is not None:
        yield later
    return "ok"


def _drained(port: InetPort, process: Process) -> Drained | None:
    """What close waits for, if there is anything."""
    writer = port.writer
    if port.gone or not writer.waited_for():
        return None
    on, time = linger_time_of(port)
    if on and time == 0:
        return None
    op = Drained(process, port, longest=time if on else _LONGEST, patience=_PATIENCE)
    if writer.closers is None:
        writer.closers = []
    writer.closers.append(op)
    return op


def linger_time_of(port: InetPort) -> tuple[bool, int]:
    """`{linger, {On, Seconds}}`, without a look at the system where it was never set."""
    return linger_time(port.sock) if port.lingers else (False, 0)


def take_one(process: Process, message: Any) -> None:
    """Take the first such message out of the mailbox of this process."""
    found = process.take(lambda m: isinstance(m, tuple) and len(m) == 2 and m[0] == message[0] and m[1] is message[1])
    for again in found[1:]:
        process.post(again)
