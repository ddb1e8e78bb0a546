"""Options of the operating system: their numbers, and the way from Erlang's terms to `setsockopt` and back."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import Any

from ._option_kinds import int32

Term = Any


@dataclass(frozen=True, slots=True)
class SystemOption:
    """A `setsockopt` of the operating system."""

    level: int
    number: int
    codec: str = "int"  # int, bool, linger or bytes
    handed_down: bool = True
    """Linux copies it from a listener to the connections that come later, unless they are local."""
    unbound: bool = False
    """It can be changed only as long as the socket has no address."""


def _constant(name: str, fallback: int) -> int:
    number: int = getattr(socket, name, fallback)
    return number


def sol(name: str, codec: str = "int", fallback: int = -1, *, handed_down: bool = True) -> SystemOption:
    """One of all sockets, by the name that the module `socket` has for it, if it does."""
    return SystemOption(socket.SOL_SOCKET, _constant(name, fallback), codec, handed_down)


def tcp(name: str, codec: str = "int") -> SystemOption:
    """One of TCP."""
    return SystemOption(socket.IPPROTO_TCP, _constant(name, -1), codec)


def ip(name: str, codec: str = "int", fallback: int = -1) -> SystemOption:
    """One of IPv4."""
    return SystemOption(socket.IPPROTO_IP, _constant(name, fallback), codec)


def ipv6(name: str, codec: str = "int", *, unbound: bool = False) -> SystemOption:
    """One of IPv6."""
    return SystemOption(socket.IPPROTO_IPV6, _constant(name, -1), codec, unbound=unbound)


def encode(option: SystemOption, value: Term) -> int | bytes:
    """The value as `setsockopt` wants it."""
    if option.codec == "linger":
        return struct.pack("ii", int(value[0]), int32(value[1]))
    if option.codec == "bytes":
        return bytes(value)
    return int32(int(value))


def decode(option: SystemOption, value: int | bytes) -> Term:
    """An Erlang term from what `getsockopt` returned."""
    if option.codec == "linger":
        onoff, seconds = struct.unpack("ii", value)  # type: ignore[arg-type]
        return bool(onoff), seconds
    if option.codec == "bytes":
        return bytes(value).rstrip(b"\0") if isinstance(value, bytes) else b""
    return bool(value) if option.codec == "bool" else value


def read_size(option: SystemOption) -> int:
    """The length argument for `getsockopt`: 0 asks for an int."""
    return {"linger": 8, "bytes": 16}.get(option.codec, 0)
