"""Making a connection without blocking past a deadline."""

from __future__ import annotations

import errno
import os
import socket
from typing import Any

from gentcp._platform import WRITE, set_receive_quantum
from gentcp.errors import reason_of
from gentcp.process import current_process

QUANTUM = 1
"""Seconds after which a blocked system call looks whether its process has been killed."""


def new_socket(sock: socket.socket) -> socket.socket:
    """Prepare a descriptor for the engine: blocking, with the receive quantum."""
    sock.setblocking(True)
    set_receive_quantum(sock, QUANTUM)
    return sock


def connect_socket(sock: socket.socket, address: Any, deadline: float | None, *, patient: bool = True) -> str:
    """Connect; "" or the reason why not.  Leaves the socket blocking.

    `patient` False: "timeout" unless the connection is there when connect(2) returns.
    """
    sock.setblocking(False)
    try:
        sock.connect(address)
    except BlockingIOError:
        reason = _wait(sock, deadline) if patient else "timeout"
        if reason:
            return reason
    except OSError as error:
        return reason_of(error)
    sock.setblocking(True)
    return ""


def _wait(sock: socket.socket, deadline: float | None) -> str:
    if sock.family == socket.AF_UNIX:
        return "eagain"  # the backlog of the listener is full, and there is nothing to wait for
    process = current_process()
    while True:
        ready = process.wait_fd(sock.fileno(), WRITE, deadline)
        number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            return reason_of(OSError(number, os.strerror(number)))
        if _connected(sock):
            return ""
        if not ready:
            return "timeout"


def _connected(sock: socket.socket) -> bool:
    try:
        sock.getpeername()
    except OSError as error:
        if error.errno == errno.ENOTCONN:
            return False
        raise
    return True
