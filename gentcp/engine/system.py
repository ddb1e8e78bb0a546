"""setsockopt and getsockopt by option name."""

from __future__ import annotations

import socket
from typing import Any

from gentcp.options import SystemOption, decode, encode, read_size

Term = Any


def set_option(sock: socket.socket, option: SystemOption, value: Term) -> None:
    """OSError when the system refuses."""
    sock.setsockopt(option.level, option.number, encode(option, value))


def get_option(sock: socket.socket, option: SystemOption) -> Term:
    """OSError when this kind of socket has no such option."""
    size = read_size(option)
    if size:
        return decode(option, sock.getsockopt(option.level, option.number, size))
    return decode(option, sock.getsockopt(option.level, option.number))


def set_raw(sock: socket.socket, level: int, number: int, value: bytes | int) -> None:
    """`{raw, Level, Option, Value}`."""
    sock.setsockopt(level, number, value)


def get_raw(sock: socket.socket, level: int, number: int, size: int) -> bytes:
    """`{raw, Level, Option, Size}`."""
    return sock.getsockopt(level, number, size) if size else b""
