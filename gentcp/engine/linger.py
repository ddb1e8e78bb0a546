"""`{linger, {On, Seconds}}`: what close(2) would wait for."""

from __future__ import annotations

import contextlib
import socket


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
