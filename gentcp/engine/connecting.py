"""Making a connection without blocking past a deadline."""

from __future__ import annotations

import errno
import os
import socket
import threading
from typing import Any

from gentcp._platform import WRITE
from gentcp.abc import Result
from gentcp.errors import reason_of
from gentcp.process import Process

from .operation import Operation, Wanted
from .waiting import Steps


def new_socket(sock: socket.socket) -> socket.socket:
    """Prepare a descriptor for the engine: blocking."""
    sock.setblocking(True)
    return sock


class ConnectOp(Operation):
    """A connection on its way; the result is "" or the reason why there is none."""

    __slots__ = ("_lock", "_sock")

    result: Result

    def __init__(self, process: Process, sock: socket.socket, deadline: float | None) -> None:
        super().__init__(process, deadline)
        self._sock = sock
        self._lock = threading.RLock()

    @property
    def lock(self) -> threading.RLock:
        """Its own: nobody else has the socket yet."""
        return self._lock

    def wants(self) -> Wanted:
        """To be connected."""
        return self._sock.fileno(), WRITE

    def attempt(self) -> None:
        """It is connected, or cannot be."""
        try:
            number = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if not number and _connected(self._sock):
                self.result = ""
            elif number:
                self.result = reason_of(OSError(number, os.strerror(number)))
        except OSError as error:
            self.result = reason_of(error)

    def expire(self) -> None:
        """Too late, if it is not there by now."""
        self.attempt()
        if self.result is None:
            self.result = "timeout"

    def give_up(self) -> None:
        """Whoever opened the socket closes it."""
        self.result = "closed"


def connect_socket(
    process: Process,
    sock: socket.socket,
    address: Any,
    deadline: float | None,
    *,
    patient: bool = True,
    trusting: bool = False,
) -> Steps:
    """Connect; "" or the reason why not.  Leaves the socket blocking.

    `patient` False: "timeout" unless the connection is there when connect(2) returns.  A local listener whose backlog
    is full gives no connection, and none that one could wait for; `trusting` is to take it for one all the same.
    """
    sock.setblocking(False)
    try:
        sock.connect(address)
    except BlockingIOError:
        if not patient:
            return "timeout"
        if not isinstance(address, tuple):  # a local one: there is nothing to wait for
            sock.setblocking(True)
            return "" if trusting else "eagain"
        op = ConnectOp(process, sock, deadline)
        yield op
        reason: Result = op.result
        if reason:
            return reason
    except OSError as error:
        return reason_of(error)
    sock.setblocking(True)
    return ""


def _connected(sock: socket.socket) -> bool:
    try:
        sock.getpeername()
    except OSError as error:
        if error.errno == errno.ENOTCONN:
            return False
        raise
    return True
