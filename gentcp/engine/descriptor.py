"""How a socket holds its descriptor and lets go of it; with its lock held.

A program may close a descriptor behind the back of its socket, such as by os.close(sock.fileno()), and the system gives
the number to the next one that is opened.  The system says EBADF until then; and when the next one is a socket of ours,
the one before is told.  What somebody else opens cannot be told apart.
"""

from __future__ import annotations

import os
import socket
from functools import partial
from typing import Protocol

from gentcp._platform import set_receive_quantum

from .host import let_go, polling
from .linger import do_not_linger
from .lingering import Lingering


class Holding(Protocol):
    """What this asks of the socket; `Endpoint` has it."""

    fd: int
    lingering: Lingering | None
    lingers: bool
    returns: bool
    sock: socket.socket

    def robbed(self) -> None:
        """The descriptor was closed behind its back, and the number is another one's.  Without the lock."""


holders: dict[int, Holding] = {}
"""Whose a descriptor is.  Whoever takes one that is somebody else's tells that (`robbed`)."""


def forget(holder: Holding) -> None:
    """Its descriptor is gone: nothing more is done to what may have the number by now."""
    fd, holder.fd = holder.fd, -1
    if fd in holders and holders[fd] is holder:
        del holders[fd]
    holder.sock.detach()
    if polling:
        let_go(fd, _nothing)
    if holder.lingering is not None and fd >= 0:
        holder.lingering.start()  # for those who wait


def _nothing() -> None:
    """There is nothing to close."""


def release(holder: Holding) -> None:
    """Close it as soon as nobody polls it any more, unless that is done elsewhere."""
    fd, holder.fd = holder.fd, -1
    if fd in holders and holders[fd] is holder:
        del holders[fd]
    if polling:
        let_go(fd, partial(_close, holder))
    else:
        _close(holder)


def _close(holder: Holding) -> None:
    if holder.lingering is not None:
        holder.lingering.start()
        return
    if holder.lingers:
        do_not_linger(holder.sock)
    try:
        holder.sock.close()
    except OSError:
        pass  # somebody may have closed it before


def duplicate(holder: Holding) -> int:
    """Another descriptor of it, which is as the system makes them.  OSError, and nothing done, when there is none."""
    fd = os.dup(holder.fd)
    holder.lingers = False  # close(2) of one of two descriptors does not block
    if holder.returns:
        set_receive_quantum(holder.sock, 0)  # for the new owner blocking means blocking
    holder.sock.setblocking(True)
    return fd
