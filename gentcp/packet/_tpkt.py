"""Packet type tpkt: ISO transport packets on TCP (RFC 1006, section 6).

Four bytes of header: version 3, one reserved, and the length of the whole packet, big-endian.
"""

from __future__ import annotations

from ._family import Counted, Limits, whole

_HEADER = 4
_VERSION = 3
_LENGTH = 2


class Tpkt(Counted):
    """Delivered with its header; `packet_size` limits what follows that."""

    __slots__ = ()

    def length(self, data: bytes, pos: int, limits: Limits) -> int:
        if len(data) < pos + _HEADER:
            return 0
        if data[pos] != _VERSION:
            return -1
        return whole(_HEADER, int.from_bytes(data[pos + _LENGTH : pos + _HEADER], "big") - _HEADER, limits)
