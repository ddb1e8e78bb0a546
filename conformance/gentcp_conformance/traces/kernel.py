"""What Linux knows of one TCP socket, whoever has it open: asked by its addresses, over sock_diag(7)."""

from __future__ import annotations

import errno
import socket
import struct
from dataclasses import dataclass
from typing import NamedTuple

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUEST = 1
_ERROR = 2
_ALL_STATES = 0xFFFFFFFF
_LISTEN = 10
_NO_COOKIE = b"\xff" * 8
_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_QUERY = struct.Struct("=BBBxI")  # family, protocol, extensions, states
_ID = struct.Struct("!HH16s16s4x8s")  # ports, addresses, interface, cookie
_ANSWER = struct.Struct("=BBxx48x4xII")  # family, state, ..., unread, unsent


class Name(NamedTuple):
    """Address in network order, and port."""

    host: bytes
    port: int


@dataclass(frozen=True)
class End:
    """One end of a connection: the number of its TCP state, bytes not acknowledged, bytes not read."""

    state: int
    unsent: int
    unread: int


def end(own: Name, other: Name) -> End | None:
    """The socket with these names; None when there is none (any more).  Raises OSError when it cannot be asked."""
    family = socket.AF_INET if len(own.host) == 4 else socket.AF_INET6
    query = _QUERY.pack(family, socket.IPPROTO_TCP, 0, _ALL_STATES)
    query += _ID.pack(own.port, other.port, own.host, other.host, _NO_COOKIE)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as netlink:
        netlink.send(_HEADER.pack(_HEADER.size + len(query), _SOCK_DIAG_BY_FAMILY, _REQUEST, 1, 0) + query)
        answer = netlink.recv(8192)
    _, kind, _, _, _ = _HEADER.unpack_from(answer)
    if kind != _ERROR:
        _, state, unread, unsent = _ANSWER.unpack_from(answer, _HEADER.size)
        # A listener answers for connections that are gone.
        return None if state == _LISTEN else End(state, unsent, unread)
    (code,) = struct.unpack_from("=i", answer, _HEADER.size)
    if -code == errno.ENOENT:
        return None
    raise OSError(-code, "sock_diag")
