"""`{linger, {On, Seconds}}`: what close(2) would wait for."""

from __future__ import annotations

import contextlib
import fcntl
import socket
import sys
import termios

_TCP_CLOSE = 7
"""The state of a connection that was reset, as TCP_INFO has it."""


def linger_time(sock: socket.socket) -> tuple[bool, int]:
    """On and seconds, as the system has them.

    Whoever asks wants to close the socket; that must not fail if somebody else has closed it, say, or memory is short.
    """
    try:
        raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
    except (OSError, MemoryError):
        return False, 0
    return raw[:4] != bytes(4), int.from_bytes(raw[4:], "little")


def do_not_linger(sock: socket.socket) -> None:
    """close(2) would block for the linger time, here with the lock held or in the background."""
    on, seconds = linger_time(sock)
    if on and seconds:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes(8))


def lingers(sock: socket.socket) -> bool:
    """Whether close(2) would wait: for a while, for data that the peer has not acknowledged."""
    try:
        on, seconds = linger_time(sock)
        return on and seconds > 0 and _connected(sock) and _unsent(sock) > 0
    except (OSError, MemoryError):
        return False


def _connected(sock: socket.socket) -> bool:
    if sock.family == socket.AF_UNIX:
        return False
    if not hasattr(socket, "TCP_INFO"):
        return True
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != _TCP_CLOSE


def _unsent(sock: socket.socket) -> int:
    return int.from_bytes(fcntl.ioctl(sock, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
