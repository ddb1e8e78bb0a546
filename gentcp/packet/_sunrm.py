"""Packet type sunrm: record marking of ONC RPC (RFC 5531, section 11), fragment by fragment.

A 32-bit big-endian length whose highest bit says that the fragment is the last one; it stays in the packet.
"""

from __future__ import annotations

from ._family import Counted, Limits, whole

_HEADER = 4


class SunRecord(Counted):
    """Delivered with its header; `packet_size` limits what follows that."""

    __slots__ = ()

    def length(self, data: bytes, pos: int, limits: Limits) -> int:
        if len(data) < pos + _HEADER:
            return 0
        return whole(_HEADER, int.from_bytes(data[pos : pos + _HEADER], "big") & 0x7FFFFFFF, limits)
