"""Packet types 1, 2 and 4: a big-endian unsigned length, then that many bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable

from ._family import LONGEST, Counted, Limits

_FORMATS = {1: ">B", 2: ">H", 4: ">I"}


class LengthPrefix(Counted):
    """`header` bytes of length in front of each packet; `packet_size` limits the payload."""

    __slots__ = ("_header", "pack", "unpack")

    def __init__(self, header: int) -> None:
        self._header = header
        form = struct.Struct(_FORMATS[header])
        self.pack: Callable[[int], bytes] = form.pack
        """The header for a length; struct.error for one that does not fit."""
        self.unpack: Callable[[bytes, int], tuple[int]] = form.unpack_from
        """A tuple of the length that stands at a position."""

    def length(self, data: bytes, pos: int, limits: Limits) -> int:
        header = self._header
        if len(data) < pos + header:
            return 0
        payload = self.unpack(data, pos)[0]
        if payload > limits.packet_size > 0 or payload + header > LONGEST:
            return -1
        return payload + header

    def packet(self, data: bytes, pos: int, length: int) -> bytes:
        return data[pos + self._header : pos + length]
