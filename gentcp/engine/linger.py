"""`{linger, {On, Seconds}}`: what close(2) would wait for."""

from __future__ import annotations

import contextlib
import socket


def linger_time(sock: socket.socket) -> tuple[bool, int]:
    """On and seconds, as the system has them; a close that lingers, which takes no lock, may be under way."""
    try:
        return _read(sock)
    except OSError:
        return (False, 0)


def do_not_linger(sock: socket.socket) -> None:
    """close(2) would block for the linger time, here with the lock held or in the background."""
    on, seconds = _read(sock)
    if on and seconds:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes(8))


def _read(sock: socket.socket) -> tuple[bool, int]:
    try:
        raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
    except OSError:  # closed by somebody else, say: whoever asks wants to close it
        return False, 0
    return raw[:4] != bytes(4), int.from_bytes(raw[4:], "little")
