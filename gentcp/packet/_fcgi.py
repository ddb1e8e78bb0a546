"""Packet type fcgi: records of FastCGI 1.0 (its specification, section 3.3).

Eight bytes of header: version 1, type, two of request id, two of content length, padding length, one reserved.
"""

from __future__ import annotations

from ._family import Counted, Limits, whole

_HEADER = 8
_VERSION = 1
_LENGTH = 4
_PADDING = 6


class FastCgi(Counted):
    """Delivered with its header and without its padding; `packet_size` limits content and padding together."""

    __slots__ = ()

    def length(self, data: bytes, pos: int, limits: Limits) -> int:
        if len(data) < pos + _HEADER:
            return 0
        if data[pos] != _VERSION:
            return -1
        content = int.from_bytes(data[pos + _LENGTH : pos + _PADDING], "big")
        return whole(_HEADER, content + data[pos + _PADDING], limits)

    def packet(self, data: bytes, pos: int, length: int) -> bytes:
        return data[pos : pos + length - data[pos + _PADDING]]
