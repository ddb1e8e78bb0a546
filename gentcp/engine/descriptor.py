"""How a socket lets go of its descriptor; with its lock held."""

from __future__ import annotations

import contextlib
import os
import socket
from functools import partial
from typing import Protocol

from gentcp._platform import set_receive_quantum

from .host import let_go, polling
from .linger import do_not_linger


class Holding(Protocol):
    """What this asks of the socket; `Endpoint` has it."""

    close_outside: bool
    fd: int
    lingers: bool
    returns: bool
    sock: socket.socket


def release(holder: Holding) -> None:
    """Close it as soon as nobody polls it any more, unless that is done elsewhere."""
    fd, holder.fd = holder.fd, -1
    if polling:
        let_go(fd, partial(_close, holder))
    else:
        _close(holder)


def _close(holder: Holding) -> None:
    if not holder.close_outside:
        if holder.lingers:
            do_not_linger(holder.sock)
        close_socket(holder.sock)


def close_socket(sock: socket.socket) -> None:
    """close(2), after which there is no descriptor, whatever it says: somebody may have closed it before."""
    with contextlib.suppress(OSError):
        sock.close()


def duplicate(holder: Holding) -> int:
    """Another descriptor of it, which is as the system makes them.  OSError, and nothing done, when there is none."""
    fd = os.dup(holder.fd)
    holder.lingers = False  # close(2) of one of two descriptors does not block
    if holder.returns:
        set_receive_quantum(holder.sock, 0)  # for the new owner blocking means blocking
    holder.sock.setblocking(True)
    return fd
