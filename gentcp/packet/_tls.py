"""Packet type ssl_tls: records of TLS (RFC 8446, section 5.1), and the one of SSL 2.0 that clients once began with.

Five bytes of header: content type, version, and a big-endian length.  A client hello of SSL 2.0 has its highest bit
set, then 15 bits of length, then 1; it is delivered as if it were a handshake message in a record of its own.
"""

from __future__ import annotations

from typing import Any

from ._family import Counted, Limits, whole

_HEADER = 5
_LENGTH = 3
_HANDSHAKE = 22
_OLD_HEADER = 3
"""Of SSL 2.0, with the type of the message; the version behind it belongs to the body."""
_CLIENT_HELLO = 1


class TlsRecord(Counted):
    """Delivered as `("ssl_tls", [], content_type, (major, minor), body)`; in a stream the socket is in place of []."""

    __slots__ = ()

    def length(self, data: bytes, pos: int, limits: Limits) -> int:
        if len(data) < pos + _HEADER:
            return 0
        if _is_old(data, pos):
            return whole(_HEADER, (int.from_bytes(data[pos : pos + 2], "big") & 0x7FFF) - _OLD_HEADER, limits)
        return whole(_HEADER, int.from_bytes(data[pos + _LENGTH : pos + _HEADER], "big"), limits)

    def packet(self, data: bytes, pos: int, length: int) -> tuple[Any, ...]:
        end = pos + length
        if not _is_old(data, pos):
            return ("ssl_tls", [], data[pos], (data[pos + 1], data[pos + 2]), data[pos + _HEADER : end])
        body = data[pos + _OLD_HEADER : end]
        message = bytes([_CLIENT_HELLO]) + len(body).to_bytes(3, "big") + body
        return ("ssl_tls", [], _HANDSHAKE, (body[0], body[1]), message)


def _is_old(data: bytes, pos: int) -> bool:
    return data[pos] >= 0x80 and data[pos + 2] == _CLIENT_HELLO
