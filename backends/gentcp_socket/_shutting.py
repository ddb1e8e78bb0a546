"""shutdown; a function over a socket."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from gentcp.abc import Term
from gentcp.engine import Steps, reading_ends
from gentcp.errors import ErlangError, reason_of
from gentcp.process import Process

if TYPE_CHECKING:
    from ._handle import SocketSocket

NOBODY = ("error", ("invalid", "select_sent"))
_HOW = {"read": socket.SHUT_RD, "write": socket.SHUT_WR, "read_write": socket.SHUT_RDWR}


def shutdown(handle: SocketSocket, process: Process, how: Term) -> Steps:
    """shutdown/2; it has read what it has made the end of the stream, and who reads learns of it before who writes."""
    if not isinstance(how, str) or how not in _HOW:
        raise ErlangError(("invalid", ("how", how)))
    returned = None
    with handle.lock:
        handle.catch_up()
        if (refused := handle.answer("shutdown")) is not None:
            return refused
        try:
            handle.sock.shutdown(_HOW[how])
        except OSError as error:
            return ("error", reason_of(error))
        if how != "write":
            _accepts_no_more(handle)
            returned = reading_ends(handle, process)
    try:
        if returned is not None:
            yield returned
    finally:
        if returned is not None or how != "read":
            with handle.lock:
                handle.returned = None
                _go_on(handle, how)
    return "ok"


def _accepts_no_more(handle: SocketSocket) -> None:
    """The system says of a local listener that there is something to accept, and then that there is not."""
    acceptors = handle.acceptors
    if acceptors is None:
        return
    if handle.sock.family == socket.AF_UNIX:
        acceptors.end(NOBODY)
    elif acceptors.waiting():
        handle.accepting = True


def _go_on(handle: SocketSocket, how: str) -> None:
    """The turn of who writes, who has waited for who reads."""
    head = handle.writer.head
    if head is None:
        return
    if how == "read":
        head.look()
    else:
        head.attempt()  # the system says at once that it fails
