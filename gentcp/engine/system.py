"""setsockopt and getsockopt by option name."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

from gentcp.options import SystemOption, decode, encode, read_size

Term = Any
_MOST = 1024
_SO_PRIORITY: int = getattr(socket, "SO_PRIORITY", 0)


def set_option(sock: socket.socket, option: SystemOption, value: Term) -> None:
    """OSError when the system refuses."""
    set_raw(sock, option.level, option.number, encode(option, value))


def get_option(sock: socket.socket, option: SystemOption) -> Term:
    """OSError when this kind of socket has no such option."""
    size = read_size(option)
    if size:
        return decode(option, sock.getsockopt(option.level, option.number, size))
    return decode(option, sock.getsockopt(option.level, option.number))


def set_raw(sock: socket.socket, level: int, number: int, value: bytes | int) -> None:
    """`{raw, Level, Option, Value}`.  Linux changes the priority with `tos`; as in OTP it stays what it was."""
    if (level, number) != (socket.IPPROTO_IP, socket.IP_TOS):
        sock.setsockopt(level, number, value)
        return
    priority = sock.getsockopt(socket.SOL_SOCKET, _SO_PRIORITY) if _SO_PRIORITY else 0
    sock.setsockopt(level, number, value)
    if _SO_PRIORITY:
        with contextlib.suppress(PermissionError):
            sock.setsockopt(socket.SOL_SOCKET, _SO_PRIORITY, priority)


def get_raw(sock: socket.socket, level: int, number: int, size: int) -> bytes:
    """`{raw, Level, Option, Size}`; no option is longer than Python asks for."""
    if size:
        return sock.getsockopt(level, number, min(size, _MOST))
    sock.getsockopt(level, number)
    return b""
