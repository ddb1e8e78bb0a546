"""Packet type cdr: messages of GIOP 1.1, the protocol of CORBA (its specification, part 2, section 9.4.1).

Twelve bytes of header: "GIOP", two of version, flags, the type of the message, and the length of what follows, in the
byte order of the lowest flag (1 is little-endian).
"""

from __future__ import annotations

from typing import Literal

from ._family import Counted, Limits, whole

_HEADER = 12
_MAGIC = b"GIOP"
_FLAGS = 6
_SIZE = 8


class Giop(Counted):
    """Delivered with its header; `packet_size` limits what follows that."""

    __slots__ = ()

    def length(self, data: bytes, pos: int, limits: Limits) -> int:
        if len(data) < pos + _HEADER:
            return 0
        if not data.startswith(_MAGIC, pos):
            return -1
        order: Literal["little", "big"] = "little" if data[pos + _FLAGS] & 1 else "big"
        return whole(_HEADER, int.from_bytes(data[pos + _SIZE : pos + _HEADER], order), limits)
