"""`pktoptions`: what the last packets came with, on Linux.

The system tells it of streams by an option of RFC 2292, which was withdrawn in 2003; other systems no longer do.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
from typing import Any

Term = Any
_ASKED: dict[int, tuple[int, int]] = {
    socket.AF_INET: (socket.IPPROTO_IP, 9),  # IP_PKTOPTIONS
    socket.AF_INET6: (socket.IPPROTO_IPV6, 6),  # IPV6_2292PKTOPTIONS
}
_NAMES: dict[tuple[int, int], str] = {
    (socket.IPPROTO_IP, 1): "tos", (socket.IPPROTO_IP, 2): "ttl", (socket.IPPROTO_IPV6, 67): "tclass",
}  # fmt: skip
_HEADER = struct.Struct("@Nii")
"""A cmsghdr: length with itself, level, type; each one starts where a size_t could."""
_ROOM = 2 * socket.CMSG_SPACE(4)


def packet_options(sock: socket.socket) -> list[tuple[str, int]]:
    """`[{tos, N}, ...]` of those that `recvtos`, `recvttl` and `recvtclass` ask for.  OSError when there is no such."""
    if not sys.platform.startswith("linux") or sock.family not in _ASKED:
        raise OSError(errno.ENOPROTOOPT, os.strerror(errno.ENOPROTOOPT))
    data = sock.getsockopt(*_ASKED[sock.family], _ROOM)
    found: list[tuple[str, int]] = []
    at = 0
    while at + _HEADER.size <= len(data):
        size, level, kind = _HEADER.unpack_from(data, at)
        name = _NAMES.get((level, kind))
        if name is not None:
            found.append((name, int.from_bytes(data[at + _HEADER.size : at + size], sys.byteorder)))
        at += socket.CMSG_SPACE(max(size - _HEADER.size, 0))
    return found
